"""The card of an order that must be shipped by hand: its countdown, the number, a call for help, handing it over."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integrations.feishu.simulator import Press
from tests.scenarios.shop import ORDER, Shop, open_shop
from tests.scenarios.shown import Shown
from tests.scenarios.stage import ADMIN, OPERATOR, VIEWER

NUMBER = "SF100000000001"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        yield opened


async def reminded(shop: Shop) -> Shown:
    await shop.pays()
    return await shop.card("待发货")


async def fill(shop: Shop, card: Shown, label: str, *, by: str, **form: str) -> None:
    press = Press(message_id=card.message.message_id, label=label, sender_id=by, form=form)
    await shop.stage.feishu.people.press(press)


async def edited(shop: Shop, card: Shown, words: str) -> Shown:
    """The same card once it holds ``words``."""
    return await shop.stage.first(
        lambda shown: shown.message.message_id == card.message.message_id and words in shown.text
    )


def mentions(shop: Shop) -> list[Shown]:
    return [shown for shown in shop.stage.shown() if shown.title == "#1 请看一下"]


async def test_the_card_has_what_somebody_who_ships_by_hand_needs(shop: Shop) -> None:
    card = await reminded(shop)
    assert {"已寄出", "需要帮忙", "转交", "我来处理"} <= set(card.buttons)
    assert "还剩 48 小时" in card.text


async def test_who_needs_help_calls_the_next_in_line_at_once_and_the_countdown_goes_on(shop: Shop) -> None:
    card = await reminded(shop)
    await shop.stage.press(card, "需要帮忙", by=OPERATOR)
    called = await shop.stage.first(lambda shown: shown.title == "#1 请看一下")
    assert called.quotes == card.message.message_id
    shown = await edited(shop, card, "小陈 需要帮忙")
    assert "需要帮忙" not in shown.buttons
    await shop.told()
    shop.stage.clock.move(hours=40)
    await edited(shop, card, "还剩 8")


async def test_two_who_need_help_at_once_call_once(shop: Shop) -> None:
    card = await reminded(shop)
    heard = await asyncio.gather(
        *(shop.stage.say(f"求助 1 {by}", by=by) for by in (OPERATOR, ADMIN)),
    )
    titles = sorted([(await shop.stage.answer(each)).title for each in heard])
    assert titles == ["#1 已经叫下一个人来帮忙", "已经叫过人了"]
    await edited(shop, card, "需要帮忙")
    await shop.told()
    assert len(mentions(shop)) == 1
    assert await shop.stage.rows("SELECT count(*) FROM matter_entries WHERE kind = 'help'") == [(1,)]


async def test_who_took_it_and_needs_help_lets_it_wait_for_somebody_again(shop: Shop) -> None:
    card = await reminded(shop)
    await shop.stage.ask("接手 1", by=OPERATOR)
    await shop.stage.ask("need-help 1 no numbers", by=OPERATOR)
    await shop.stage.first(lambda shown: shown.title == "#1 请看一下")
    await edited(shop, card, "no numbers")
    assert await shop.stage.rows("SELECT state, owner_id FROM matters") == [("open", "")]
    await shop.stage.ask("接手 1", by=ADMIN)
    await shop.stage.ask("求助 1", by=ADMIN)
    assert await shop.stage.rows("SELECT count(*) FROM matter_entries WHERE kind = 'help'") == [(2,)]


async def test_it_is_handed_to_somebody_from_its_card_who_is_told_alone(shop: Shop) -> None:
    card = await reminded(shop)
    await fill(shop, card, "转交", by=ADMIN, to="小陈")
    await shop.stage.first(lambda shown: shown.message.chat_id == OPERATOR and shown.title.startswith("#1 待发货"))
    await edited(shop, card, "转交给 小陈")
    await fill(shop, card, "转交", by=ADMIN, to="小阵")
    assert await shop.stage.rows("SELECT state FROM matters") == [("taken",)]


async def test_two_who_press_that_it_is_sent_at_once_ship_it_once(shop: Shop) -> None:
    shop.market.is_slow = True
    card = await reminded(shop)
    await asyncio.gather(
        fill(shop, card, "已寄出", by=OPERATOR, company="顺丰", number=NUMBER),
        fill(shop, card, "已寄出", by=ADMIN, company="圆通", number="YT1000000000002"),
    )
    await shop.told()
    assert len(shop.market.orders[ORDER].shipments) == 1
    await shop.card("已发货")


@pytest.mark.parametrize("button", ["需要帮忙", "已寄出"])
async def test_who_may_only_look_changes_nothing(shop: Shop, button: str) -> None:
    card = await reminded(shop)
    await fill(shop, card, button, by=VIEWER, company="顺丰", number=NUMBER)
    assert (await shop.stage.ask("求助 1", by=VIEWER)).title == "你没有这个权限"
    await shop.told()
    assert (mentions(shop), shop.market.orders[ORDER].shipments) == ([], ())
    assert await shop.stage.rows("SELECT order_key FROM shipments") == []
