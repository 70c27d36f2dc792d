"""What the classic rule assumes about time, packing and stock, and where each assumption comes from."""

from dataclasses import dataclass
from typing import Literal

from storage.catalog.rows import WINDOWS, FbaStock, Product

Origin = Literal["default", "product", "asked"]
"""default: assumed by us and marked so; product: Lingxing's product record; asked: typed by the person."""
ComponentName = Literal["purchasing", "transport", "safety", "cycle"]

MAXIMUM_COVER_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class RestockPolicy:
    """The team's assumptions; every field is a default until something measured replaces it.

    Units: days; ``weights`` are percent of the windows 3/7/14/30/60/90 and add up to 100.
    ``sellable_states`` and ``transit_states`` name the fields of ``FbaStock`` that count.
    Planned shipments (``inbound_working``) have not left and do not count.
    Raises: ValueError for weights that do not add up.
    """

    purchasing_days: int = 15
    transport_days: int = 30
    safety_days: int = 10
    cycle_days: int = 14
    weights: tuple[int, ...] = (10, 20, 20, 30, 10, 10)
    sellable_states: tuple[str, ...] = ("fulfillable", "reserved_transfers", "reserved_processing")
    transit_states: tuple[str, ...] = ("inbound_shipped", "inbound_receiving")

    def __post_init__(self) -> None:
        if len(self.weights) != len(WINDOWS) or sum(self.weights) != 100 or min(self.weights) < 0:
            raise ValueError("six weights of 0 or more must add up to 100 percent")


@dataclass(frozen=True, slots=True)
class Component:
    """One stretch of the days that an order must cover."""

    name: ComponentName
    days: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Packing:
    """How the supplier packs: whole cartons, and at least ``moq_units`` if there is a known minimum."""

    units_per_carton: int = 1
    carton_origin: Origin = "default"
    moq_units: int | None = None


def components(policy: RestockPolicy, product: Product | None, cover_days: int | None) -> tuple[Component, ...]:
    """The stretches that add up to the days to stock for; ``cover_days`` replaces the order cycle."""
    measured = product.purchase_lead_days if product else None
    return (
        Component("purchasing", policy.purchasing_days, "default")
        if measured is None
        else Component("purchasing", measured, "product"),
        Component("transport", policy.transport_days, "default"),
        Component("safety", policy.safety_days, "default"),
        Component("cycle", policy.cycle_days, "default")
        if cover_days is None
        else Component("cycle", cover_days, "asked"),
    )


def packing(product: Product | None) -> Packing:
    """The product's packing; an unknown carton is one unit, marked as a default, an unknown MOQ is none."""
    if product is None:
        return Packing()
    moq = product.moq_units or None
    if not product.units_per_carton:
        return Packing(moq_units=moq)
    return Packing(product.units_per_carton, "product", moq)


def counted_units(stock: FbaStock | None, states: tuple[str, ...]) -> int | None:
    """The sum of the named states; None as soon as one of them is not known."""
    if stock is None:
        return None
    total = 0
    for state in states:
        units: int | None = getattr(stock, state)
        if units is None:
            return None
        total += units
    return total
