"""Pieces that are counted: at none nothing goes out by itself, and few are told."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.shop import MEMBERSHIP, ORDER, PHONE, Shop, open_shop

SECOND, THIRD = "1000000000000000002", "1000000000000000003"
NUMBERS = "SF100000000001 SF100000000002 SF100000000003"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        await opened.stage.ask(f"导入单号 顺丰 {NUMBERS}")
        await opened.stage.ask("发货设置 默认 方式=自动 延迟=60 公司=顺丰")
        yield opened


async def later(shop: Shop) -> None:
    await shop.told()
    shop.stage.clock.move(minutes=2)
    await shop.told()


def sent(shop: Shop) -> list[int]:
    return [len(order.shipments) for order in shop.market.orders.values()]


async def stock(shop: Shop) -> list[tuple[object, ...]]:
    return await shop.stage.rows(f"SELECT stock FROM shipping_settings WHERE item_id = '{PHONE.item_id}'")


async def test_at_none_nothing_goes_out_by_itself_and_few_are_told_once(shop: Shop) -> None:
    shown = await shop.stage.ask(f"发货设置 {PHONE.item_id} 库存=3 低库存=2")
    assert "3" in shown.text
    await shop.pays(quantity=2)
    await later(shop)
    assert (sent(shop), await stock(shop)) == ([1], [(1,)])
    await shop.card("库存不多")
    await shop.pays(SECOND, quantity=2)
    await later(shop)
    assert (sent(shop), await stock(shop)) == ([1, 0], [(1,)])
    assert "有 1，要 2" in (await shop.stage.ask(f"为什么没发货 {SECOND}")).text
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 库存=9")
    await later(shop)
    assert (sent(shop), await stock(shop)) == ([1, 1], [(7,)])
    assert await shop.stage.rows("SELECT state FROM matters WHERE kind = 'stock_low'") == [("settled",)]


async def test_what_was_refused_and_then_closed_is_counted_back(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {PHONE.item_id} stock=3")
    shop.market.refuse_next("not_today")
    await shop.pays(quantity=2)
    await later(shop)
    assert (sent(shop), await stock(shop)) == ([0], [(1,)])
    await shop.happens("close", ORDER)
    assert await stock(shop) == [(3,)]


async def test_who_ships_by_hand_is_counted_too_and_never_stopped(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 方式=手动 库存=1")
    await shop.pays(quantity=2)
    await shop.stage.ask(f"发货 {ORDER} 顺丰 SF100000000009")
    await shop.told()
    assert (sent(shop), await stock(shop)) == ([1], [(0,)])


async def alarms(shop: Shop, kind: str) -> list[object]:
    query = f"SELECT state FROM matters WHERE kind = '{kind}' ORDER BY number"
    return [state for (state,) in await shop.stage.rows(query)]


async def test_taking_a_setting_back_looks_at_the_pieces_again(shop: Shop) -> None:
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 库存=3 低库存=5")
    assert await alarms(shop, "stock_low") == ["open"]
    raised = await shop.stage.ask(f"发货设置 {PHONE.item_id} 库存=9")
    assert await alarms(shop, "stock_low") == ["settled"]
    await shop.stage.press(raised, "撤销")
    await shop.told()
    assert await alarms(shop, "stock_low") == ["settled", "open"]
    await shop.stage.ask("撤销发货设置")
    assert await alarms(shop, "stock_low") == ["settled", "settled"]


async def test_taking_a_setting_back_looks_at_card_keys_again(shop: Shop) -> None:
    await shop.stage.app.administration.act(
        {"do": "add keys", "item": MEMBERSHIP.item_id, "variant": "", "account": "", "keys": ["A1", "A2"]}
    )
    await shop.stage.ask(f"发货设置 {MEMBERSHIP.item_id} 低库存=3")
    assert await alarms(shop, "keys_low") == ["open"]
    await shop.stage.ask("撤销发货设置")
    assert await alarms(shop, "keys_low") == ["settled"]
