"""The client against the simulator, in fair weather."""

from datetime import date, timedelta
from decimal import Decimal

from bot.contracts.quantities import StoreId
from integrations.lingxing.client import LingxingClient
from integrations.lingxing.simulator import LingxingSimulator
from tests.integrations.lingxing.builders import (
    CHANGED_AT,
    a_product,
    a_seller,
    an_order,
    fill_stock,
    fill_suggestions,
    sales,
)

STORE = StoreId("136")


async def test_all_stores_are_listed_with_their_status(client: LingxingClient, simulator: LingxingSimulator) -> None:
    simulator.add_seller(a_seller(sid=139, name="晨星-DE", status=2))
    pulled = await client.list_sellers()
    assert [(seller.sid, seller.status) for seller in pulled.rows] == [("136", 1), ("139", 2)]


async def test_every_page_of_a_list_is_read(client: LingxingClient, simulator: LingxingSimulator) -> None:
    fill_stock(simulator, 451)
    pulled = await client.list_fba_stock([STORE])
    assert len(pulled.rows) == 451
    assert [call.body["offset"] for call in simulator.calls_of("fba_stock")] == [0, 200, 400]


async def test_progress_is_told_after_each_page(client: LingxingClient, simulator: LingxingSimulator) -> None:
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        told.append((done, total))

    fill_suggestions(simulator, 120)
    await client.list_restock_suggestions([STORE], progress=progress)
    assert told == [(50, 120), (100, 120), (120, 120)]


async def test_both_ends_of_the_sales_window_are_included(client: LingxingClient, simulator: LingxingSimulator) -> None:
    simulator.add_sales(136, sales(date(2026, 11, 1), days=20))
    pulled = await client.list_daily_sales(STORE, date(2026, 11, 5), date(2026, 11, 7))
    assert [row.r_date.day for row in pulled.rows] == [5, 6, 7]


async def test_products_carry_their_lead_time(client: LingxingClient, simulator: LingxingSimulator) -> None:
    simulator.add_product(a_product(1, lead_days=0))
    pulled = await client.list_products()
    assert pulled.rows[0].cg_delivery == 0
    assert pulled.rows[0].supplier_quote[0].quotes[0].step_prices[0].moq == 100


async def test_the_check_needs_one_business_call(client: LingxingClient, simulator: LingxingSimulator) -> None:
    assert await client.check() >= 0
    assert simulator.counts == {"token": 1, "sellers": 1}


async def test_orders_that_changed_are_listed_without_those_that_amazon_fulfils(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    simulator.put_order(an_order("own"))
    simulator.put_order(an_order("amazons", channel="AFN"))
    simulator.put_order(an_order("elsewhere", sid=139))
    simulator.put_order(an_order("old", modified_at=CHANGED_AT - timedelta(days=2)))
    pulled = await client.list_own_orders([STORE], CHANGED_AT, CHANGED_AT)
    (row,) = pulled.rows
    assert (row.amazon_order_id, row.gmt_modified_utc, row.order_total_amount) == ("own", CHANGED_AT, Decimal("19.99"))


async def test_stores_beyond_those_of_one_call_are_asked_for_in_the_next(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    simulator.put_order(an_order("last", sid=224))
    pulled = await client.list_own_orders([StoreId(str(sid)) for sid in range(200, 225)], CHANGED_AT, CHANGED_AT)
    assert [row.amazon_order_id for row in pulled.rows] == ["last"]
