"""Charts as pictures and long lists as spreadsheets in WhatsApp: each once, in order, or a plain word instead."""

from dataclasses import replace

import pytest

from bot.contracts.cards import Card, Column, Table
from bot.contracts.messages import Message, Target
from integrations.http.simulation import Weather
from integrations.whatsapp.simulator import SentMessage
from storage.outbox.store import chat_messages
from tests.bot.heavy.reading import cells
from tests.scenarios.phone import ADMIN, ask, seen, states, write
from tests.scenarios.stage import Stage

LONG = Table((Column("SKU"), Column("件", "number")), tuple((f"S-{n}", n) for n in range(50)), 50)


def kinds(stage: Stage) -> list[str]:
    return [each.kind for each in seen(stage)]


def sheet(stage: Stage, message: SentMessage) -> list[list[str]]:
    return cells(stage.whatsapp.media[message.content["id"]].content)


async def ask_for_a_chart(stage: Stage) -> None:
    """An answer of three parts: a text, its choices, a picture."""
    await write(stage, "补货")
    await stage.settled()


async def tell(stage: Stage, table: Table) -> list[SentMessage]:
    """Send a card of our own to somebody who wrote just now; what arrived."""
    await ask(stage, "帮助")
    before = len(seen(stage))
    card = Card("库存", blocks=(table,))
    async with stage.app.database.begin() as tx:
        await tx.send(Message(key="told", card=card, to=Target(channel="whatsapp", chat_id=ADMIN)))
    await stage.settled()
    return seen(stage)[before:]


async def forget_that_it_left(stage: Stage) -> None:
    """As if the process had died before it wrote down what it sent, and started again."""
    await stage.execute(
        "UPDATE messages SET sent_version = 0, state = 'queued' WHERE channel = 'whatsapp'",
        "UPDATE jobs SET state = 0 WHERE task = 'send'",
    )
    await stage.restart()
    await stage.settled()


async def until_read(stage: Stage) -> None:
    async def is_read() -> bool:
        return set(await states(stage)) == {"read"}

    await stage.until_true(is_read)


async def test_a_chart_follows_the_text_as_a_picture(stage: Stage) -> None:
    await ask_for_a_chart(stage)
    text, choices, picture = seen(stage)
    assert ([text.kind, choices.kind, picture.kind], picture.text) == (
        ["text", "interactive", "image"],
        "最急的还能卖几天",
    )
    assert stage.whatsapp.media[picture.content["id"]].content.startswith(b"\x89PNG")
    assert (bool(text.quotes), choices.quotes, picture.quotes) == (True, "", "")
    await until_read(stage)


async def test_a_list_longer_than_its_text_follows_as_a_spreadsheet(stage: Stage) -> None:
    text, document = await tell(stage, LONG)
    assert "共 50 行，这里是前 20 行" in text.text
    assert (document.kind, document.content["filename"]) == ("document", "库存.xlsx")
    assert sheet(stage, document) == [["SKU", "件"], *[[f"S-{n}", str(n)] for n in range(50)]]


async def test_a_list_of_which_a_command_shows_the_rest_is_read_again_in_full(stage: Stage) -> None:
    await ask_for_a_chart(stage)
    async with stage.app.database.read() as reader:
        (answer,) = await chat_messages(reader, "whatsapp", ADMIN, limit=1)
    whole = next(block for block in answer.card.blocks if isinstance(block, Table))
    _, document = (await tell(stage, replace(whole, rows=whole.rows[:2], more="补货 #2")))[-2:]
    rows = sheet(stage, document)
    assert (len(rows) - 1, rows[0]) == (whole.total, [column.title for column in whole.columns])


async def test_a_command_that_shows_another_list_gives_no_file(stage: Stage) -> None:
    (text,) = await tell(stage, replace(LONG, rows=LONG.rows[:2], more="死信"))
    assert "其余：死信" in text.text


async def test_a_crash_after_all_parts_doubles_none(stage: Stage) -> None:
    await ask_for_a_chart(stage)
    await forget_that_it_left(stage)
    assert kinds(stage) == ["text", "interactive", "image"]


async def test_a_crash_between_the_parts_sends_only_what_is_missing(stage: Stage) -> None:
    await ask_for_a_chart(stage)
    await stage.execute("DELETE FROM handovers WHERE id LIKE '%-f0'")
    await forget_that_it_left(stage)
    assert kinds(stage) == ["text", "interactive", "image", "image"]


@pytest.mark.parametrize(
    "weather",
    [
        Weather(operation="upload", drop=True, times=2),
        Weather(operation="upload", status=503, times=2),
        Weather(operation="upload", status=429, retry_after=2, times=2),
        Weather(operation="upload", status=400, body={"error": {"code": 80007, "message": "calls"}}),
    ],
    ids=["dropped", "503", "429", "80007"],
)
async def test_an_upload_that_fails_for_now_is_tried_again_and_doubles_nothing(stage: Stage, weather: Weather) -> None:
    stage.whatsapp.set_weather(weather)
    await ask_for_a_chart(stage)
    assert kinds(stage) == ["text", "interactive", "image"]


async def test_an_upload_without_a_valid_token_is_a_dead_letter_with_its_reason(stage: Stage) -> None:
    stage.whatsapp.next_code(190, "upload", status=401)
    await ask_for_a_chart(stage)
    assert (kinds(stage), await states(stage)) == (["text", "interactive"], ["failed"])
    assert "190" in (await stage.ask("死信")).text


async def test_a_file_that_is_too_large_is_explained(stage: Stage) -> None:
    stage.whatsapp.uploads.largest["image"] = 10
    await ask_for_a_chart(stage)
    *_, told = seen(stage)
    assert (told.kind, "太大" in told.text, "网页对话" in told.text, "可售天数" in told.text) == (
        "text",
        True,
        True,
        True,
    )
    await until_read(stage)


async def test_a_list_that_is_too_large_as_a_file_comes_as_text(stage: Stage) -> None:
    stage.whatsapp.uploads.largest["document"] = 10
    _, told = await tell(stage, LONG)
    assert (told.kind, "太大" in told.text, "S-49" in told.text) == ("text", True, True)


async def test_an_explanation_is_given_once_over_a_crash(stage: Stage) -> None:
    stage.whatsapp.uploads.largest["image"] = 10
    await ask_for_a_chart(stage)
    await forget_that_it_left(stage)
    assert kinds(stage) == ["text", "interactive", "text"]


async def test_a_picture_that_is_refused_afterwards_is_explained(stage: Stage) -> None:
    stage.whatsapp.fail_late(0, times=2)
    stage.whatsapp.fail_late(131053)
    await ask_for_a_chart(stage)
    await stage.until(lambda: len(seen(stage)) == 4)
    await until_read(stage)
    assert "网页对话" in seen(stage)[-1].text
