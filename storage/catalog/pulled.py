"""Storing what was pulled from a platform, kind by kind. Each function may be repeated at any time."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from bot.contracts.quantities import StoreId
from storage.catalog.replacing import apply_chunks, plan_replacement, replace_rows
from storage.catalog.rows import (
    DailySales,
    DataKind,
    FbaStock,
    Listing,
    Product,
    Quarantined,
    RestockSuggestion,
    SalesDay,
    SalesWindows,
    Store,
)
from storage.catalog.sales import sum_windows
from storage.catalog.tables import (
    daily_sales,
    fba_stock,
    listings,
    quarantine,
    restock_suggestions,
    sales_days,
    sales_windows,
    stores,
)
from storage.database import Database


async def store_sellers(database: Database, named: Sequence[Store]) -> None:
    """Keep the stores the platform names; others stay known but are no longer listed."""
    async with database.read() as reader:
        present = {row.store_id: row for row in await reader.execute(stores.select())}
    gone = present.keys() - {store.store_id for store in named}
    unlisted = (replace(Store(*present[store_id]), is_listed=False) for store_id in sorted(gone))
    await replace_rows(database, Store, [*named, *unlisted])


async def store_products(database: Database, found: Iterable[Product]) -> None:
    """Make the products exactly ``found``."""
    await replace_rows(database, Product, found)


async def store_stock(database: Database, store_id: StoreId, stock: Iterable[FbaStock]) -> None:
    """Make the store's stock exactly ``stock``."""
    await replace_rows(database, FbaStock, stock, fba_stock.c.store_id == store_id)


async def store_suggestions(database: Database, store_id: StoreId, suggestions: Iterable[RestockSuggestion]) -> None:
    """Make the store's suggestions exactly ``suggestions``."""
    await replace_rows(database, RestockSuggestion, suggestions, restock_suggestions.c.store_id == store_id)


async def store_listings(
    database: Database, store_id: StoreId, found: Iterable[Listing], *, authoritative: bool
) -> None:
    """Add to the store's identity map. Nothing is forgotten; what is known already stays unless ``authoritative``."""
    same_store = listings.c.store_id == store_id
    async with database.read() as reader:
        present = await reader.execute(listings.select().where(same_store))
        merged = await asyncio.to_thread(_merged, present, found, authoritative)
        due = await plan_replacement(reader, Listing, merged, same_store)
    await apply_chunks(database, due)


def _merged(present: Iterable[Row[*tuple[Any, ...]]], found: Iterable[Listing], authoritative: bool) -> list[Listing]:
    merged = {row.msku: Listing(*row) for row in present}
    for listing in found:
        known = merged.get(listing.msku)
        first, second = (listing, known) if authoritative else (known, listing)
        merged[listing.msku] = _filled(first or listing, second or listing)
    return list(merged.values())


async def store_sales(
    database: Database, store_id: StoreId, days: Sequence[SalesDay], sales: Iterable[DailySales]
) -> None:
    """Make the store's sales within ``days`` exactly ``sales``; the days count as known once all is written."""
    first, last = days[0].sales_date_marketplace, days[-1].sales_date_marketplace
    day = daily_sales.c.sales_date_marketplace
    await replace_rows(database, DailySales, sales, daily_sales.c.store_id == store_id, day.between(first, last))
    known = sales_days.c.sales_date_marketplace
    await replace_rows(database, SalesDay, days, sales_days.c.store_id == store_id, known.between(first, last))


async def renew_windows(database: Database, store_id: StoreId) -> None:
    """Bring the store's window sums up to its daily sales."""
    async with database.read() as reader:
        sums = await sum_windows(reader, store_id)
        due = await plan_replacement(reader, SalesWindows, sums, sales_windows.c.store_id == store_id)
    await apply_chunks(database, due)


async def store_quarantined(
    database: Database, platform: str, store_id: StoreId, kind: DataKind, rows: Iterable[Quarantined]
) -> None:
    """Make the quarantine of one pull exactly ``rows``."""
    same = (quarantine.c.platform == platform, quarantine.c.store_id == store_id, quarantine.c.kind == kind)
    await replace_rows(database, Quarantined, rows, *same)


def _filled(first: Listing, second: Listing) -> Listing:
    """``first`` with its gaps filled from ``second``."""
    return replace(
        first,
        asin=first.asin or second.asin,
        fnsku=first.fnsku or second.fnsku,
        local_sku=first.local_sku or second.local_sku,
        name=first.name or second.name,
        opened_on=first.opened_on or second.opened_on,
    )
