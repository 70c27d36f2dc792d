"""The demo world as plain values. Everything in it is invented."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A store. ``reports_until`` is the last day whose sales the ERP has: earlier than yesterday if cut off."""

    sid: int
    mid: int
    name: str
    seller_id: str
    account_name: str
    region: str
    country: str
    country_code: str
    marketplace_id: str
    currency: str
    time_zone: str
    status: int
    reports_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product of the warehouse. ``lead_days`` 0: nobody entered it. ``cost`` is CNY per unit."""

    number: int
    local_sku: str
    asin: str
    name: str
    category: str
    lead_days: int
    cost: Decimal
    minimum_units: int
    supplier_id: int
    supplier_name: str
    local_units: int
    inspection_units: int
    ordered_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Units of one offer in Amazon's hands and on the way there."""

    fulfillable: int = 0
    transfers: int = 0
    processing: int = 0
    customer_orders: int = 0
    unsellable: int = 0
    inbound_working: int = 0
    inbound_shipped: int = 0
    inbound_receiving: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One item in one shop. ``units`` are the sales of each day from the world's first day to yesterday.

    ``on_hand`` and ``under_way`` are the units left and still travelling when each of these days ended.
    """

    shop: Shop
    item: Item
    msku: str
    fnsku: str
    price: Decimal
    opened_on: date
    units: tuple[int, ...]
    on_hand: tuple[int, ...]
    under_way: tuple[int, ...]
    shelf: Shelf

    def sold(self, days: int) -> int:
        """Units of the last ``days`` days that the ERP knows about."""
        return sum(self.units[-days:])


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Shops, items and offers on the morning of ``today``, with the sales of the ``days`` days before it."""

    seed: int
    today: date
    days: int
    shops: tuple[Shop, ...]
    items: tuple[Item, ...]
    offers: tuple[Offer, ...]

    @property
    def first_day(self) -> date:
        return self.today - timedelta(days=self.days)
