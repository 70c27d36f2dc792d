"""Long lists in Feishu follow their card as a file: once, in the same thread, with all rows."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from bot.contracts.cards import Card, Table
from bot.contracts.messages import Message, Target
from integrations.feishu.simulator import SentMessage
from integrations.http.simulation import Weather
from storage.outbox.store import chat_messages
from tests.bot.heavy.reading import cells
from tests.scenarios.stage import ADMIN, TEAM, Stage


async def the_list(stage: Stage) -> Table:
    """The restock list as a card shows it, with all its rows."""
    shown = await stage.ask("补货")
    async with stage.app.database.read() as reader:
        (answer,) = await chat_messages(reader, "feishu", shown.message.chat_id, limit=1)
    return next(block for block in answer.card.blocks if isinstance(block, Table))


async def tell(stage: Stage, table: Table, *, key: str = "told", title: str = "库存") -> list[SentMessage]:
    """Send a card of our own to a person; what their chat with the bot holds then."""
    to = Target(channel="feishu", chat_id=ADMIN)
    async with stage.app.database.begin() as tx:
        await tx.send(Message(key=key, card=Card(title, blocks=(table,)), to=to))
    await stage.settled()
    return in_chat(stage)


def in_chat(stage: Stage) -> list[SentMessage]:
    """The card of our own and what hangs on it."""
    card = next(each for each in stage.sent() if each.chat_id == ADMIN)
    return [card, *(each for each in stage.sent() if each.parent_id == card.message_id)]


def a_part(whole: Table) -> Table:
    return replace(whole, rows=whole.rows[:2], more="补货 #2")


def file_of(stage: Stage, message: SentMessage) -> Any:
    return stage.feishu.uploads.files[orjson.loads(message.content)["file_key"]]


async def test_a_list_of_which_a_part_is_shown_follows_whole_in_its_thread(stage: Stage) -> None:
    whole = await the_list(stage)
    card, document = await tell(stage, a_part(whole))
    assert ([card.msg_type, document.msg_type], document.parent_id) == (["interactive", "file"], card.message_id)
    file = file_of(stage, document)
    assert (file.name, file.file_type, len(cells(file.content)) - 1) == ("库存.xlsx", "xls", whole.total)


async def test_a_subscribed_list_follows_whole_as_the_subscriber_may_see_it(stage: Stage) -> None:
    part = a_part(await the_list(stage))
    made = await stage.ask("订阅 每天 9:00 补货", chat_id=TEAM, is_group=True)
    await stage.press(made, "现在跑 #1")
    await stage.first(lambda shown: any(line.startswith("订阅 #1 · ") for line in shown.lines))
    async with stage.app.database.read() as reader:
        sent = await chat_messages(reader, "feishu", TEAM, limit=9)
    card = next(each.card for each in sent if each.card.reader_id)
    async with stage.app.database.begin() as tx:
        to = Target(channel="feishu", chat_id=TEAM)
        await tx.send(Message(key="longer", card=replace(card, blocks=(part,)), to=to))
    await stage.until(lambda: any(each.msg_type == "file" for each in stage.sent()))
    (document,) = [each for each in stage.sent() if each.msg_type == "file"]
    assert len(cells(file_of(stage, document).content)) - 1 == part.total


async def test_a_list_that_is_shown_whole_needs_no_file(stage: Stage) -> None:
    await the_list(stage)
    assert [each.msg_type for each in stage.sent()] == ["interactive"]


async def test_a_newer_version_of_the_card_repeats_no_file(stage: Stage) -> None:
    part = a_part(await the_list(stage))
    await tell(stage, part)
    card, document = await tell(stage, part, title="库存，新")
    assert (len(card.edits), document.msg_type, len(stage.feishu.uploads.files)) == (1, "file", 1)


@pytest.mark.parametrize(
    "weather",
    [
        Weather(operation="upload", status=503, times=2),
        Weather(operation="upload", status=429, retry_after=2, times=2),
        Weather(operation="reply", drop=True, handled=True),
    ],
    ids=["503", "429", "lost answer"],
)
async def test_what_fails_for_now_is_tried_again_and_doubles_nothing(stage: Stage, weather: Weather) -> None:
    part = a_part(await the_list(stage))
    stage.feishu.set_weather(weather)
    card, document = await tell(stage, part)
    assert (card.edits, document.msg_type) == ((), "file")


@pytest.mark.parametrize("code", [234006, 99991672])
async def test_a_file_that_is_refused_is_told_once_and_the_card_stands(stage: Stage, code: int) -> None:
    part = a_part(await the_list(stage))
    stage.feishu.next_code(code, "upload")
    await tell(stage, part)
    card, told = await tell(stage, part, title="库存，新")
    assert (len(card.edits), told.msg_type, "网页对话" in told.content) == (1, "text", True)


async def test_a_file_that_is_too_large_is_told(stage: Stage) -> None:
    stage.feishu.uploads.largest = 10
    _, told = await tell(stage, a_part(await the_list(stage)))
    assert "太大" in told.content
