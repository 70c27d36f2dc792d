"""Numbers for parcels when the pool is empty: ordered from a courier, once per parcel, before any platform is told."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.goofish_shop import ORDER, GoofishShop, open_goofish

OWN = "SF900000000009"
SECOND = "2000000000000000002"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[GoofishShop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_goofish(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        await opened.stage.ask("发货设置 默认 方式=自动 延迟=60 公司=顺丰")
        yield opened


def shipped_with(shop: GoofishShop, order_no: str = ORDER) -> str:
    return shop.platform.orders[order_no].waybill_no


async def test_a_number_is_ordered_when_the_pool_is_empty_and_the_parcel_goes_out_with_it(shop: GoofishShop) -> None:
    await shop.pays()
    await shop.later(seconds=70)
    await shop.card("已发货")
    (given,) = shop.courier.waybills.values()
    assert (shipped_with(shop), given.asked["recipient"]["name"], given.order_id) == (given.waybill_no, "张三", ORDER)
    assert await shop.stage.rows("SELECT number FROM matters WHERE kind = 'waybills'") == []


async def test_the_pools_own_numbers_go_first(shop: GoofishShop) -> None:
    await shop.stage.ask(f"导入单号 顺丰 {OWN}")
    await shop.pays()
    await shop.later(seconds=70)
    assert (shipped_with(shop), shop.courier.waybills) == (OWN, {})


async def test_a_lost_answer_brings_the_same_number(shop: GoofishShop) -> None:
    shop.courier.drop_connection("create_waybill", handled=True)
    await shop.pays()
    await shop.later(seconds=70)
    await shop.card("已发货")
    assert list(shop.courier.waybills) == [shipped_with(shop)]


async def test_a_courier_without_numbers_is_a_matter_and_is_asked_again_later(shop: GoofishShop) -> None:
    shop.courier.remaining["SF"] = 0
    await shop.pays()
    await shop.later(minutes=5)
    await shop.card("SF 的运单号用完了")
    assert shipped_with(shop) == ""
    assert "快递接口没有给单号" in (await shop.stage.ask(f"订单 {ORDER}")).text
    assert "向快递接口要" in (await shop.stage.ask(f"为什么没发货 {ORDER}")).text
    shop.courier.remaining["SF"] = 5
    await shop.later(minutes=61)
    await shop.later(minutes=2)
    await shop.card("已发货")
    assert await shop.one("SELECT state FROM matters WHERE kind = 'waybills'") == "settled"


async def test_an_empty_account_is_a_matter_and_imported_numbers_help(shop: GoofishShop) -> None:
    shop.courier.has_credit = False
    await shop.pays()
    await shop.card("SF 的运单号用完了")
    await shop.stage.ask(f"导入单号 顺丰 {OWN}")
    await shop.later(minutes=2)
    await shop.card("已发货")
    assert shipped_with(shop) == OWN


async def test_a_courier_that_is_gone_is_a_matter_and_nothing_is_invented(shop: GoofishShop) -> None:
    shop.courier.next_answer(status=503, times=1000)
    await shop.pays()
    await shop.later(minutes=20)
    await shop.card("SF 的运单号用完了")
    assert (shipped_with(shop), await shop.stage.rows("SELECT number FROM waybills")) == ("", [])


async def test_orders_whose_address_nobody_told_say_so(shop: GoofishShop) -> None:
    await shop.pays()
    await shop.stage.execute("UPDATE orders SET buyer = ''", "DELETE FROM waybills")
    assert "没告诉收件地址" in (await shop.stage.ask(f"为什么没发货 {ORDER}")).text


async def test_two_orders_get_two_numbers(shop: GoofishShop) -> None:
    await shop.pays()
    await shop.pays(SECOND)
    await shop.later(seconds=70)
    await shop.stage.until(lambda: bool(shipped_with(shop) and shipped_with(shop, SECOND)))
    assert shipped_with(shop) != shipped_with(shop, SECOND)
