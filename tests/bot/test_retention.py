"""What is no longer needed goes every night, in bites; what is still needed stays."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, func, insert, select

from bot.contracts.cards import Card
from bot.contracts.events import Event
from bot.contracts.feature import Job
from bot.inbox import EVENT_TASK
from bot.outbox import SEND_TASK
from bot.retention import retention_task
from storage.database import Database
from storage.inbox.store import add_events, find_event, forget_bodies, load_event
from storage.inbox.tables import inbox_keys
from storage.jobs.tables import DEAD, DONE, WAITING, jobs
from storage.outbox.rows import StoredAction
from storage.outbox.store import add_actions, add_message, find_action, forget_cards, load_message
from storage.people.acts import record_act
from storage.people.rows import Act
from storage.people.store import add_pairing_code, may_answer_stranger, record_wrong_code
from storage.people.tables import audit, pairing_codes, pairing_tries, strangers
from storage.rates.tables import rate_buckets
from storage.subscriptions.tables import subscriptions
from tests.bot.console.world import stored_message

NOW = datetime(2026, 3, 2, 4, 10, tzinfo=UTC)


class StandingClock:
    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


async def run(database: Database) -> None:
    """One night."""
    task = retention_task(database, StandingClock())
    job = Job(id="J", task=task.name, key="tick", payload={}, attempt=1, first_started_at=NOW)
    await task.run(job)


def an_event(number: int, age: timedelta) -> Event:
    at = NOW - age
    return Event(
        id=f"E{number}",
        channel="feishu",
        keys=(f"k{number}",),
        kind="message",
        received_at=at,
        written_at=at,
        text="你好",
    )


def a_job(number: int, age: timedelta, *, task: str = EVENT_TASK, state: int = DONE) -> dict[str, object]:
    at = NOW - age
    zeros = dict.fromkeys(("attempt", "starts"), 0)
    moments = dict.fromkeys(("run_at", "due_at", "first_started_at", "finished_at"), at)
    key = f"{task}:{number}"
    return (
        {"id": f"J{number}", "key": key, "task": task, "payload": {}, "state": state, "error": ""}
        | moments
        | zeros
        | {"holds_lane": False}
    )


async def store_jobs(database: Database, rows: Iterable[dict[str, object]]) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(jobs), list(rows))


async def count(database: Database, table: Table) -> int:
    async with database.read() as reader:
        return int((await reader.execute(select(func.count()).select_from(table))).scalar_one())


@pytest.mark.parametrize(("days", "left"), [(6.9, 1), (7.1, 0)])
async def test_event_keys_are_kept_seven_days(database: Database, days: float, left: int) -> None:
    async with database.begin() as tx:
        await add_events(tx, [an_event(1, timedelta(days=days))], outcomes=["queued"])
    await run(database)
    assert await count(database, inbox_keys) == left


async def test_bodies_are_kept_thirty_days_and_the_event_stays_traceable(database: Database) -> None:
    events = [an_event(1, timedelta(days=31)), an_event(2, timedelta(days=29))]
    async with database.begin() as tx:
        await add_events(tx, events, outcomes=["queued", "queued"])
    await run(database)
    async with database.read() as reader:
        bodies = [await load_event(reader, event.id) for event in events]
        old = await find_event(reader, "E1")
    assert [body and body.text for body in bodies] == [None, "你好"]
    assert old is not None
    assert old.text == ""


async def test_more_than_one_bite_of_finished_jobs_goes(database: Database) -> None:
    await store_jobs(database, (a_job(number, timedelta(days=8)) for number in range(1203)))
    await run(database)
    assert await count(database, jobs) == 0


@pytest.mark.parametrize("task", ["sync.start", "sync.pull", "sync.show", "system.round_trip", "retention", SEND_TASK])
async def test_finished_work_of_every_kind_goes_after_a_week(database: Database, task: str) -> None:
    await store_jobs(database, [a_job(1, timedelta(days=8), task=task), a_job(2, timedelta(days=6), task=task)])
    await run(database)
    assert await count(database, jobs) == 1


@pytest.mark.parametrize(("hours", "left"), [(47, 1), (49, 0)])
async def test_strangers_are_forgotten_after_two_days(database: Database, hours: int, left: int) -> None:
    async with database.begin() as tx:
        await may_answer_stranger(tx, channel="feishu", external_id="ou_x", now=NOW - timedelta(hours=hours))
    await run(database)
    assert await count(database, strangers) == left


@pytest.mark.parametrize(("hours", "left"), [(23, 1), (25, 0)])
async def test_idle_rate_limits_are_forgotten_after_a_day(database: Database, hours: int, left: int) -> None:
    async with database.begin() as tx:
        row = {"key": "app", "limits": {}, "idle_at": NOW - timedelta(hours=hours)}
        await tx.execute(insert(rate_buckets), [row])
    await run(database)
    assert await count(database, rate_buckets) == left


@pytest.mark.parametrize(("hours", "left"), [(23, 1), (25, 0)])
async def test_pairing_codes_and_tries_are_forgotten_after_a_day(database: Database, hours: int, left: int) -> None:
    at = NOW - timedelta(hours=hours)
    async with database.begin() as tx:
        await add_pairing_code(tx, code="A", role="viewer", now=at, life=timedelta())
        await record_wrong_code(tx, "feishu", "ou_x", now=at)
    await run(database)
    assert (await count(database, pairing_codes), await count(database, pairing_tries)) == (left, left)


@pytest.mark.parametrize(
    "row",
    [
        a_job(1, timedelta(days=6)),
        a_job(1, timedelta(days=6), task=SEND_TASK),
        a_job(1, timedelta(days=800), state=DEAD),
        a_job(1, timedelta(days=800), state=WAITING),
    ],
)
async def test_a_job_that_is_young_waits_or_is_a_dead_letter_stays(database: Database, row: dict[str, object]) -> None:
    await store_jobs(database, [row])
    await run(database)
    assert await count(database, jobs) == 1


async def test_cards_are_kept_thirty_days_and_the_message_stays_known(database: Database) -> None:
    async with database.begin() as tx:
        await add_message(tx, stored_message(Card("老"), "c", "M1", 1, NOW - timedelta(days=31)))
        await add_message(tx, stored_message(Card("新"), "c", "M2", 1, NOW - timedelta(days=29)))
    await run(database)
    async with database.read() as reader:
        messages = [await load_message(reader, message_id) for message_id in ("M1", "M2")]
    assert [message and message.card.title for message in messages] == ["", "新"]


async def test_what_was_forgotten_once_is_not_forgotten_every_night(database: Database) -> None:
    async with database.begin() as tx:
        await add_events(tx, [an_event(1, timedelta(days=31))], outcomes=["queued"])
        await add_message(tx, stored_message(Card("老"), "c", "M1", 1, NOW - timedelta(days=31)))
    await run(database)
    async with database.begin() as tx:
        assert await forget_bodies(tx, before=NOW, limit=500) + await forget_cards(tx, before=NOW, limit=500) == 0


async def test_buttons_go_a_week_after_they_expired(database: Database) -> None:
    def a_button(token: str, expired: timedelta) -> StoredAction:
        return StoredAction(
            token=token,
            message_id="M1",
            content_hash="",
            command="状态",
            label="状态",
            once=False,
            asker_id="",
            expires_at=NOW - expired,
        )

    async with database.begin() as tx:
        await add_actions(tx, [a_button("old", timedelta(days=8)), a_button("young", timedelta(days=6))], version=1)
    await run(database)
    async with database.read() as reader:
        assert await find_action(reader, "old") is None
        assert await find_action(reader, "young") is not None


@pytest.mark.parametrize(("days", "left"), [(729, 1), (731, 0)])
async def test_the_audit_log_is_kept_two_years(database: Database, days: int, left: int) -> None:
    rest = dict.fromkeys(("person_id", "channel", "chat_id", "sender_id", "event_id", "command", "arguments"), "")
    async with database.begin() as tx:
        await record_act(tx, Act(id="A1", at=NOW - timedelta(days=days), outcome="answered", **rest))
    await run(database)
    assert await count(database, audit) == left


async def test_subscriptions_go_thirty_days_after_they_ended_but_for_the_newest(database: Database) -> None:
    ended_at = NOW - timedelta(days=31)
    row = dict.fromkeys(
        ("person_id", "sender_id", "channel", "chat_id", "chat_kind", "plan", "line", "last_outcome"), "x"
    )
    ended = {"state": "ended", "created_at": ended_at, "changed_at": ended_at}
    async with database.begin() as tx:
        await tx.execute(insert(subscriptions), [row | ended | {"number": number} for number in (1, 2)])
    await run(database)
    async with database.read() as reader:
        assert (await reader.execute(select(subscriptions.c.number))).scalars().all() == [2]
