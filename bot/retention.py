"""What is no longer needed goes, in small bites, every night."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.contracts.clock import Clock
from bot.contracts.feature import Job, Schedule, Task
from storage.alerts.store import forget_watches
from storage.catalog.stock_days import forget_stock_days
from storage.database import Database, Transaction
from storage.inbox.store import forget_bodies, forget_keys
from storage.jobs.store import forget_done_jobs
from storage.matters.silences import forget_silences
from storage.matters.store import forget_matters
from storage.orders.events import forget_event_bodies
from storage.outbox.handovers import forget_handovers
from storage.outbox.store import forget_actions, forget_cards
from storage.people.acts import forget_acts
from storage.people.store import forget_pairing_codes, forget_pairing_tries, forget_strangers
from storage.rates.store import forget_rate_buckets
from storage.subscriptions.store import forget_subscriptions

_TASK = "retention"
RETENTION_SCHEDULE = Schedule(name="retention", task=_TASK, cron="10 4 * * *")
_BITE = 500

_Forget = Callable[[Transaction, datetime], Awaitable[int]]

_log = structlog.get_logger("retention")


def retention_task(database: Database, clock: Clock) -> Task:
    """The nightly job.

    Rate limits not in use are kept a day, strangers 2, keys 7, bodies and cards 30, stock and matters
    400, the audit log two years.
    """

    async def run(_job: Job) -> None:
        now = clock.now()
        for name, age, forget in _rules():
            count = await _forget_all(database, forget, now - age)
            _log.info("forgotten", what=name, rows=count)

    return Task(name=_TASK, run=run, at_once=1)


def _rules() -> tuple[tuple[str, timedelta, _Forget], ...]:
    week, month, years = timedelta(days=7), timedelta(days=30), timedelta(days=730)
    day = timedelta(days=1)
    return (
        ("event keys", week, lambda tx, before: forget_keys(tx, before=before, limit=_BITE)),
        ("jobs", week, lambda tx, before: forget_done_jobs(tx, before=before, limit=_BITE)),
        ("buttons", week, lambda tx, before: forget_actions(tx, before=before, limit=_BITE)),
        ("pairing codes", day, lambda tx, before: forget_pairing_codes(tx, before=before, limit=_BITE)),
        ("pairing tries", day, lambda tx, before: forget_pairing_tries(tx, before=before, limit=_BITE)),
        ("rate limits", day, lambda tx, before: forget_rate_buckets(tx, before=before, limit=_BITE)),
        ("strangers", 2 * day, lambda tx, before: forget_strangers(tx, before=before, limit=_BITE)),
        ("event bodies", month, lambda tx, before: forget_bodies(tx, before=before, limit=_BITE)),
        ("order events", month, lambda tx, before: forget_event_bodies(tx, before=before, limit=_BITE)),
        ("cards", month, lambda tx, before: forget_cards(tx, before=before, limit=_BITE)),
        ("subscriptions", month, lambda tx, before: forget_subscriptions(tx, before=before, limit=_BITE)),
        ("silences", month, lambda tx, before: forget_silences(tx, before=before, limit=_BITE)),
        ("alarm rules", 400 * day, lambda tx, before: forget_watches(tx, before=before, limit=_BITE)),
        ("matters", 400 * day, lambda tx, before: forget_matters(tx, before=before, limit=_BITE)),
        ("hand-overs", month, lambda tx, before: forget_handovers(tx, before=before, limit=_BITE)),
        ("stock days", 400 * day, lambda tx, before: forget_stock_days(tx, before=before.date(), limit=_BITE)),
        ("audit log", years, lambda tx, before: forget_acts(tx, before=before, limit=_BITE)),
    )


async def _forget_all(database: Database, forget: _Forget, before: datetime) -> int:
    total = 0
    while True:
        async with database.begin() as tx:
            count = await forget(tx, before)
        total += count
        if count < _BITE:
            return total
