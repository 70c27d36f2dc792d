"""Charts of the restock cards show what is stored and say what they assume."""

from collections.abc import Sequence
from datetime import timedelta

from bot.contracts.cards import Chart
from bot.contracts.quantities import StoreId
from handlers.restock.charts import HISTORY_DAYS, Past, sku_charts, supply_chart
from handlers.restock.policy import RestockPolicy
from handlers.restock.rules import RestockLine, by_urgency, plan_line
from handlers.restock.surroundings import Surroundings
from storage.catalog.rows import SalesHistory, StockDay, StockHistory, Store
from tests.handlers.asking import NOW, an_asking
from tests.handlers.restock.builders import MSKU, THROUGH, a_listing, a_stock, some_facts, some_sales

STORES = {store_id: Store(StoreId(store_id), name, "", "", "", 1) for store_id, name in (("101", "US"), ("102", "UK"))}
AROUND = Surroundings(an_asking().words, NOW, {store.store_id: store for store in STORES.values()}, {})


def a_line(msku: str = "M-1", store_id: str = "101", **stock: int | None) -> RestockLine:
    facts = some_facts(
        listing=a_listing(msku, store_id),
        stock=a_stock(msku, store_id, **stock),
        sales=some_sales(msku=msku, store_id=store_id),
    )
    return plan_line(facts, RestockPolicy())


def a_history(*units: int | None, store_id: str = "101", ends: int = 0) -> SalesHistory:
    days = tuple(THROUGH - timedelta(days=ends + ago) for ago in range(len(units) - 1, -1, -1))
    return SalesHistory(StoreId(store_id), MSKU, days, units)


def a_past(*units: int | None, stock: tuple[int | None, ...] = (), store_id: str = "101", ends: int = 0) -> Past:
    """Sales, and sellable stock that ends on the same day."""
    sales = a_history(*units, store_id=store_id, ends=ends)
    days = sales.days[len(units) - len(stock) :]
    found = tuple(
        None if each is None else StockDay(sales.store_id, MSKU, day, fulfillable=each)
        for day, each in zip(days, stock, strict=True)
    )
    return Past(sales, StockHistory(sales.store_id, MSKU, days, found), ("fulfillable",))


def bars(*lines: RestockLine) -> Sequence[Chart]:
    return supply_chart(sorted(lines, key=by_urgency), AROUND)


def test_the_list_shows_the_most_urgent_by_days_of_supply() -> None:
    (chart,) = bars(a_line("M-2"), a_line("M-3", fulfillable=0), a_line("M-4", fulfillable=None))
    assert (chart.kind, chart.labels) == ("bar", ("M-3", "M-2"))
    assert [series.values for series in chart.series] == [(0.0, 18.8), (15.6, 34.4)]


def test_stores_are_named_where_there_are_several() -> None:
    (chart,) = bars(a_line("M-2"), a_line("M-2", "102"))
    assert set(chart.labels) == {"M-2 · US", "M-2 · UK"}


def test_at_most_ten_bars_are_shown_and_one_alone_is_no_comparison() -> None:
    (chart,) = bars(*(a_line(f"M-{number}") for number in range(30)))
    assert (len(chart.labels), bars(a_line())) == (10, ())


def test_sales_of_each_store_stand_on_common_days_with_gaps() -> None:
    sales, *_ = sku_charts([a_line()], [a_past(1, None, 0), a_past(5, 6, store_id="102", ends=1)], AROUND)
    assert (sales.kind, sales.labels) == ("line", ("11-18", "11-19", "11-20"))
    assert {series.name: series.values for series in sales.series} == {"US": (1, None, 0), "UK": (5, 6, None)}
    assert str(HISTORY_DAYS) in sales.title


def test_stock_of_each_store_stands_day_by_day_and_a_missing_day_is_a_gap() -> None:
    pasts = [a_past(1, 1, 1, stock=(30, None, 28)), a_past(2, 2, store_id="102", stock=(9, 7))]
    _, stock, *_ = sku_charts([a_line()], pasts, AROUND)
    assert (stock.kind, stock.labels, stock.unit) == ("line", ("11-18", "11-19", "11-20"), "件")
    assert {series.name: series.values for series in stock.series} == {"US": (30, None, 28), "UK": (None, 9, 7)}


def test_days_of_supply_go_by_the_two_weeks_before() -> None:
    _, _, supply, *_ = sku_charts([a_line()], [a_past(*[2] * 14, *[4] * 14, stock=(80, 40, 0))], AROUND)
    assert supply.series[0].values == (21.5, 10.4, 0.0)
    assert supply.unit == "天"


def test_days_of_supply_are_unknown_while_sales_are() -> None:
    charts = sku_charts([a_line()], [a_past(*[3] * 6, stock=(80, 40))], AROUND)
    assert [chart.kind for chart in charts] == ["line", "line", "band"]


def test_one_day_of_stock_is_no_history() -> None:
    assert len(sku_charts([a_line()], [a_past(1, 1, stock=(30,))], AROUND)) == 2


def test_stock_is_looked_ahead_between_no_transit_and_all_of_it() -> None:
    (outlook,) = sku_charts([a_line()], [], AROUND)
    (series,) = outlook.series
    assert (outlook.kind, series.values[:2], series.upper[:2]) == ("band", (180, 170.4), (330, 320.4))
    assert (series.values[-1], series.upper[-1], len(outlook.labels)) == (0, 0, 36)
    assert "9.60" in outlook.title and "在途到货日未知" in outlook.title


def test_without_transit_there_is_one_line_and_nothing_is_said_of_it() -> None:
    (outlook,) = sku_charts([a_line(inbound_shipped=0)], [], AROUND)
    assert (outlook.kind, outlook.series[0].upper, "在途" in outlook.title) == ("area", (), False)


def test_nothing_is_looked_ahead_from_what_is_not_known() -> None:
    assert sku_charts([a_line(fulfillable=None), a_line(inbound_shipped=None)], [a_past(None)], AROUND) == ()


def test_nothing_in_stock_needs_no_outlook() -> None:
    assert sku_charts([a_line(fulfillable=0, inbound_shipped=0)], [], AROUND) == ()
