"""闲管家's orders: pushed, asked for in detail, found in the list when pushes were lost, shipped once."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from aiohttp import ClientSession

from bot.cli.world.shop import LISTED_NUMBER, sell_at_goofish
from integrations.goofish.models import PUSH_TAKEN
from integrations.http.simulation import Weather
from tests.scenarios.goofish_shop import ORDER, GoofishShop, open_goofish
from tests.scenarios.shop import NO_ROOM
from tests.scenarios.stage import ADMIN, TEAM

NUMBER = "SF100000000001"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[GoofishShop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_goofish(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        yield opened


def lose_pushes(shop: GoofishShop) -> None:
    shop.platform.set_weather(Weather(operation="push", drop=True, times=None))


async def orders_polled(shop: GoofishShop) -> None:
    """Returns once the list was read and what it brought is taken in."""
    before = len(shop.platform.calls_of("orders"))
    await shop.told()
    shop.stage.clock.move(minutes=6)
    await shop.stage.until(lambda: len(shop.platform.calls_of("orders")) > before)
    await shop.told()


async def test_a_push_becomes_a_card_with_what_only_the_detail_tells(shop: GoofishShop) -> None:
    await shop.pays(quantity=2)
    card = await shop.card("待发货：演示商品 黑色 128G ×2")
    assert (card.message.chat_id, "39.80 CNY" in card.text, "演示店铺" in card.text) == (TEAM, True, True)
    kept = await shop.stage.rows("SELECT body FROM order_events UNION ALL SELECT buyer FROM orders")
    assert "138" not in str(kept)


async def test_who_tries_the_demo_lets_somebody_buy_with_one_call(shop: GoofishShop) -> None:
    url = f"{shop.platform.base_url}/_control/buy"
    async with ClientSession() as session, session.post(url, json={"title": "演示灯", "quantity": 2}) as answer:
        bought = await answer.json()
    await shop.told()
    card = await shop.card("待发货：演示灯 黑色 128G ×2")
    assert bought["order_no"] in card.text


async def test_the_demos_shop_sells_one_order_by_push_and_one_by_the_list(shop: GoofishShop) -> None:
    sell_at_goofish(shop.platform)
    await shop.card("待发货：桌面台灯")
    assert await shop.one("SELECT count(*) FROM orders") == 1
    await orders_polled(shop)
    assert LISTED_NUMBER in (await shop.card("待发货：蓝牙音箱")).text


async def test_a_push_is_answered_with_the_platforms_own_words_also_again(shop: GoofishShop) -> None:
    shop.platform.sender.webhook_url = ""
    body = orjson.dumps(shop.platform.place(ORDER).pushed(4242))
    answers = [await shop.deliver(shop.platform.attempt(body)) for _ in range(3)]
    assert answers == [(200, PUSH_TAKEN.decode(), "application/json")] * 3
    assert await shop.one("SELECT count(*) FROM order_events WHERE kind = 'goofish.pushed'") == 1


async def test_what_is_forged_stale_too_long_or_unreadable_is_refused_and_changes_nothing(shop: GoofishShop) -> None:
    shop.platform.sender.webhook_url = ""
    whole = shop.platform.attempt(orjson.dumps(shop.platform.place(ORDER).pushed(4242)))
    statuses = [
        (await shop.deliver(replace(whole, body=whole.body + b" ")))[0],
        (await shop.deliver(replace(whole, query={})))[0],
        (await shop.deliver(shop.platform.attempt(b" " * 300_000)))[0],
        (await shop.deliver(shop.platform.attempt(b"[]")))[0],
        (await shop.deliver(shop.platform.attempt(b'{"order_no": "1"}')))[0],
    ]
    shop.stage.clock.move(minutes=6)
    assert [*statuses, (await shop.deliver(whole))[0]] == [401, 401, 413, 400, 400, 401]
    assert await shop.stage.rows("SELECT id FROM order_events WHERE kind = 'goofish.pushed'") == []


async def test_a_push_that_cannot_be_stored_is_refused_and_taken_when_it_comes_again(shop: GoofishShop) -> None:
    shop.platform.sender.webhook_url = ""
    push = shop.platform.attempt(orjson.dumps(shop.platform.place(ORDER).pushed(4242)))
    await shop.stage.execute(NO_ROOM)
    refused = await shop.deliver(push)
    await shop.stage.execute("DROP TRIGGER no_room")
    assert (refused[0], (await shop.deliver(push))[0]) == (503, 200)
    await shop.told()
    assert await shop.one("SELECT status FROM orders") == "pending_payment"


async def test_a_push_that_was_lost_is_found_in_the_list(shop: GoofishShop) -> None:
    lose_pushes(shop)
    await shop.pays(quantity=3)
    await orders_polled(shop)
    await shop.card("待发货：演示商品 黑色 128G ×3")
    assert shop.platform.calls_of("order_detail") == []
    shop.platform.change(ORDER, "close")
    await orders_polled(shop)
    await shop.card("不用发货了")


async def test_the_list_stores_nothing_again_that_a_push_told(shop: GoofishShop) -> None:
    await shop.pays()
    await orders_polled(shop)
    await orders_polled(shop)
    assert await shop.stage.rows("SELECT kind FROM order_events WHERE kind <> 'goofish.pushed'") == []
    assert await shop.one("SELECT count(*) FROM matters") == 1


async def test_a_list_that_reads_windows_otherwise_is_read_all_the_same(shop: GoofishShop) -> None:
    lose_pushes(shop)
    shop.platform.names_window = True
    await shop.pays()
    await orders_polled(shop)
    assert await shop.one("SELECT status FROM orders") == "paid"


@pytest.mark.parametrize(
    "weather",
    [
        Weather(operation="order_detail", status=503, times=2),
        Weather(operation="order_detail", status=429, retry_after=20, times=2),
        Weather(operation="order_detail", drop=True, times=2),
        Weather(operation="order_detail", body={"code": 500, "msg": "系统繁忙", "data": None}, times=2),
        Weather(operation="order_detail", delay_seconds=30, times=1),
    ],
    ids=["down", "busy", "cut", "failure in a good answer", "slow"],
)
async def test_a_detail_that_is_not_to_be_had_at_once_is_asked_for_again(shop: GoofishShop, weather: Weather) -> None:
    shop.platform.set_weather(weather)
    await shop.pays()
    assert ORDER in (await shop.card("待发货：演示商品 黑色 128G ×1")).text


async def test_a_detail_that_stays_away_is_replaced_by_the_list(shop: GoofishShop) -> None:
    shop.platform.next_answer("order_detail", status=503, times=100)
    await shop.pays()
    await orders_polled(shop)
    assert await shop.one("SELECT status FROM orders") == "paid"


async def test_a_key_that_is_refused_is_told_once_and_nothing_is_asked_until_it_is_mended(shop: GoofishShop) -> None:
    shop.platform.is_granted = False
    await shop.pays()
    await shop.card("闲管家没有给订单接口")
    asked = len(shop.platform.calls)
    await shop.later(minutes=6)
    await shop.happens("ask_refund")
    await shop.later(minutes=30)
    assert len(shop.platform.calls) == asked
    shop.platform.is_granted = True
    await shop.stage.ask("办结 1", by=ADMIN)
    await orders_polled(shop)
    assert ORDER in (await shop.card("买家要退款")).text


async def test_a_platform_that_is_gone_for_long_is_told_until_it_is_back(shop: GoofishShop) -> None:
    await orders_polled(shop)
    shop.platform.next_answer(status=503, times=1000)
    await shop.later(minutes=40)
    await shop.card("闲管家没有回答")
    shop.platform.clear()
    await orders_polled(shop)
    assert await shop.one("SELECT state FROM matters WHERE kind = 'goofish_silent'") == "settled"


async def test_an_order_is_shipped_by_its_number_and_done_when_the_platform_says_so(shop: GoofishShop) -> None:
    await shop.pays()
    await shop.stage.ask(f"发货 {ORDER} 圆通 {NUMBER}")
    await shop.card("已发货")
    (asked,) = [call.body for call in shop.platform.calls_of("ship")]
    assert asked == {"order_no": ORDER, "waybill_no": NUMBER, "express_code": "YTO"}
    assert await shop.one("SELECT state FROM shipments") == "confirmed"


async def test_a_company_that_the_platform_does_not_list_goes_by_its_name(shop: GoofishShop) -> None:
    await shop.pays()
    await shop.stage.ask(f"发货 {ORDER} 极兔 {NUMBER}")
    await shop.card("已发货")
    (asked,) = [call.body for call in shop.platform.calls_of("ship")]
    assert (asked["express_code"], asked["express_name"]) == ("other", "极兔")


async def test_a_shipment_whose_answer_was_lost_is_looked_up_and_not_repeated(shop: GoofishShop) -> None:
    await shop.pays()
    lose_pushes(shop)
    shop.platform.drop_connection("ship", handled=True)
    await shop.stage.ask(f"发货 {ORDER} 顺丰 {NUMBER}")
    await shop.later(seconds=30)
    assert len(shop.platform.calls_of("ship")) == 1
    assert await shop.one("SELECT state FROM shipments") == "marked"


async def test_a_refusal_inside_a_good_answer_is_told_with_its_reason(shop: GoofishShop) -> None:
    await shop.pays()
    shop.platform.next_code(1003, "ship")
    await shop.stage.ask(f"发货 {ORDER} 顺丰 {NUMBER}")
    assert "simulated" in (await shop.card("发货没成功")).text


async def test_an_order_that_was_closed_meanwhile_is_not_shipped(shop: GoofishShop) -> None:
    await shop.pays()
    lose_pushes(shop)
    shop.platform.change(ORDER, "close")
    await shop.stage.ask(f"发货 {ORDER} 顺丰 {NUMBER}")
    assert "订单现在不能发货，平台状态 24" in (await shop.card("发货没成功")).text
    assert shop.platform.calls_of("ship") == []


async def test_the_price_of_an_unpaid_order_is_changed_and_shown_as_the_platform_tells_it(shop: GoofishShop) -> None:
    shop.platform.place(ORDER)
    await shop.told()
    before = shop.platform.orders[ORDER].pay_fen
    asked = await shop.stage.ask(f"改价 {ORDER} 15.5")
    assert ("改成 15.50 CNY 吗" in asked.text, shop.platform.orders[ORDER].pay_fen) == (True, before)
    await shop.stage.press(asked, "改成 15.50")
    answer = await shop.stage.first(lambda shown: "闲管家收下了" in shown.text)
    await shop.told()
    assert (answer.tone, shop.platform.orders[ORDER].pay_fen) == ("good", 1550)
    shown = await shop.stage.ask(f"订单 {ORDER}")
    assert ("15.50 CNY" in shown.text, "改价为 15.50 CNY" in shown.text) == (True, True)


async def test_a_price_that_the_platform_refuses_is_told_with_its_reason(shop: GoofishShop) -> None:
    shop.platform.place(ORDER)
    await shop.told()
    lose_pushes(shop)
    shop.platform.change(ORDER, "pay")
    answer = await shop.stage.ask(f"改价 {ORDER} 15 确认")
    assert (answer.tone, "不允许改价" in answer.text) == ("bad", True)


@pytest.mark.parametrize(
    ("amount", "title"),
    [("0", "没看懂金额"), ("1.999", "没看懂金额"), ("-5", "没看懂金额"), ("５元", "只能改还没付款的订单")],
)
async def test_what_is_no_amount_or_paid_already_is_not_changed(shop: GoofishShop, amount: str, title: str) -> None:
    await shop.pays()
    assert (await shop.stage.ask(f"改价 {ORDER} {amount}")).title == title
    assert shop.platform.calls_of("change_price") == []
