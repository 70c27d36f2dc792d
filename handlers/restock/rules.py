"""The classic restock rule: weighted daily sales against stock, transit and the days to stock for.

Every figure is computed from figures exactly as they are shown: daily sales are rounded to 4 decimals first and
used so, later products and differences are exact, quotients are again rounded to 4 decimals.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import lcm
from typing import Literal

from handlers.restock.policy import Component, Packing, RestockPolicy, components, counted_units, packing
from storage.catalog.rows import WINDOWS, ListingFacts, SalesWindows

Urgency = Literal["stockout", "urgent", "soon", "unknown", "enough", "idle"]
"""stockout: nothing to sell but demand; urgent: gone before an order placed now can arrive; soon: an order is due;
unknown: an input is missing; enough: covered; idle: nothing sold in the known windows."""
Unknown = Literal["sales", "stock", "transit"]

_RANK: dict[Urgency, int] = {"stockout": 0, "urgent": 1, "soon": 2, "unknown": 3, "enough": 4, "idle": 5}
_PLACES = 4
_ONE = 10**_PLACES


@dataclass(frozen=True, slots=True)
class Window:
    """Units sold in the last ``days`` days, of which ``known_days`` are known and count."""

    days: int
    known_days: int
    units: int
    weight_percent: int


@dataclass(frozen=True, slots=True)
class RestockLine:
    """One listing's plan with all it was made from. None is "not known"; ``unknown`` says what is missing.

    Units: ``daily_units`` per day; supply and target days in days; the rest in units.
    """

    facts: ListingFacts
    windows: tuple[Window, ...]
    daily_units: Decimal | None
    sellable_units: int | None
    transit_units: int | None
    supply_days: Decimal | None
    supply_days_with_transit: Decimal | None
    components: tuple[Component, ...]
    target_days: int
    target_units: Decimal | None
    need_units: Decimal | None
    packing: Packing
    order_units: int | None
    unknown: tuple[Unknown, ...]
    urgency: Urgency


def plan_line(facts: ListingFacts, policy: RestockPolicy, cover_days: int | None = None) -> RestockLine:
    """Plan one listing by the classic rule; ``cover_days`` replaces the policy's order cycle."""
    windows = sales_windows(facts.sales, policy)
    daily = daily_units(windows)
    sellable = counted_units(facts.stock, policy.sellable_states)
    transit = counted_units(facts.stock, policy.transit_states)
    position = None if sellable is None or transit is None else sellable + transit
    parts = components(policy, facts.product, cover_days)
    target_days = sum(part.days for part in parts)
    target = None if daily is None else daily * target_days
    need = None if target is None or position is None else max(Decimal(0), target - position)
    pack = packing(facts.product)
    return RestockLine(
        facts=facts,
        windows=windows,
        daily_units=daily,
        sellable_units=sellable,
        transit_units=transit,
        supply_days=days_of_supply(sellable, daily),
        supply_days_with_transit=days_of_supply(position, daily),
        components=parts,
        target_days=target_days,
        target_units=target,
        need_units=need,
        packing=pack,
        order_units=None if need is None else order_units(need, pack),
        unknown=_unknown(daily, sellable, transit),
        urgency=_urgency(daily, sellable, position, need, lead_days=parts[0].days + parts[1].days),
    )


def sales_windows(sales: SalesWindows | None, policy: RestockPolicy) -> tuple[Window, ...]:
    """The windows with their weights; none if the listing's sales are not known."""
    if sales is None:
        return ()
    return tuple(map(Window, WINDOWS, sales.known_days(), sales.units(), policy.weights))


def daily_units(windows: tuple[Window, ...]) -> Decimal | None:
    """Weighted daily sales to 4 decimals, half up; None if a window that counts has no known day."""
    counting = [window for window in windows if window.weight_percent]
    if not counting or any(window.known_days == 0 for window in counting):
        return None
    whole = lcm(*(window.known_days for window in counting))
    weighted = sum(window.weight_percent * window.units * (whole // window.known_days) for window in counting)
    return quotient(max(0, weighted), 100 * whole)


def days_of_supply(units: int | None, daily: Decimal | None) -> Decimal | None:
    """How many days ``units`` last, to 4 decimals; None if an input is unknown or nothing sells."""
    if units is None or not daily:
        return None
    return quotient(units * _ONE, int(daily.scaleb(_PLACES)))


def order_units(need_units: Decimal, pack: Packing) -> int:
    """Whole cartons that cover the need and reach the MOQ; 0 if nothing is needed."""
    if need_units <= 0:
        return 0
    least = max(int(need_units.to_integral_value(ROUND_CEILING)), pack.moq_units or 0)
    return -(-least // pack.units_per_carton) * pack.units_per_carton


def quotient(numerator: int, denominator: int) -> Decimal:
    """``numerator / denominator`` to 4 decimals, half up."""
    return Decimal((2 * numerator * _ONE + denominator) // (2 * denominator)).scaleb(-_PLACES)


def by_urgency(line: RestockLine) -> tuple[int, Decimal, int, str, str]:
    """Sorts lines: most urgent level first, then the shortest supply, then the largest order."""
    supply = line.supply_days_with_transit
    listing = line.facts.listing
    return (
        _RANK[line.urgency],
        Decimal("Infinity") if supply is None else supply,
        -(line.order_units or 0),
        listing.msku,
        listing.store_id,
    )


def _unknown(daily: Decimal | None, sellable: int | None, transit: int | None) -> tuple[Unknown, ...]:
    inputs: tuple[tuple[Unknown, object], ...] = (("sales", daily), ("stock", sellable), ("transit", transit))
    return tuple(name for name, value in inputs if value is None)


def _urgency(
    daily: Decimal | None, sellable: int | None, position: int | None, need: Decimal | None, *, lead_days: int
) -> Urgency:
    if daily and sellable == 0:
        return "stockout"
    if daily is None or position is None:
        return "unknown"
    if not daily:
        return "idle"
    if position < daily * lead_days:
        return "urgent"
    return "soon" if need else "enough"
