"""The plain answers of the restock commands, for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from handlers.restock.rules import RestockLine, Urgency
from storage.catalog.rows import FbaStock


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line of the plan; None is "not known". Units: as in ``rules.RestockLine``."""

    store_id: str
    msku: str
    local_sku: str | None
    daily_units: Decimal | None
    supply_days: Decimal | None
    supply_days_with_transit: Decimal | None
    sellable_units: int | None
    transit_units: int | None
    target_days: int
    order_units: int | None
    lingxing_units: int | None
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class RestockResult:
    """The lines of one page out of ``total``."""

    total: int
    lines: tuple[PlannedLine, ...]


@dataclass(frozen=True, slots=True)
class StockResult:
    """The stock of one SKU in every store where it is known."""

    stock: tuple[FbaStock, ...]


def restock_result(lines: Sequence[RestockLine], total: int) -> RestockResult:
    """The lines without their explanation."""
    return RestockResult(total, tuple(map(_planned, lines)))


def _planned(line: RestockLine) -> PlannedLine:
    listing, suggestion = line.facts.listing, line.facts.suggestion
    return PlannedLine(
        store_id=listing.store_id,
        msku=listing.msku,
        local_sku=listing.local_sku,
        daily_units=line.daily_units,
        supply_days=line.supply_days,
        supply_days_with_transit=line.supply_days_with_transit,
        sellable_units=line.sellable_units,
        transit_units=line.transit_units,
        target_days=line.target_days,
        order_units=line.order_units,
        lingxing_units=suggestion.purchase_units if suggestion else None,
        urgency=line.urgency,
    )
