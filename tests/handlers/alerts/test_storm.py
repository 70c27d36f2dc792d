"""Causes that flap all night, on real databases: what each of them makes people read (``make faults`` takes 200)."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from handlers.alerts.jobs import apply
from handlers.alerts.rules import CALM, Seen
from storage.database import Database
from storage.matters.rows import NewMatter
from storage.matters.store import list_entries, list_unsettled
from tests.storage.matters.work import Submitted

EVENING = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAUSES = 60
LOOKS = 60  # every five minutes for five hours
CAUSE_NAMES = [f"dead_letters:{number}" for number in range(CAUSES)]


def flapping(chance: random.Random) -> Iterator[bool]:
    """There for up to a quarter of an hour, away for up to ten minutes, and there again."""
    while True:
        yield from [True] * chance.randint(1, 3)
        yield from [False] * chance.randint(0, 2)


def findings(now_there: Iterable[tuple[str, bool]]) -> tuple[NewMatter, ...]:
    names = [name for name, is_there in now_there if is_there]
    return tuple(NewMatter(kind="dead_letters", fingerprint=name, details={"count": "1"}) for name in names)


async def look(database: Database, at: datetime, found: tuple[NewMatter, ...]) -> None:
    async with database.begin() as tx:
        await apply(tx, Seen(found, frozenset({"dead_letters"})), (), at)


async def live_through(database: Database, start: datetime) -> datetime:
    """Let the night pass; when it ends."""
    causes = {name: flapping(random.Random(name)) for name in CAUSE_NAMES}
    for number in range(LOOKS):
        there = findings((name, next(cause)) for name, cause in causes.items())
        await look(database, start + number * timedelta(minutes=5), there)
    return start + LOOKS * timedelta(minutes=5)


async def test_every_cause_opens_once_and_closes_once_however_it_flaps(database: Database) -> None:
    work = Submitted()
    database.work = work
    morning = await live_through(database, EVENING)
    await look(database, morning, ())
    await look(database, morning + 200 * CALM, ())
    async with database.read() as reader:
        assert await list_unsettled(reader) == ()
        told = [await list_entries(reader, number) for number in range(1, CAUSES + 1)]
    kinds = Counter(entry.kind for entries in told for entry in entries)
    assert kinds == {"opened": CAUSES, "closed": CAUSES}
    assert len([key for key in work.keys if key.endswith(":opened")]) == CAUSES
