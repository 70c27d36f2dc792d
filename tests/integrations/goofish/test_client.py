"""The client against the simulated open platform, in all weather."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamContractError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
    UpstreamUnclear,
)
from integrations.goofish.client import GoofishClient
from integrations.goofish.simulator import GoofishSimulator
from integrations.http.simulation import Weather
from tests.integrations.goofish.clients import ORDER_NO, PARCEL, opened
from tests.integrations.http.fakes import SteppingClock

Both = tuple[GoofishClient, GoofishSimulator]
HOUR = timedelta(hours=1)


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    """A client and a platform with one order, just paid."""
    clock = SteppingClock()
    async with GoofishSimulator(clock) as simulator, opened(simulator, clock) as client:
        simulator.place(ORDER_NO, quantity=2)
        simulator.change(ORDER_NO, "pay")
        yield client, simulator


async def test_authorised_shops_are_listed(both: Both) -> None:
    client, _ = both
    assert [(shop.authorize_id, shop.shop_name) for shop in (await client.list_shops()).rows] == [("301", "演示店铺")]


@pytest.mark.parametrize("wraps", [True, False], ids=["wrapped", "bare"])
async def test_an_order_is_read_wrapped_or_not(both: Both, wraps: bool) -> None:
    client, simulator = both
    simulator.wraps_detail = wraps
    order = await client.order_detail(ORDER_NO)
    assert (order.order_no, order.state, order.goods.quantity, order.pay_amount) == (ORDER_NO, "paid", 2, 3980)


async def test_all_pages_of_what_changed_are_read(both: Both) -> None:
    client, simulator = both
    placed = [simulator.place(f"{number}").order_no for number in range(250)]
    now = simulator.clock.now()
    pulled = await client.list_orders(now - HOUR, now)
    assert {order.order_no for order in pulled.rows} == {ORDER_NO, *placed}
    assert simulator.counts["orders"] == 3


async def test_what_did_not_change_in_the_window_is_left_out(both: Both) -> None:
    client, simulator = both
    now = simulator.clock.now()
    assert (await client.list_orders(now + HOUR, now + 2 * HOUR)).rows == ()


async def test_an_order_that_does_not_fit_is_set_aside_and_the_rest_goes_on(both: Both) -> None:
    client, simulator = both
    good = simulator.orders[ORDER_NO].wire()
    rows = [good, {**good, "order_no": "2", "order_status": "?"}]
    simulator.set_weather(Weather(body={"code": 0, "data": {"list": rows, "count": 2}}))
    pulled = await client.list_orders(simulator.clock.now(), simulator.clock.now())
    assert (len(pulled.rows), len(pulled.misfits)) == (1, 1)


async def test_a_renamed_field_is_a_broken_contract_and_not_an_empty_list(both: Both) -> None:
    client, simulator = both
    simulator.set_weather(Weather(rename={"order_status": "state"}))
    with pytest.raises(UpstreamContractError, match="order_status"):
        await client.list_orders(simulator.clock.now() - HOUR, simulator.clock.now())


@pytest.mark.parametrize("data", [None, [], {"list": None}, {"list": [], "count": 0}])
async def test_an_empty_list_has_many_forms(both: Both, data: object) -> None:
    client, simulator = both
    simulator.set_weather(Weather(body={"code": 0, "msg": "OK", "data": data}))
    assert (await client.list_orders(simulator.clock.now(), simulator.clock.now())).rows == ()


async def test_a_parcel_is_shipped_with_its_number(both: Both) -> None:
    client, _ = both
    await client.ship(PARCEL)
    order = await client.order_detail(ORDER_NO)
    assert (order.state, order.waybill_no, order.express_code) == ("shipped", "SF0000000001", "SF")


async def test_a_company_in_no_table_goes_with_its_name(both: Both) -> None:
    client, simulator = both
    other = replace(PARCEL, express_code="other")
    with pytest.raises(ValueError, match="name"):
        await client.ship(other)
    await client.ship(replace(other, express_name="跨境专线"))
    assert simulator.calls_of("ship")[0].body["express_name"] == "跨境专线"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"waybill_no": "SF 1"}, "运单号错误"),
        ({"express_code": "DHL"}, "快递公司不存在"),
        ({"sender": {"ship_name": "李四"}}, "发货人信息不完整"),
        ({"order_no": "404"}, "订单不存在"),
    ],
)
async def test_what_the_platform_refuses_is_told_with_its_reason(
    both: Both, changed: dict[str, object], reason: str
) -> None:
    client, _ = both
    with pytest.raises(UpstreamRejected) as caught:
        await client.ship(replace(PARCEL, **changed))  # type: ignore[arg-type]
    assert caught.value.values["reason"] == reason


async def test_an_order_ships_once(both: Both) -> None:
    client, _ = both
    await client.ship(PARCEL)
    with pytest.raises(UpstreamRejected, match="1002"):
        await client.ship(PARCEL)


@pytest.mark.parametrize("act", ["ask_refund", "close"])
async def test_an_order_that_is_taken_back_does_not_ship(both: Both, act: str) -> None:
    client, simulator = both
    assert simulator.change(ORDER_NO, act)  # type: ignore[arg-type]
    with pytest.raises(UpstreamRejected, match="1002"):
        await client.ship(PARCEL)


@pytest.mark.parametrize("weather", [Weather(drop=True, handled=True), Weather(status=502, handled=True)])
async def test_after_a_lost_answer_the_detail_tells_what_became_of_it(both: Both, weather: Weather) -> None:
    client, simulator = both
    simulator.set_weather(weather)
    with pytest.raises(UpstreamUnclear):
        await client.ship(PARCEL)
    assert (await client.order_detail(ORDER_NO)).waybill_no == PARCEL.waybill_no


async def test_an_unpaid_order_can_cost_something_else(both: Both) -> None:
    client, simulator = both
    simulator.place("2")
    await client.change_price("2", price_fen=1500, express_fee_fen=500)
    assert (await client.order_detail("2")).pay_amount == 2000
    with pytest.raises(UpstreamRejected, match="1002"):
        await client.change_price(ORDER_NO, price_fen=1500)


@pytest.mark.parametrize(("price", "fee"), [(0, 0), (-1, 0), (1, -1)])
async def test_no_order_is_for_nothing(both: Both, price: int, fee: int) -> None:
    client, simulator = both
    with pytest.raises(ValueError, match="1 分"):
        await client.change_price(ORDER_NO, price_fen=price, express_fee_fen=fee)
    assert not simulator.calls


async def test_companies_and_card_keys_are_listed(both: Both) -> None:
    client, simulator = both
    simulator.card_keys[ORDER_NO] = [("NO-1", "PWD-1"), ("NO-2", "PWD-2")]
    assert "SF" in {company.express_code for company in (await client.list_companies()).rows}
    assert [key.card_pwd for key in (await client.list_card_keys(ORDER_NO)).rows] == ["PWD-1", "PWD-2"]


@pytest.mark.parametrize(
    ("weather", "reading", "shipping"),
    [
        (Weather(body={"code": 400, "msg": "m"}), UpstreamRejected, UpstreamRejected),
        (Weather(body={"code": 401, "msg": "m"}), UpstreamAuthError, UpstreamAuthError),
        (Weather(body={"code": 429, "msg": "m"}), UpstreamRateLimited, UpstreamRateLimited),
        (Weather(body={"code": 500, "msg": "m"}), UpstreamUnavailable, UpstreamUnclear),
        (Weather(body={"code": 1003, "msg": "m"}), UpstreamRejected, UpstreamRejected),
        (Weather(body={"code": "100008", "msg": "m"}), UpstreamAuthError, UpstreamAuthError),
        (Weather(body={"code": 7654321}), UpstreamRejected, UpstreamRejected),
        (Weather(body={}), UpstreamContractError, UpstreamUnclear),
        (Weather(body=[]), UpstreamContractError, UpstreamUnclear),
        (Weather(html=True), UpstreamUnavailable, UpstreamUnclear),
        (Weather(status=401, body={}), UpstreamAuthError, UpstreamAuthError),
        (Weather(status=404, body={}), UpstreamContractError, UpstreamContractError),
        (Weather(status=404, html=True), UpstreamContractError, UpstreamContractError),
        (Weather(status=429, retry_after=3), UpstreamRateLimited, UpstreamRateLimited),
        (Weather(status=503), UpstreamUnavailable, UpstreamUnclear),
        (Weather(drop=True), UpstreamUnavailable, UpstreamUnclear),
    ],
)
async def test_each_trouble_has_its_meaning(
    both: Both, weather: Weather, reading: type[UpstreamError], shipping: type[UpstreamError]
) -> None:
    client, simulator = both
    simulator.set_weather(replace(weather, times=2))
    with pytest.raises(UpstreamError) as read:
        await client.order_detail(ORDER_NO)
    with pytest.raises(UpstreamError) as shipped:
        await client.ship(PARCEL)
    assert (type(read.value), type(shipped.value)) == (reading, shipping)


async def test_an_app_without_the_order_interface_is_told_apart(both: Both) -> None:
    client, simulator = both
    simulator.is_granted = False
    with pytest.raises(UpstreamAuthError) as caught:
        await client.check()
    assert caught.value.code == "goofish_grant"


async def test_a_business_partner_is_known_by_its_seller() -> None:
    clock = SteppingClock()
    async with (
        GoofishSimulator(clock, seller_id="4242") as simulator,
        opened(simulator, clock, seller_id="4242") as partner,
        opened(simulator, clock, secret="another") as stranger,
    ):
        await partner.check()
        with pytest.raises(UpstreamAuthError):
            await stranger.check()


async def test_a_clock_that_is_wrong_is_refused() -> None:
    clock, late = SteppingClock(), SteppingClock()
    late.moment -= timedelta(minutes=6)
    async with GoofishSimulator(clock) as simulator, opened(simulator, late) as client:
        with pytest.raises(UpstreamAuthError):
            await client.check()


async def test_logs_tell_nothing_of_people(both: Both) -> None:
    client, simulator = both
    simulator.set_weather(Weather(rename={"order_no": "number"}))
    with structlog.testing.capture_logs() as logs, pytest.raises(UpstreamContractError):
        await client.order_detail(ORDER_NO)
    assert not [word for word in ("张三", "13800000000", "演示路") if word in str(logs)]
