"""What the catalogue knows, as it is read and written. None always means "not known", never zero.

Field names are column names: one row class is one table (``tables.TABLES``).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bot.contracts.quantities import Asin, LocalSku, Msku, StoreId

DataKind = Literal["sellers", "products", "stock", "suggestions", "sales"]
"""What is pulled apart, and grows old apart."""

KINDS: tuple[DataKind, ...] = ("sellers", "products", "stock", "suggestions", "sales")
ACCOUNT_KINDS: frozenset[DataKind] = frozenset({"sellers", "products"})
"""Kinds that come for all stores at once; their age is kept under ``ACCOUNT``."""
ACCOUNT = StoreId("")
WINDOWS = (3, 7, 14, 30, 60, 90)
"""Days of the sales windows."""


@dataclass(frozen=True, slots=True)
class Store:
    """One selling account on one marketplace.

    ``status`` is Lingxing's: 0 sync stopped, 1 normal, 2 authorisation failed, 3 stopped for arrears.
    ``time_zone`` and ``currency`` are the marketplace's, None for one we do not know.
    ``is_listed`` turns False when the platform no longer names the store; its figures stay.
    """

    store_id: StoreId
    name: str
    country: str
    region: str
    marketplace_id: str
    status: int
    has_ads: bool | None = None
    currency: str | None = None
    time_zone: str | None = None
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the warehouse. ``status``: 0 stopped, 1 on sale, 2 in development, 3 clearance."""

    local_sku: LocalSku
    name: str | None = None
    purchase_lead_days: int | None = None
    moq_units: int | None = None
    units_per_carton: int | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The identity map: what one store sells under which codes."""

    store_id: StoreId
    msku: Msku
    asin: Asin | None = None
    fnsku: str | None = None
    local_sku: LocalSku | None = None
    name: str | None = None
    opened_on: date | None = None


def fold_code(text: str) -> str:
    """The form in which codes are compared: case does not matter, nor do spaces around."""
    return text.strip().casefold()


def listing_spellings(listing: Listing) -> dict[str, str]:
    """Every code a listing answers to, folded, with its own spelling."""
    codes = (listing.msku, listing.asin, listing.fnsku, listing.local_sku)
    return {fold_code(code): code for code in reversed(codes) if code and code.strip()}


@dataclass(frozen=True, slots=True)
class FbaStock:
    """Units of one listing by state, in Amazon's hands or on their way there."""

    store_id: StoreId
    msku: Msku
    fulfillable: int | None = None
    reserved_transfers: int | None = None
    reserved_processing: int | None = None
    reserved_orders: int | None = None
    inbound_working: int | None = None
    inbound_shipped: int | None = None
    inbound_receiving: int | None = None
    unsellable: int | None = None
    researching: int | None = None
    is_shared: bool = False
    """True when the figures are this store's part of a stock that several stores sell from."""


STOCK_STATES = (
    "fulfillable",
    "reserved_transfers",
    "reserved_processing",
    "reserved_orders",
    "inbound_working",
    "inbound_shipped",
    "inbound_receiving",
    "unsellable",
    "researching",
)
"""The states of ``FbaStock``, in the order of its fields."""


@dataclass(frozen=True, slots=True)
class StockDay:
    """Units of one listing as the last pull of one day of the marketplace's calendar found them."""

    store_id: StoreId
    msku: Msku
    stock_date_marketplace: date
    fulfillable: int | None = None
    reserved_transfers: int | None = None
    reserved_processing: int | None = None
    inbound_working: int | None = None
    inbound_shipped: int | None = None
    inbound_receiving: int | None = None


@dataclass(frozen=True, slots=True)
class StockHistory:
    """A listing's stock day by day, ``days`` in a row. None is a day on which it was not pulled."""

    store_id: StoreId
    msku: Msku
    days: tuple[date, ...]
    stock: tuple[StockDay | None, ...]


