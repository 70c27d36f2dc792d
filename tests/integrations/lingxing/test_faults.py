"""What the client does when Lingxing refuses, stalls, drifts or sends oddities."""

import asyncio
from datetime import date

import pytest

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamContractError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
)
from bot.contracts.quantities import StoreId
from integrations.http.answers import Call, Response
from integrations.http.simulation import Weather
from integrations.lingxing.client import RESTOCK, SELLERS, LingxingClient
from integrations.lingxing.errors import MENU, judge
from integrations.lingxing.session import Session
from integrations.lingxing.simulator import LingxingSimulator
from tests.integrations.http.fakes import HurriedClock, MemoryTokens, SteppingClock
from tests.integrations.lingxing.builders import (
    a_seller,
    a_stock,
    a_suggestion,
    fill_suggestions,
    sales,
)
from tests.integrations.lingxing.sessions import opened

STORE = StoreId("136")


async def test_an_address_that_is_not_listed_is_shown_with_the_menu_that_mends_it(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    simulator.gate.white_listed = False
    with pytest.raises(UpstreamAuthError) as caught:
        await client.check()
    assert caught.value.code == "lingxing_white_list"
    assert (caught.value.values["menu"], caught.value.values["address"]) == (MENU, "203.0.113.7")
    assert simulator.counts == {"token": 1}


async def test_a_full_bucket_is_waited_for(
    client: LingxingClient, simulator: LingxingSimulator, clock: SteppingClock
) -> None:
    simulator.next_code("3001008", "sellers", times=3)
    assert len((await client.list_sellers()).rows) == 1
    assert sum(clock.slept) >= 1 + 2 + 4


async def test_a_bucket_that_stays_full_is_given_up_after_minutes(
    client: LingxingClient, simulator: LingxingSimulator, clock: SteppingClock
) -> None:
    simulator.next_code("103", "sellers", times=1000)
    with pytest.raises(UpstreamRateLimited):
        await client.list_sellers()
    assert 120 < sum(clock.slept) < 300


async def test_calls_of_one_operation_follow_each_other(tokens: MemoryTokens) -> None:
    clock = HurriedClock()
    async with LingxingSimulator(clock) as simulator, opened(simulator, tokens, clock) as session:
        simulator.delay("sellers", seconds=2, times=3)
        await asyncio.gather(*(session.once(SELLERS, {}) for _ in range(3)))
    assert simulator.counts["sellers"] == 3


async def test_the_simulator_refuses_a_second_call_of_one_operation(tokens: MemoryTokens) -> None:
    clock = HurriedClock()
    async with (
        LingxingSimulator(clock) as simulator,
        opened(simulator, tokens, clock) as one,
        opened(simulator, tokens, clock) as other,
    ):
        await one.once(SELLERS, {})
        simulator.delay("sellers", seconds=5, times=2)
        answers = await asyncio.gather(one.once(SELLERS, {}), other.once(SELLERS, {}), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["UpstreamRateLimited", "dict"]


@pytest.mark.parametrize(
    "weather",
    [
        Weather(status=503),
        Weather(drop=True),
        Weather(html=True),
        Weather(body={"code": 500, "message": "", "data": None}),
    ],
    ids=["503", "dropped", "a page", "code 500"],
)
async def test_passing_trouble_is_tried_again(
    client: LingxingClient, simulator: LingxingSimulator, weather: Weather
) -> None:
    await client.list_sellers()
    simulator.set_weather(weather)
    assert len((await client.list_sellers()).rows) == 1
    assert simulator.counts["sellers"] == 3


async def test_lasting_trouble_is_given_up_after_three_tries(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    simulator.next_answer("sellers", status=502, times=10)
    with pytest.raises(UpstreamUnavailable):
        await client.list_sellers()
    assert simulator.counts["sellers"] == 3


async def test_a_page_with_405_means_a_wrong_path(client: LingxingClient, simulator: LingxingSimulator) -> None:
    simulator.set_weather(Weather(operation="sellers", html=True, status=405))
    with pytest.raises(UpstreamContractError):
        await client.list_sellers()
    assert simulator.counts["sellers"] == 1


async def test_a_row_that_does_not_fit_is_set_aside_and_the_rest_goes_on(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    rows = [a_seller(1).wire(), {**a_seller(2).wire(), "status": "later"}, a_seller(3).wire()]
    simulator.set_weather(Weather(operation="sellers", body={"code": 0, "message": "success", "data": rows}))
    pulled = await client.list_sellers()
    assert [row.sid for row in pulled.rows] == ["1", "3"]
    assert pulled.quarantined[0].reason.startswith("status:")


async def test_a_renamed_field_is_a_broken_contract_and_not_an_empty_list(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    simulator.add_stock(a_stock())
    simulator.set_weather(Weather(operation="fba_stock", rename={"afn_fulfillable_quantity": "sellable"}))
    with pytest.raises(UpstreamContractError) as caught:
        await client.list_fba_stock([STORE])
    assert caught.value.detail == "afn_fulfillable_quantity: Field required"


async def test_rows_that_shift_between_pages_are_kept_once(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    async def shift(done: int, total: int) -> None:
        simulator.put_first(a_suggestion(1000 + done))

    fill_suggestions(simulator, 100)
    pulled = await client.list_restock_suggestions([STORE], progress=shift)
    assert len({row.basic_info.hash_id for row in pulled.rows}) == len(pulled.rows)


@pytest.mark.parametrize("total", [None, "2"])
async def test_a_total_may_be_missing_or_text(
    client: LingxingClient, simulator: LingxingSimulator, total: str | None
) -> None:
    rows = [a_suggestion(1).wire(), a_suggestion(2).wire()]
    body = {"code": 0, "message": "success", "data": rows, "total": total}
    simulator.set_weather(Weather(operation="restock", body=body))
    assert len((await client.list_restock_suggestions([STORE])).rows) == 2


async def test_a_page_shorter_than_asked_is_not_the_end(client: LingxingClient, simulator: LingxingSimulator) -> None:
    fill_suggestions(simulator, 3)
    body = {"code": 0, "message": "success", "data": [a_suggestion(1).wire()], "total": 3}
    simulator.set_weather(Weather(operation="restock", body=body))
    assert len((await client.list_restock_suggestions([STORE])).rows) == 3


@pytest.mark.parametrize("data", [None, [], {}, ""])
async def test_an_empty_list_has_many_forms(client: LingxingClient, simulator: LingxingSimulator, data: object) -> None:
    simulator.set_weather(Weather(operation="daily_sales", body={"code": 0, "message": "success", "data": data}))
    pulled = await client.list_daily_sales(STORE, date(2026, 11, 1), date(2026, 11, 2))
    assert pulled.rows == ()


async def test_a_list_that_is_no_list_is_a_broken_contract(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    simulator.set_weather(Weather(operation="sellers", body={"code": 0, "message": "success", "data": {"a": 1}}))
    with pytest.raises(UpstreamContractError):
        await client.list_sellers()


async def test_a_page_that_is_too_long_is_refused(session: Session) -> None:
    with pytest.raises(UpstreamContractError):
        await session.once(RESTOCK, {"sid_list": ["136"], "data_type": 2, "mode": 0, "offset": 0, "length": 51})


async def test_an_array_sent_as_text_is_refused(session: Session) -> None:
    with pytest.raises(UpstreamContractError):
        await session.once(RESTOCK, {"sid_list": '["136"]', "data_type": 2, "mode": 0, "offset": 0, "length": 50})


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        ({"code": "2001001"}, UpstreamAuthError, "lingxing_credentials"),
        ({"code": 1001}, UpstreamAuthError, "lingxing_credentials"),
        ({"code": "2001004"}, UpstreamAuthError, "lingxing_grant"),
        ({"code": 403, "msg": "expired"}, UpstreamAuthError, "lingxing_grant"),
        ({"code": "3001001"}, UpstreamContractError, "upstream_contract"),
        ({"code": 102}, UpstreamContractError, "upstream_contract"),
        ({"code": 400}, UpstreamContractError, "upstream_contract"),
        ({"code": 500, "message": "404 NOT_FOUND"}, UpstreamContractError, "upstream_contract"),
        ({"code": 500, "error_details": "sid 不能为空"}, UpstreamRejected, "upstream_rejected"),
        ({"code": 500, "error_details": ["sid 不能为空"]}, UpstreamRejected, "upstream_rejected"),
        ({"code": 100, "error_details": []}, UpstreamUnavailable, "upstream_unavailable"),
        ({"code": 1, "message": "success"}, UpstreamRejected, "upstream_rejected"),
        ({"code": "7654321", "msg": "new"}, UpstreamRejected, "upstream_rejected"),
        ({"data": []}, UpstreamContractError, "upstream_contract"),
        ([], UpstreamContractError, "upstream_contract"),
    ],
)
def test_each_code_has_its_meaning(answer: object, kind: type[Exception], text: str) -> None:
    call = Call(platform="lingxing", operation="sellers", idempotent=True)
    response = Response(call=call, status=200, headers={}, body=b"", json=answer, request_id="")
    with pytest.raises(kind) as caught:
        judge(response)
    assert getattr(caught.value, "code", None) == text


async def test_the_same_pull_twice_brings_the_same(client: LingxingClient, simulator: LingxingSimulator) -> None:
    simulator.add_sales(136, sales(date(2026, 8, 1), days=100, listings=30))
    first = await client.list_daily_sales(STORE, date(2026, 8, 1), date(2026, 11, 8))
    assert len(first.rows) == 3000
    assert await client.list_daily_sales(STORE, date(2026, 8, 1), date(2026, 11, 8)) == first
