"""The classic rule, by the reference's example and by what must hold for any figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.restock.policy import Component, Packing, RestockPolicy
from handlers.restock.rules import RestockLine, by_urgency, daily_units, order_units, plan_line, sales_windows
from storage.catalog.rows import WINDOWS, ListingFacts
from tests.handlers.restock.builders import a_product, a_stock, some_facts, some_sales

POLICY = RestockPolicy()

counts = st.integers(0, 100_000)
known_days = st.tuples(*(st.integers(1, days) for days in WINDOWS))
units_sold = st.tuples(*(counts for _ in WINDOWS))
needs = st.decimals(0, 100_000, places=4)
packings = st.builds(Packing, st.integers(1, 500), st.just("product"), st.none() | st.integers(1, 5_000))


@st.composite
def facts(draw: st.DrawFn) -> ListingFacts:
    sales = some_sales(*draw(units_sold), days=draw(known_days))
    stock = a_stock(fulfillable=draw(counts), inbound_shipped=draw(counts))
    product = a_product(units_per_carton=draw(st.integers(1, 500)), moq_units=draw(st.none() | st.integers(1, 5_000)))
    return some_facts(sales=sales, stock=stock, product=product)


def planned(**changes: object) -> RestockLine:
    return plan_line(some_facts(**changes), POLICY)


def test_the_reference_example_gives_its_figures() -> None:
    line = planned()
    assert (line.daily_units, line.supply_days, line.supply_days_with_transit) == (
        Decimal("9.6000"),
        Decimal("18.7500"),
        Decimal("34.3750"),
    )
    assert (line.target_days, line.target_units, line.need_units, line.order_units) == (
        69,
        Decimal("662.4000"),
        Decimal("332.4000"),
        336,
    )


@pytest.mark.parametrize(("need", "order"), [("137", 144), ("60", 108)])
def test_the_reference_example_of_cartons_and_minimum_order(need: str, order: int) -> None:
    assert order_units(Decimal(need), Packing(36, "product", 100)) == order


def test_all_assumptions_are_marked_as_defaults() -> None:
    assert planned(product=None).components == (
        Component("purchasing", 15, "default"),
        Component("transport", 30, "default"),
        Component("safety", 10, "default"),
        Component("cycle", 14, "default"),
    )


def test_a_measured_purchasing_time_replaces_the_default() -> None:
    assert planned(product=a_product(purchase_lead_days=21)).components[0] == Component("purchasing", 21, "product")


def test_asked_days_replace_the_order_cycle() -> None:
    line = plan_line(some_facts(), POLICY, cover_days=60)
    assert (line.components[-1], line.target_days) == (Component("cycle", 60, "asked"), 115)


def test_an_unknown_carton_counts_as_one_unit() -> None:
    line = planned(product=a_product(units_per_carton=None))
    assert (line.packing, line.order_units) == (Packing(1, "default", None), 333)


@pytest.mark.parametrize(
    ("changes", "unknown"),
    [
        ({"sales": None}, ("sales",)),
        ({"stock": None}, ("stock", "transit")),
        ({"stock": a_stock(reserved_transfers=None)}, ("stock",)),
        ({"stock": a_stock(inbound_receiving=None)}, ("transit",)),
        ({"sales": some_sales(days=(0, 2, 9, 25, 55, 85))}, ("sales",)),
    ],
)
def test_a_missing_input_makes_the_order_unknown_and_never_zero(
    changes: dict[str, object], unknown: tuple[str, ...]
) -> None:
    line = planned(**changes)
    assert (line.unknown, line.order_units, line.urgency) == (unknown, None, "unknown")


def test_a_state_that_does_not_count_may_be_unknown() -> None:
    assert planned(stock=a_stock(inbound_working=None, researching=None)).order_units == 336


def test_a_short_history_is_averaged_over_its_own_days() -> None:
    windows = sales_windows(some_sales(30, 50, 50, 50, 50, 50, days=(3, 5, 5, 5, 5, 5)), POLICY)
    assert daily_units(windows) == Decimal("10.0000")


@pytest.mark.parametrize(
    ("changes", "urgency"),
    [
        ({"stock": a_stock(fulfillable=0)}, "stockout"),
        ({"stock": a_stock(fulfillable=0, inbound_shipped=None)}, "stockout"),
        ({}, "urgent"),
        ({"stock": a_stock(fulfillable=400)}, "soon"),
        ({"stock": a_stock(fulfillable=600)}, "enough"),
        ({"sales": some_sales(0, 0, 0, 0, 0, 0)}, "idle"),
        ({"stock": None}, "unknown"),
    ],
)
def test_urgency_follows_from_supply_and_lead_time(changes: dict[str, object], urgency: str) -> None:
    assert planned(**changes).urgency == urgency


def test_nothing_sold_orders_nothing_but_knows_it() -> None:
    line = planned(sales=some_sales(0, 0, 0, 0, 0, 0))
    assert (line.order_units, line.supply_days, line.unknown) == (0, None, ())


def test_lines_sort_by_level_then_by_the_days_left() -> None:
    levels = [planned(stock=a_stock(fulfillable=fulfillable)) for fulfillable in (600, 400, 180, 100, 0)]
    ordered = [line.sellable_units for line in sorted(levels, key=by_urgency)]
    assert ordered == [0, 100, 180, 400, 600]


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="100 percent"):
        RestockPolicy(weights=(10, 20, 20, 30, 10, 20))


@given(facts(), st.integers(0, 5), st.integers(1, 1000))
def test_more_sales_never_mean_ordering_less(known: ListingFacts, window: int, more: int) -> None:
    assert known.sales is not None
    units = list(known.sales.units())
    units[window] += more
    grown = some_facts(
        sales=some_sales(*units, days=known.sales.known_days()), stock=known.stock, product=known.product
    )
    before, after = plan_line(known, POLICY).order_units, plan_line(grown, POLICY).order_units
    assert before is not None
    assert after is not None
    assert after >= before


@given(facts(), st.integers(1, 364))
def test_more_days_to_cover_never_mean_ordering_less(known: ListingFacts, days: int) -> None:
    shorter, longer = plan_line(known, POLICY, days).order_units, plan_line(known, POLICY, days + 1).order_units
    assert shorter is not None
    assert longer is not None
    assert longer >= shorter


@given(facts())
def test_stock_and_order_together_cover_the_target(known: ListingFacts) -> None:
    line = plan_line(known, POLICY)
    assert line.target_units is not None
    assert (line.sellable_units or 0) + (line.transit_units or 0) + (line.order_units or 0) >= line.target_units


@given(needs, packings)
def test_orders_are_whole_cartons_and_reach_the_minimum(need: Decimal, pack: Packing) -> None:
    order = order_units(need, pack)
    assert order % pack.units_per_carton == 0
    assert order == 0 if need == 0 else order >= max(need, Decimal(pack.moq_units or 0))


@given(needs, packings)
def test_no_carton_is_ordered_that_nothing_needs(need: Decimal, pack: Packing) -> None:
    assert order_units(need, pack) - pack.units_per_carton < max(need, Decimal(pack.moq_units or 0))


@given(facts())
def test_daily_sales_are_the_weighted_means_rounded_half_up(known: ListingFacts) -> None:
    windows = sales_windows(known.sales, POLICY)
    true = sum(Fraction(w.weight_percent * w.units, 100 * w.known_days) for w in windows)
    shown = daily_units(windows)
    assert shown is not None
    assert -Fraction(1, 20_000) < true - Fraction(shown) < Fraction(1, 20_000) or Fraction(shown) - true == Fraction(
        1, 20_000
    )
