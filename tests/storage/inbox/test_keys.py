"""An event is stored once, whatever key it comes back under, in whatever order and company."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.contracts.events import Event
from storage.database import Database
from storage.inbox.store import add_events, load_event
from storage.inbox.tables import inbox

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
_NUMBERS = count(1)

Keys = Sequence[str]
KEY_SETS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3, unique=True)
COMMITS = st.lists(st.lists(KEY_SETS, min_size=1, max_size=6), min_size=1, max_size=5)


def an_event(keys: Keys, *, channel: str = "feishu", at: datetime = NOW, text: str = "店铺") -> Event:
    """A new delivery, under an id of its own."""
    number = next(_NUMBERS)
    return Event(
        id=f"E{number:08}", channel=channel, keys=tuple(keys), kind="message", received_at=at, written_at=at, text=text
    )


async def deliver(database: Database, *events: Event) -> list[str | None]:
    """Store them in one commit."""
    async with database.begin() as tx:
        return await add_events(tx, events, outcomes=["queued"] * len(events))


async def stored(database: Database, channel: str) -> list[str]:
    async with database.read() as reader:
        rows = await reader.execute(select(inbox.c.id).where(inbox.c.channel == channel).order_by(inbox.c.id))
        return list(rows.scalars().all())


def first_seen(deliveries: Sequence[Event]) -> list[str]:
    """By the book: an event is new if none of its keys was ever delivered."""
    seen: set[str] = set()
    new = []
    for event in deliveries:
        if seen.isdisjoint(event.keys):
            new.append(event.id)
        seen.update(event.keys)
    return new


@pytest.fixture
async def reopened(database_url: str) -> AsyncIterator[Database]:
    """The database as the next process finds it."""
    database = Database(database_url)
    yield database
    await database.close()


@given(commits=COMMITS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_stored_does_not_depend_on_grouping_or_repeats(
    database: Database, commits: list[list[Keys]]
) -> None:
    channel = f"channel {next(_NUMBERS)}"
    groups = [[an_event(keys, channel=channel) for keys in commit] for commit in commits]
    answers = [answer for group in groups for answer in await deliver(database, *group)]
    events = [event for group in groups for event in group]
    assert await stored(database, channel) == first_seen(events)
    assert [event.id for event, answer in zip(events, answers, strict=True) if answer is None] == first_seen(events)


@pytest.mark.parametrize("again", [("m1", "e1"), ("m1", "e2"), ("m2", "e1")])
async def test_a_repeat_under_either_key_names_the_event_it_repeats(database: Database, again: Keys) -> None:
    first = an_event(("m1", "e1"))
    await deliver(database, first)
    assert await deliver(database, an_event(again)) == [first.id]


async def test_two_repeats_in_one_commit_are_stored_once(database: Database) -> None:
    first = an_event(("m1", "e1"))
    assert await deliver(database, first, an_event(("m1", "e1")), an_event(("m1", "e2"))) == [None, first.id, first.id]


async def test_the_same_key_on_another_channel_is_another_event(database: Database) -> None:
    await deliver(database, an_event(("m1",), channel="feishu"))
    assert await deliver(database, an_event(("m1",), channel="web")) == [None]


@pytest.mark.parametrize("later", [timedelta(hours=7), timedelta(days=6, hours=23)])
async def test_the_same_event_hours_later_and_after_a_restart_is_a_repeat(
    database: Database, reopened: Database, later: timedelta
) -> None:
    first = an_event(("m1", "e1"))
    await deliver(database, first)
    await database.close()
    assert await deliver(reopened, an_event(("m1", "e1"), at=NOW + later)) == [first.id]


async def test_an_event_of_a_commit_that_failed_may_come_again(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as tx:
            await add_events(tx, [an_event(("m1",))], outcomes=["queued"])
            raise ZeroDivisionError
    assert await deliver(database, an_event(("m1",))) == [None]


async def test_a_large_burst_of_repeats_is_told_apart_in_one_commit(database: Database) -> None:
    first = [an_event((f"m{number}", f"e{number}")) for number in range(700)]
    await deliver(database, *first)
    repeats = [an_event((f"m{number}", f"x{number}")) for number in range(800)]
    answers = await deliver(database, *repeats)
    assert answers == [event.id for event in first] + [None] * 100


@pytest.mark.parametrize("text", ["店铺 😀", "nothing \0 here", "'; DROP TABLE inbox; --", "长" * 20_000])
async def test_an_event_is_read_back_as_it_was_received(database: Database, text: str) -> None:
    event = an_event(("m1",), text=text)
    await deliver(database, event)
    async with database.read() as reader:
        assert await load_event(reader, event.id) == event
