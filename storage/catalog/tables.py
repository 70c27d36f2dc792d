"""The catalogue's tables: stores, products, listings, their figures, and how fresh each of them is."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from storage.catalog import rows
from storage.schema import Exact, Moment, metadata


def _store_id() -> Column[str]:
    return Column("store_id", String(32), primary_key=True)


def _msku() -> Column[str]:
    return Column("msku", String(200), primary_key=True)


def _units(*names: str, nullable: bool = True) -> list[Column[int]]:
    return [Column(name, Integer, nullable=nullable) for name in names]


stores = Table(
    "stores",
    metadata,
    _store_id(),
    Column("name", String(200), nullable=False),
    Column("country", String(80), nullable=False),
    Column("region", String(40), nullable=False),
    Column("marketplace_id", String(40), nullable=False),
    Column("status", Integer, nullable=False),
    Column("has_ads", Boolean),
    Column("currency", String(3)),
    Column("time_zone", String(60)),
    Column("is_listed", Boolean, nullable=False),
)

products = Table(
    "products",
    metadata,
    Column("local_sku", String(200), primary_key=True),
    Column("name", String(500)),
    *_units("purchase_lead_days", "moq_units", "units_per_carton", "status"),
)

listings = Table(
    "listings",
    metadata,
    _store_id(),
    _msku(),
    Column("asin", String(20)),
    Column("fnsku", String(40)),
    Column("local_sku", String(200)),
    Column("name", String(500)),
    Column("opened_on", Date),
)

listing_codes = Table(
    "listing_codes",
    metadata,
    Column("code", String(200), primary_key=True),
    _store_id(),
    _msku(),
    Column("spelling", String(200), nullable=False),
    Index("ix_listing_codes_store_id_msku", "store_id", "msku"),
)
"""Every code a listing answers to (msku, ASIN, FNSKU, local SKU), folded for comparing, beside its own spelling."""

fba_stock = Table(
    "fba_stock",
    metadata,
    _store_id(),
    _msku(),
    *_units("fulfillable", "reserved_transfers", "reserved_processing", "reserved_orders"),
    *_units("inbound_working", "inbound_shipped", "inbound_receiving", "unsellable", "researching"),
    Column("is_shared", Boolean, nullable=False),
)

stock_history = Table(
    "stock_history",
    metadata,
    _store_id(),
    _msku(),
    Column("stock_date_marketplace", Date, primary_key=True),
    *_units("fulfillable", "reserved_transfers", "reserved_processing"),
    *_units("inbound_working", "inbound_shipped", "inbound_receiving"),
    Index("ix_stock_history_store_id_stock_date_marketplace", "store_id", "stock_date_marketplace"),
    sqlite_with_rowid=False,
)

daily_sales = Table(
    "daily_sales",
    metadata,
    _store_id(),
    _msku(),
    Column("sales_date_marketplace", Date, primary_key=True),
    Column("units", Integer, nullable=False),
    Column("orders", Integer),
    Index("ix_daily_sales_store_id_sales_date_marketplace", "store_id", "sales_date_marketplace"),
    sqlite_with_rowid=False,
)

sales_days = Table(
    "sales_days",
    metadata,
    _store_id(),
    Column("sales_date_marketplace", Date, primary_key=True),
    Column("is_settled", Boolean, nullable=False),
)

sales_windows = Table(
    "sales_windows",
    metadata,
    _store_id(),
    _msku(),
    Column("through", Date, nullable=False),
    Column("history_from", Date, nullable=False),
    *_units(*(f"days_{days}" for days in rows.WINDOWS), nullable=False),
    *_units(*(f"units_{days}" for days in rows.WINDOWS), nullable=False),
)
"""Sums over ``daily_sales``, renewed with every pull of a store's sales, so that reading thousands stays quick."""

restock_suggestions = Table(
    "restock_suggestions",
    metadata,
    _store_id(),
    _msku(),
    *_units("purchase_units", "local_to_fba_units", "local_to_oversea_units", "oversea_to_fba_units"),
    Column("daily_units", Exact),
    Column("supply_days", Exact),
    Column("fba_supply_days", Exact),
    Column("stockout_on", Date),
    Column("needs_restock", Boolean),
    *_units("local_units", "oversea_units", "purchase_plan_units", "purchase_ordered_units"),
    *_units("inspection_units", "local_shipping_units", "oversea_shipping_units"),
)

sync_ages = Table(
    "sync_ages",
    metadata,
    _store_id(),
    Column("kind", String(20), primary_key=True),
    Column("as_of", Moment),
    Column("last_tried_at", Moment),
    Column("last_error_code", String(60), nullable=False),
    *_units("rows", "quarantined", nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("platform", String(40), primary_key=True),
    _store_id(),
    Column("kind", String(20), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("reason", String(500), nullable=False),
    Column("row", Text, nullable=False),
)

TABLES: dict[type, Table] = {
    rows.Store: stores,
    rows.Product: products,
    rows.Listing: listings,
    rows.FbaStock: fba_stock,
    rows.StockDay: stock_history,
    rows.DailySales: daily_sales,
    rows.SalesDay: sales_days,
    rows.SalesWindows: sales_windows,
    rows.RestockSuggestion: restock_suggestions,
    rows.SyncAge: sync_ages,
    rows.Quarantined: quarantine,
}