@dataclass(frozen=True, slots=True)
class DailySales:
    """Units and order lines sold on one day of the marketplace's calendar. Days that sold nothing have no row."""

    store_id: StoreId
    msku: Msku
    sales_date_marketplace: date
    units: int
    orders: int | None = None


@dataclass(frozen=True, slots=True)
class SalesDay:
    """A closed day whose sales were pulled. Until ``is_settled`` it is pulled again."""

    store_id: StoreId
    sales_date_marketplace: date
    is_settled: bool


@dataclass(frozen=True, slots=True)
class SalesHistory:
    """Units sold day by day, ``days`` in a row. None is a day that was not pulled, or before the listing's history."""

    store_id: StoreId
    msku: Msku
    days: tuple[date, ...]
    units: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class ListingDays:
    """One listing day by day: units that can be sold, and units sold. None is not known."""

    msku: Msku
    sellable: tuple[int | None, ...]
    sold: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class StoreDays:
    """A store's listings over ``days`` in a row, and on which of them its stock, and its sales, were pulled.

    The last day is the newest whose stock is known, or the one after the newest whose sales are.
    """

    store_id: StoreId
    days: tuple[date, ...]
    has_stock: tuple[bool, ...]
    has_sales: tuple[bool, ...]
    listings: tuple[ListingDays, ...]


@dataclass(frozen=True, slots=True)
class SalesWindows:
    """Units sold in the last 3 … 90 days up to and including ``through``, with how many of those days are known.

    Known are days that were pulled and lie in the listing's own history, which begins at ``history_from``.
    """

    store_id: StoreId
    msku: Msku
    through: date
    history_from: date
    days_3: int
    days_7: int
    days_14: int
    days_30: int
    days_60: int
    days_90: int
    units_3: int
    units_7: int
    units_14: int
    units_30: int
    units_60: int
    units_90: int

    def known_days(self) -> tuple[int, ...]:
        """Known days per window, in the order of ``WINDOWS``."""
        return (self.days_3, self.days_7, self.days_14, self.days_30, self.days_60, self.days_90)

    def units(self) -> tuple[int, ...]:
        """Units sold per window, in the order of ``WINDOWS``."""
        return (self.units_3, self.units_7, self.units_14, self.units_30, self.units_60, self.units_90)


@dataclass(frozen=True, slots=True)
class RestockSuggestion:
    """Lingxing's own figures for one listing. Stock in warehouses is shared by all listings of a local SKU."""

    store_id: StoreId
    msku: Msku
    purchase_units: int | None = None
    local_to_fba_units: int | None = None
    local_to_oversea_units: int | None = None
    oversea_to_fba_units: int | None = None
    daily_units: Decimal | None = None
    supply_days: Decimal | None = None
    fba_supply_days: Decimal | None = None
    stockout_on: date | None = None
    needs_restock: bool | None = None
    local_units: int | None = None
    oversea_units: int | None = None
    purchase_plan_units: int | None = None
    purchase_ordered_units: int | None = None
    inspection_units: int | None = None
    local_shipping_units: int | None = None
    oversea_shipping_units: int | None = None


@dataclass(frozen=True, slots=True)
class SyncAge:
    """How fresh one kind of one store's data is. ``last_error_code`` is empty after a success.

    ``as_of`` is when the last complete pull began; ``rows`` and ``quarantined`` count what it brought.
    """

    store_id: StoreId
    kind: DataKind
    as_of: datetime | None = None
    last_tried_at: datetime | None = None
    last_error_code: str = ""
    rows: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A pulled row that did not fit, redacted, with the reason; ``digest`` tells two of them apart."""

    platform: str
    store_id: StoreId
    kind: DataKind
    digest: str
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """All that is known about one listing, side by side."""

    listing: Listing
    stock: FbaStock | None
    sales: SalesWindows | None
    suggestion: RestockSuggestion | None
    product: Product | None
