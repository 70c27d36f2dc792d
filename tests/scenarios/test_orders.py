"""Orders come in by webhook: told once in the team's group, found by number, settled when the platform says so."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from integrations.marketplace.signing import TIMESTAMP_HEADER
from storage.credentials.cipher import Cipher
from storage.orders.buyers import open_buyer
from tests.scenarios.shop import FILM, NO_ROOM, ORDER, Shop, open_shop
from tests.scenarios.stage import TEAM, VIEWER


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        yield opened


async def found(shop: Shop, query: str) -> bool:
    return bool(await shop.stage.rows(query))


async def test_a_paid_order_is_one_card_in_the_group_however_often_it_is_told(shop: Shop) -> None:
    shop.order(quantity=2)
    await shop.happens("pay", copies=3)
    card = await shop.card("待发货：二手手机 成色好 黑色 128G ×2")
    assert card.message.chat_id == TEAM
    assert "2598.00 CNY" in card.text
    assert ORDER in card.text
    assert await shop.stage.rows("SELECT count(*) FROM matters") == [(1,)]
    assert len([shown for shown in shop.stage.shown() if shown.title.startswith("#")]) == 1


async def test_an_unpaid_order_calls_nobody(shop: Shop) -> None:
    shop.order()
    await shop.happens("create")
    assert await shop.stage.rows("SELECT status FROM orders") == [("pending_payment",)]
    assert await shop.stage.rows("SELECT number FROM matters") == []


async def test_the_card_ends_when_the_platform_confirms_the_shipment(shop: Shop) -> None:
    await shop.pays()
    first = await shop.card("待发货")
    await shop.happens("ship")
    over = await shop.card("已发货")
    assert (over.message.message_id, over.tone) == (first.message.message_id, "good")
    assert await shop.stage.rows("SELECT state FROM matters") == [("settled",)]
    assert not await found(shop, "SELECT 1 FROM ladder_steps WHERE state = 'pending'")


async def test_a_refund_asked_for_warns_on_the_same_card_and_its_end_lets_the_order_go_on(shop: Shop) -> None:
    await shop.pays()
    first = await shop.card("待发货")
    await shop.happens("ask_refund")
    warned = await shop.card("买家要退款")
    assert warned.message.message_id == first.message.message_id
    await shop.happens("close_refund")
    assert (await shop.card("待发货")).message.message_id == first.message.message_id


async def test_a_refund_after_the_shipment_is_a_matter_of_its_own(shop: Shop) -> None:
    await shop.pays()
    await shop.happens("ship")
    await shop.card("已发货")
    await shop.happens("ask_refund")
    await shop.card("#2 买家要退款")
    await shop.happens("refund")
    await shop.card("#2 不用发货了")
    assert not await found(shop, "SELECT 1 FROM matters WHERE state <> 'settled'")


async def test_what_comes_late_changes_nothing(shop: Shop) -> None:
    shop.order()
    paid = shop.market.change(ORDER, "pay")
    assert paid is not None
    await shop.happens("ship")
    assert await shop.post(paid.told("pay"), event_id="msg_late") == 200
    await shop.told()
    assert await shop.stage.rows("SELECT status FROM orders") == [("shipped",)]
    assert await shop.stage.rows("SELECT number FROM matters") == []


async def test_an_order_is_found_and_shows_its_story_with_the_buyer_masked(shop: Shop) -> None:
    await shop.pays(buyer_id="buyer-77")
    said = {"chat_id": f"chat-{ORDER}", "account_id": "shop-a", "from": "buyer-77", "text": "发到 447700900123 行吗"}
    message = {"type": "message.received", "timestamp": "2026-11-22T08:30:00Z", "data": said}
    assert await shop.post(message, event_id="msg_chat") == 200
    await shop.told()
    shown = await shop.stage.ask(f"订单 {ORDER}", by=VIEWER)
    assert (shown.title, "买家：发到 447" in shown.text, "447700900123" in shown.text) == (f"订单 {ORDER}", True, False)
    assert "待发货" in shown.text
    assert "还剩" in shown.text
    assert "没有这个订单" in (await shop.stage.ask("orders 99999")).title


async def test_orders_to_ship_are_listed_with_what_is_left_of_their_time(shop: Shop) -> None:
    await shop.pays()
    await shop.pays("1000000000000000002", goods=FILM, sku_text="防窥", account_id="shop-b")
    listed = await shop.stage.ask("待发货", by=VIEWER)
    assert (listed.title, len(listed.rows)) == ("待发货 2 单", 2)
    assert len((await shop.stage.ask("orders")).rows) == 2
    shop.stage.clock.move(hours=49)
    assert "已超时" in (await shop.stage.ask("to-ship")).text


async def test_nothing_about_a_buyer_is_kept_in_the_clear(shop: Shop) -> None:
    await shop.pays(buyer_id="buyer-4711")
    kept = await shop.stage.rows("SELECT body FROM order_events UNION ALL SELECT buyer FROM orders")
    assert len(kept) == 2
    assert "4711" not in str(kept)


async def test_where_the_parcel_goes_is_kept_sealed_too(shop: Shop) -> None:
    body = shop.order().told("create")
    body["data"]["recipient"] = {"name": "张三", "phone": "13800000000", "address": "演示路 1 号"}
    assert await shop.post(body) == 200
    await shop.told()
    ((key, sealed),) = await shop.stage.rows("SELECT key, buyer FROM orders")
    assert "138" not in sealed
    assert open_buyer(Cipher(bytes(range(32))), key, sealed)["address"] == "演示路 1 号"


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
async def test_where_the_parcel_goes_outlives_news_that_leave_it_out(shop: Shop, first: int, second: int) -> None:
    bought = shop.order()
    paid = bought.after("pay", bought.modified_at + timedelta(minutes=1))
    whole, part = bought.told("create"), paid.told("pay")
    whole["data"]["recipient"] = {"name": "张三", "phone": "13800000000", "address": "演示路 1 号"}
    part["data"]["buyer"] = {"id": "buyer-77", "nick": "新名"}
    told = (whole, part)
    assert await shop.post(told[first], event_id="msg_1") == 200
    await shop.told()
    assert await shop.post(told[second], event_id="msg_2") == 200
    await shop.told()
    ((key, sealed),) = await shop.stage.rows("SELECT key, buyer FROM orders")
    buyer = open_buyer(Cipher(bytes(range(32))), key, sealed)
    assert (buyer["address"], buyer["nick"]) == ("演示路 1 号", "新名")


async def test_a_state_nobody_knows_is_kept_and_changes_nothing(shop: Shop) -> None:
    body = await shop.pays()
    body["data"] |= {"status": "half_shipped", "modified_at": "2026-11-23T00:00:00Z"}
    assert await shop.post(body, event_id="msg_odd") == 200
    await shop.told()
    assert await shop.stage.rows("SELECT status FROM orders") == [("paid",)]
    assert "shipped" in (await shop.stage.ask(f"订单 {ORDER}")).text


async def test_an_order_whose_first_state_nobody_knows_tells_no_moment_of_long_ago(shop: Shop) -> None:
    body = await shop.pays()
    body["data"] |= {"status": "half_shipped", "order_id": "1000000000000000009"}
    await shop.post({**body, "type": "order.created"}, event_id="msg_odd")
    await shop.told()
    card = (await shop.stage.ask("订单 1000000000000000009")).text
    assert ("不认识的状态：half" in card, "1970" in card) == (True, False)


async def test_what_is_not_from_the_source_or_not_readable_is_refused_and_changes_nothing(shop: Shop) -> None:
    body = shop.order().told("create")
    whole = shop.simulator.attempt("msg_1", orjson.dumps(body))
    stale = shop.simulator.attempt("msg_2", orjson.dumps(body))
    forged = replace(whole, body=whole.body.replace(b"shop-a", b"shop-b"))
    moved = replace(whole, headers={**whole.headers, TIMESTAMP_HEADER: "1795316400"})
    money = {**body, "data": {**body["data"], "amount": {"value": "1.00", "currency": "DOGE"}}}
    statuses = [
        await shop.deliver(forged),
        await shop.deliver(moved),
        await shop.post([], event_id="msg_3"),
        await shop.post(money, event_id="msg_4"),
        await shop.post({**body, "padding": "x" * 300_000}, event_id="msg_5"),
        await shop.post(body, event_id="msg_6", path="taobao"),
    ]
    shop.stage.clock.move(minutes=6)
    assert [*statuses, await shop.deliver(stale)] == [401, 401, 400, 400, 413, 404, 401]
    assert await shop.stage.rows("SELECT id FROM order_events") == []


async def test_what_cannot_be_stored_is_refused_for_a_while_and_taken_when_it_comes_again(shop: Shop) -> None:
    body = orjson.dumps(shop.order().told("create"))
    await shop.stage.execute(NO_ROOM)
    refused = await shop.answered(shop.simulator.attempt("msg_1", body))
    await shop.stage.execute("DROP TRIGGER no_room")
    taken = await shop.answered(shop.simulator.attempt("msg_1", body))
    assert (refused, taken) == ((503, "5"), (200, None))
    await shop.told()
    assert await shop.stage.rows("SELECT status FROM orders") == [("pending_payment",)]


async def test_a_type_nobody_knows_is_taken_and_counted(shop: Shop) -> None:
    assert await shop.post({"type": "order.gift_wrapped", "timestamp": "2026-11-22T08:30:00Z", "data": {}}) == 200
    assert 'zhanggui_events_total{channel="orders",outcome="unknown"} 1.0' in (await shop.stage.get("/metrics"))[1]


async def test_a_shop_that_is_cut_off_is_told_of_until_it_is_back(shop: Shop) -> None:
    told = {"type": "channel.status", "timestamp": "2026-11-22T08:30:00Z"}
    data = {"channel": "xianyu", "account_id": "shop-a"}
    await shop.post({**told, "data": {**data, "status": "risk_control"}}, event_id="msg_1")
    await shop.card("店铺被风控：shop-a")
    back = {**told, "timestamp": "2026-11-22T08:40:00Z", "data": {**data, "status": "online"}}
    await shop.post(back, event_id="msg_2")
    await shop.told()
    late = {**told, "data": {**data, "status": "offline"}}
    await shop.post(late, event_id="msg_3")
    await shop.told()
    assert await shop.stage.rows("SELECT state FROM matters") == [("settled",)]


async def test_a_bridge_whose_clock_is_years_ahead_does_not_cut_a_shop_off_for_ever(shop: Shop) -> None:
    data = {"channel": "xianyu", "account_id": "shop-a"}
    told = {"type": "channel.status", "timestamp": "2031-01-01T00:00:00Z"}
    ahead = {**told, "data": {**data, "status": "offline"}}
    await shop.post(ahead, event_id="msg_ahead")
    await shop.card("店铺断线：shop-a")
    shop.stage.clock.move(minutes=10)
    now = shop.stage.clock.now().isoformat()
    back = {**told, "timestamp": now, "data": {**data, "status": "online"}}
    await shop.post(back, event_id="msg_back")
    await shop.told()
    assert await shop.stage.rows("SELECT state FROM matters") == [("settled",)]


async def test_what_arrived_before_a_restart_is_taken_in_after_it_and_known_again(shop: Shop) -> None:
    body = await shop.pays()
    await shop.stage.restart()
    assert await shop.post(body, event_id="msg_00000001") == 200
    await shop.stage.quiet()
    assert await shop.stage.rows("SELECT count(*) FROM order_events") == [(1,)]
    assert await shop.stage.rows("SELECT count(*) FROM matters") == [(1,)]
