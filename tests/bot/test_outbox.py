"""The newest version of a message goes out, once; how far it got is kept; failures end loudly."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
import structlog

from bot.channels.base import Handed, Outgoing
from bot.contracts.cards import Action, Card
from bot.contracts.clock import SystemClock, id_source
from bot.contracts.errors import (
    AssistantError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
    UpstreamUnclear,
)
from bot.contracts.feature import Job
from bot.contracts.messages import Message, Target
from bot.jobs.embedded import EmbeddedEngine
from bot.jobs.engine import ProcessDied
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.work import Work
from storage.database import Database, Transaction
from storage.outbox.rows import StoredMessage
from storage.outbox.store import claim_action, find_action, lock_by_key
from tests.waiting import until

NOW = SystemClock().now()


@dataclass(slots=True)
class Paper:
    """A channel that writes down what it is handed, and fails first as often as it is told to."""

    name: str = "paper"
    handed: list[Outgoing] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    troubles: dict[str, list[AssistantError]] = field(default_factory=dict)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, outgoing: Outgoing) -> Handed:
        self.tried.append(outgoing.card.title)
        await self.open.wait()
        if troubles := self.troubles.get(outgoing.card.title):
            raise troubles.pop(0)
        self.handed.append(outgoing)
        return Handed(platform_id=outgoing.platform_id or f"om_{len(self.handed)}")

    @property
    def titles(self) -> list[str]:
        return [outgoing.card.title for outgoing in self.handed]

    async def has(self, count: int) -> None:
        await until(lambda: len(self.handed) >= count)


@dataclass(slots=True)
class Desk:
    """An outbox at work."""

    outbox: Outbox
    database: Database
    engine: EmbeddedEngine
    paper: Paper

    async def send(self, key: str, title: str, chat: str = "c", *actions: Action) -> None:
        async with self.database.begin() as tx:
            await self.put(tx, key, title, chat, *actions)

    async def send_all(self, *titles: str) -> None:
        async with self.database.begin() as tx:
            for title in titles:
                await self.put(tx, title, title)

    async def put(self, tx: Transaction, key: str, title: str, chat: str = "c", *actions: Action) -> None:
        card = Card(title, actions=actions)
        await tx.send(Message(key=key, card=card, to=Target(channel="paper", chat_id=chat)))

    async def message(self, key: str) -> StoredMessage:
        async with self.database.begin() as tx:
            message = await lock_by_key(tx, key)
        assert message is not None
        return message

    async def has_state(self, key: str, state: str) -> StoredMessage:
        async with asyncio.timeout(60):
            while (message := await self.message(key)).state != state:
                await SystemClock().sleep(0.005)
            return message


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    clock, paper = SystemClock(), Paper()
    new_id, tokens = id_source(clock), count()
    engine = EmbeddedEngine(database, clock, new_id)
    outbox = Outbox(
        database,
        [paper],
        clock=clock,
        new_id=new_id,
        new_token=lambda: f"token{next(tokens)}",
        pressed_once=lambda command: command == "同步",
        metrics=Metrics(),
    )
    database.work = Work(engine, outbox)
    engine.register([outbox.task()])
    paper.open.set()
    await engine.start()
    with structlog.testing.capture_logs():
        yield Desk(outbox, database, engine, paper)
        await engine.stop(timedelta(seconds=1))


async def test_a_message_is_handed_over_once_and_remembered(desk: Desk) -> None:
    await desk.send("k", "店铺")
    message = await desk.has_state("k", "accepted")
    assert desk.paper.titles == ["店铺"]
    assert (message.platform_id, message.version, message.sent_version) == ("om_1", 1, 1)


async def test_a_newer_version_replaces_one_that_was_not_sent(desk: Desk) -> None:
    async with desk.database.begin() as tx:
        await desk.put(tx, "k", "正在同步")
        await desk.put(tx, "k", "同步完成")
    await desk.has_state("k", "accepted")
    assert desk.paper.titles == ["同步完成"]


async def test_a_newer_version_edits_the_one_that_was_sent(desk: Desk) -> None:
    await desk.send("k", "正在同步")
    await desk.paper.has(1)
    await desk.send("k", "同步完成")
    await desk.paper.has(2)
    assert [(each.version, each.platform_id) for each in desk.paper.handed] == [(1, ""), (2, "om_1")]


async def test_a_version_written_while_the_earlier_one_is_on_its_way_follows_as_an_edit(desk: Desk) -> None:
    desk.paper.open.clear()
    await desk.send("k", "正在同步")
    await until(lambda: desk.paper.tried == ["正在同步"])
    await desk.send("k", "同步完成")
    desk.paper.open.set()
    await desk.paper.has(2)
    assert [(each.card.title, each.platform_id) for each in desk.paper.handed] == [
        ("正在同步", ""),
        ("同步完成", "om_1"),
    ]


async def test_versions_written_by_two_transactions_at_once_follow_each_other(desk: Desk) -> None:
    """Else the later one would believe itself sent with the earlier."""
    await desk.send("k", "first")
    await desk.paper.has(1)
    async with desk.database.begin() as tx:
        await desk.put(tx, "k", "second")
        third = asyncio.ensure_future(desk.send("k", "third"))
        await asyncio.wait([third], timeout=0.05)
    await third
    await until(lambda: desk.paper.titles[-1] == "third")
    assert (await desk.message("k")).version == 3


async def test_messages_of_a_chat_go_out_in_order(desk: Desk) -> None:
    await desk.send_all(*"abcdefghi")
    await desk.paper.has(9)
    assert desk.paper.titles == [*"abcdefghi"]


@pytest.mark.parametrize(
    ("trouble", "order"),
    [
        (
            UpstreamRateLimited("", platform="paper", operation="send", retry_after=timedelta(milliseconds=50)),
            ["one", "two"],
        ),
        (UpstreamUnavailable("", platform="paper", operation="send"), ["two", "one"]),
    ],
)
async def test_only_a_rate_limit_holds_back_the_later_messages_of_a_chat(
    desk: Desk, trouble: AssistantError, order: list[str]
) -> None:
    desk.paper.troubles["one"] = [trouble]
    await desk.send("k1", "one")
    await until(lambda: desk.paper.tried == ["one"])
    await desk.send("k2", "two")
    await desk.paper.has(2)
    assert desk.paper.titles == order


async def test_trouble_in_one_chat_does_not_hold_up_another(desk: Desk) -> None:
    pause = timedelta(minutes=5)
    desk.paper.troubles["one"] = [UpstreamRateLimited("", platform="paper", operation="send", retry_after=pause)]
    await desk.send("k1", "one", "busy")
    await desk.send("k2", "two", "free")
    await desk.paper.has(1)
    assert desk.paper.titles == ["two"]


@pytest.mark.parametrize("detail", ["no such chat", "nothing \0 here", "half a pair \ud800"])
async def test_a_refused_message_is_kept_as_failed_with_the_reason(desk: Desk, detail: str) -> None:
    desk.paper.troubles["k"] = [UpstreamRejected(detail, platform="paper", operation="send", platform_code="230002")]
    await desk.send("k", "k")
    message = await desk.has_state("k", "failed")
    assert message.error.startswith(f"UpstreamRejected: {detail[:4]}")


async def test_a_message_of_unknown_outcome_is_not_repeated_blindly(desk: Desk) -> None:
    desk.paper.troubles["k"] = [UpstreamUnclear("", platform="paper", operation="send", code="outcome_unknown")]
    await desk.send("k", "k")
    await desk.has_state("k", "unknown")
    await desk.send("next", "next")
    await desk.paper.has(1)
    assert desk.paper.tried == ["k", "next"]


async def test_the_outcome_of_a_send_that_died_with_its_process_is_unknown(desk: Desk) -> None:
    desk.paper.open.clear()
    await desk.send("k", "k")
    message = await desk.has_state("k", "queued")
    job = Job(id="J", task="send", key="k", payload={"message": message.id}, attempt=1, first_started_at=NOW)
    last_words = desk.outbox.task().on_giving_up
    assert last_words is not None
    effect = last_words(job, ProcessDied("in 10 starts"))
    assert effect is not None
    async with desk.database.begin() as tx:
        await effect(tx)
    assert (await desk.message("k")).state == "unknown"


async def test_a_newer_version_of_a_failed_message_goes_out(desk: Desk) -> None:
    desk.paper.troubles["old"] = [UpstreamRejected("no", platform="paper", operation="send", platform_code="1")]
    await desk.send("k", "old")
    await desk.has_state("k", "failed")
    await desk.send("k", "new")
    message = await desk.has_state("k", "accepted")
    assert (desk.paper.titles, message.error) == (["new"], "")


async def test_each_button_gets_a_token_of_its_own_with_what_it_stands_for(desk: Desk) -> None:
    await desk.send("k", "k", "c", Action("同步", "同步"), Action("再看", "店铺"))
    await desk.paper.has(1)
    tokens = list(desk.paper.handed[0].card.actions)
    async with desk.database.read() as reader:
        stored = [await find_action(reader, each.token) for each in tokens]
    assert [(each.command, each.once) for each in stored if each] == [("同步", True), ("店铺", False)]


@pytest.fixture
def press(desk: Desk) -> Callable[[str], "asyncio.Future[bool]"]:
    async def claim(who: str) -> bool:
        async with desk.database.begin() as tx:
            now = SystemClock().now()
            return await claim_action(tx, "token0", event_id=who, name=who, now=now)

    return lambda who: asyncio.ensure_future(claim(who))


async def test_of_many_who_press_at_once_one_is_first(
    desk: Desk, press: Callable[[str], "asyncio.Future[bool]"]
) -> None:
    await desk.send("k", "k", "c", Action("同步", "同步"))
    answers = await asyncio.gather(*(press(f"person {number}") for number in range(20)))
    assert sorted(answers) == [False] * 19 + [True]
    async with desk.database.read() as reader:
        action = await find_action(reader, "token0")
    assert action is not None
    assert action.claimed_name == f"person {answers.index(True)}"
