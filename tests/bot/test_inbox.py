"""An event is acknowledged once it is on disk and its handling is queued; what cannot be stored fails alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import structlog

from bot.contracts.clock import SystemClock, id_source
from bot.contracts.events import Event
from bot.contracts.feature import Job, Task
from bot.inbox import EVENT_TASK, Inbox, Press, Receipt
from bot.jobs.embedded import EmbeddedEngine
from bot.metrics import Metrics
from storage.database import Database, Transaction
from storage.inbox.store import find_event
from tests.waiting import until

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
_NUMBERS = count(1)


class Opened:
    """An inbox whose events are handled by writing them down. Every press is accepted but those of "taken"."""

    def __init__(self, database: Database) -> None:
        self.handled: list[str] = []
        self.engine = EmbeddedEngine(database, SystemClock(), id_source(SystemClock()))
        self.engine.register([Task(name=EVENT_TASK, run=self._handle, at_once=64)])
        self._inbox = Inbox(self.engine, self._claim, Metrics())

    async def receive(self, *events: Event) -> list[Receipt | BaseException]:
        return await asyncio.gather(*map(self._inbox.receive, events), return_exceptions=True)

    async def has_handled(self, count: int) -> None:
        await until(lambda: len(self.handled) >= count)

    async def _handle(self, job: Job) -> None:
        self.handled.append(str(job.payload["event"]))

    async def _claim(self, _tx: Transaction, event: Event) -> Press:
        return Press("taken" if event.action_token == "taken" else "accepted")


@pytest.fixture
async def inbox(database: Database) -> AsyncIterator[Opened]:
    opened = Opened(database)
    await opened.engine.start()
    with structlog.testing.capture_logs():
        yield opened
        await opened.engine.stop(timedelta(seconds=1))


def an_event(**changes: object) -> Event:
    number = next(_NUMBERS)
    event = Event(
        id=f"E{number:08}",
        channel="feishu",
        keys=(f"m{number}", f"e{number}"),
        kind="message",
        received_at=NOW,
        written_at=NOW,
        chat_id="oc_1",
        text="店铺",
    )
    return replace(event, **changes)  # type: ignore[arg-type]


async def test_an_event_is_stored_and_handled_once_however_often_it_is_delivered(inbox: Opened) -> None:
    event = an_event()
    again = [replace(event, id=f"{event.id}-{number}") for number in range(5)]
    receipts = await inbox.receive(event, *again[:2])
    await inbox.has_handled(1)
    receipts += await inbox.receive(*again[2:])
    await inbox.receive(last := an_event())
    await inbox.has_handled(2)
    assert receipts == [Receipt(event.id), *[Receipt(event.id, duplicate=True)] * 5]
    assert inbox.handled == [event.id, last.id]


@pytest.mark.parametrize(
    ("changes", "is_handled"),
    [
        ({"addressed": False}, False),
        ({"addressed": False, "parent_id": "om_1"}, True),
        ({"kind": "action", "action_token": "free"}, True),
        ({"kind": "action", "action_token": "taken"}, False),
        ({"kind": "legacy"}, False),
        ({"kind": "unknown"}, False),
        ({"kind": "joined"}, True),
    ],
)
async def test_only_what_concerns_the_bot_is_handled(
    inbox: Opened, database: Database, changes: dict[str, object], is_handled: bool
) -> None:
    await inbox.receive(event := an_event(**changes), last := an_event())
    await inbox.has_handled(1 + is_handled)
    async with database.read() as reader:
        stored = await find_event(reader, event.id)
    assert sorted(inbox.handled) == [event.id] * is_handled + [last.id]
    assert stored is not None


async def test_a_burst_is_handled_whole_and_in_the_order_of_each_chat(inbox: Opened) -> None:
    """Accepting comes first while it lasts; then everything is handled."""
    burst = [an_event(chat_id=f"oc_{number % 20}") for number in range(600)]
    receipts = await inbox.receive(*burst)
    await inbox.has_handled(600)
    asked = {f"oc_{chat}": [event.id for event in burst if event.chat_id == f"oc_{chat}"] for chat in range(20)}
    chats = {event.id: event.chat_id for event in burst}
    handled = {chat: [event for event in inbox.handled if chats[event] == chat] for chat in asked}
    assert receipts == [Receipt(event.id) for event in burst]
    assert handled == asked


POSTGRES_ONLY = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


async def test_one_event_that_cannot_be_stored_fails_alone(inbox: Opened) -> None:
    await expect_only_the_middle_one_to_fail(inbox, an_event(chat_id="half a pair \ud800"))


@POSTGRES_ONLY
async def test_one_event_that_postgres_cannot_store_fails_alone(inbox: Opened) -> None:
    await expect_only_the_middle_one_to_fail(inbox, an_event(chat_id="nothing \0 here"))


async def expect_only_the_middle_one_to_fail(inbox: Opened, poisoned: Event) -> None:
    before, after = [an_event() for _ in range(4)], [an_event() for _ in range(4)]
    receipts = await inbox.receive(*before, poisoned, *after)
    assert [isinstance(receipt, Receipt) for receipt in receipts] == [True] * 4 + [False] + [True] * 4
    await inbox.has_handled(8)
    assert inbox.handled == [event.id for event in (*before, *after)]
