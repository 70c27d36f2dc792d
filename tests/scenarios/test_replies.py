"""Words to buyers: brought to the marketplace once, in the order's story, never off the platform."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integrations.feishu.simulator import Press
from tests.scenarios.shop import ORDER, Shop, open_shop
from tests.scenarios.stage import OPERATOR, VIEWER

SAID = "今天下午发出，请放心。\n单号稍后给您！"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        await opened.pays()
        yield opened


def written(shop: Shop) -> list[tuple[str, str]]:
    return [(each.chat_id, each.text) for each in shop.market.written]


async def test_words_reach_the_buyers_chat_once_and_stand_in_the_orders_story(shop: Shop) -> None:
    answer = await shop.stage.ask(f"回复 {ORDER} {SAID}", by=OPERATOR)
    assert (answer.tone, SAID in answer.text, written(shop)) == ("good", False, [(f"chat-{ORDER}", SAID)])
    assert f"我们：{SAID}" in (await shop.stage.ask(f"订单 {ORDER}", by=VIEWER)).text
    kept = await shop.stage.rows("SELECT text FROM order_replies UNION ALL SELECT text FROM order_lines")
    assert SAID not in str(kept)


async def test_the_order_has_a_form_for_words_to_the_buyer(shop: Shop) -> None:
    shown = await shop.stage.ask(f"订单 {ORDER}", by=OPERATOR)
    form = Press(message_id=shown.message.message_id, label="回复买家", sender_id=OPERATOR, form={"text": SAID})
    await shop.stage.feishu.people.press(form)
    await shop.told()
    assert written(shop) == [(f"chat-{ORDER}", SAID)]


async def test_a_lost_answer_is_asked_for_again_and_writes_nothing_twice(shop: Shop) -> None:
    shop.simulator.drop_connection("command", handled=True)
    assert (await shop.stage.ask(f"reply {ORDER} {SAID}", by=OPERATOR)).tone == "good"
    assert (len(shop.simulator.calls_of("command")), len(written(shop))) == (2, 1)


async def test_a_refusal_is_shown_with_its_reason(shop: Shop) -> None:
    shop.market.blocked_chats.add(f"chat-{ORDER}")
    answer = await shop.stage.ask(f"回复 {ORDER} {SAID}", by=OPERATOR)
    assert (answer.tone, "平台拦下了这句话" in answer.text) == ("bad", True)
    assert "平台没有发出我们的回复：平台拦下了这句话" in (await shop.stage.ask(f"订单 {ORDER}")).text


async def test_a_refusal_for_now_is_given_anew(shop: Shop) -> None:
    shop.market.refuse_next("busy", is_retryable=True, times=1)
    await shop.stage.say(f"回复 {ORDER} {SAID}", by=OPERATOR)
    await shop.stage.until(lambda: len(shop.simulator.calls_of("command")) == 1)
    await shop.told()
    shop.stage.clock.move(minutes=2)
    await shop.stage.until(lambda: len(written(shop)) == 1)
    assert len(shop.simulator.calls_of("command")) == 2


async def test_a_bridge_that_is_gone_leaves_it_unclear(shop: Shop) -> None:
    shop.simulator.next_answer("command", status=503, times=50)
    heard = await shop.stage.say(f"回复 {ORDER} {SAID}", by=OPERATOR)

    async def is_unclear() -> bool:
        shop.stage.clock.move(minutes=5)
        await asyncio.sleep(0)
        return await shop.stage.rows("SELECT state FROM order_replies") == [("unclear",)]

    await shop.stage.until_true(is_unclear)
    assert (await shop.stage.answer(heard)).tone == "warning"


@pytest.mark.parametrize(
    ("text", "by", "title"),
    [
        ("加我微信", OPERATOR, "这句话会把买家引到平台外"),
        (SAID, VIEWER, ""),
    ],
)
async def test_what_may_not_be_written_is_refused(shop: Shop, text: str, by: str, title: str) -> None:
    answer = await shop.stage.ask(f"回复 {ORDER} {text}", by=by)
    assert (title in answer.title, written(shop)) == (True, [])
    assert await shop.stage.rows("SELECT id FROM order_replies") == []


async def test_an_order_without_a_chat_says_so(shop: Shop) -> None:
    await shop.pays("1000000000000000002", chat_id="")
    assert (await shop.stage.ask(f"回复 1000000000000000002 {SAID}")).title == "这个订单没有聊天"
