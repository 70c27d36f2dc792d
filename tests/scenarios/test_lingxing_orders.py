"""Orders that stores in Lingxing fulfil themselves: told once, shipped there, over when Lingxing says so."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.lingxing.simulator import Order
from tests.scenarios.shop import Shop, open_shop
from tests.scenarios.stage import VIEWER

NUMBER = "111-1234567-1234567"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        yield opened


async def an_order(shop: Shop, order_id: str = NUMBER, *, channel: str = "MFN") -> Order:
    """An order of the first store, to be shipped."""
    ((sid,),) = await shop.stage.rows("SELECT min(store_id) FROM stores WHERE status = 1")
    now = shop.stage.clock.now()
    order = Order(
        sid=int(sid),
        order_id=order_id,
        msku="DEMO-1",
        asin="B0DEMO0001",
        name="演示灯",
        channel=channel,
        modified_at=now,
    )
    shop.stage.lingxing.put_order(order)
    return order


async def looked(shop: Shop) -> None:
    """Returns once the list was read again and taken in."""
    before = len(shop.stage.lingxing.calls_of("orders"))
    await shop.told()
    shop.stage.clock.move(minutes=11)
    await shop.stage.until(lambda: len(shop.stage.lingxing.calls_of("orders")) > before)
    await shop.told()


async def test_an_order_to_fulfil_is_a_card_until_lingxing_says_it_is_shipped(shop: Shop) -> None:
    order = await an_order(shop)
    await looked(shop)
    card = await shop.card("待发货（领星）：演示灯 ×1")
    assert ("19.99 USD" in card.text, "已寄出" in card.buttons) == (True, False)
    shop.stage.lingxing.put_order(replace(order, status="Shipped", modified_at=shop.stage.clock.now()))
    await looked(shop)
    await shop.card("已发货：演示灯")
    assert await shop.stage.rows("SELECT state FROM matters") == [("settled",)]


async def test_orders_that_amazon_fulfils_and_old_ones_that_are_over_are_told_to_nobody(shop: Shop) -> None:
    await an_order(shop, channel="AFN")
    shop.stage.lingxing.put_order(replace(await an_order(shop, "111-0000000-0000002"), status="Shipped"))
    await looked(shop)
    await looked(shop)
    assert await shop.stage.rows("SELECT order_id FROM orders") == []


async def test_it_cannot_be_shipped_from_here_and_says_where(shop: Shop) -> None:
    await an_order(shop)
    await looked(shop)
    assert (await shop.stage.ask(f"发货 {NUMBER} 顺丰 SF100000000001")).title == "这个订单在领星里发货"


async def test_who_may_see_one_store_alone_sees_its_orders(shop: Shop) -> None:
    await an_order(shop)
    await looked(shop)
    await shop.stage.ask("授权 阿芳 viewer 店铺=屿光-JP")
    assert (await shop.stage.ask(f"订单 {NUMBER}", by=VIEWER)).title == "没有这个订单"
    ((name,),) = await shop.stage.rows("SELECT name FROM stores WHERE store_id = (SELECT account_id FROM orders)")
    await shop.stage.ask(f"授权 阿芳 viewer 店铺={name}")
    assert (await shop.stage.ask(f"订单 {NUMBER}", by=VIEWER)).title == f"订单 {NUMBER}"


async def test_a_lingxing_that_is_gone_is_looked_at_again_later(shop: Shop) -> None:
    await an_order(shop)
    shop.stage.lingxing.next_answer("orders", status=503, times=3)
    await looked(shop)
    await looked(shop)
    assert await shop.stage.rows("SELECT status FROM orders") == [("paid",)]
