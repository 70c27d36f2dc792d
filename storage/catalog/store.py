"""Questions to the catalogue about stores, listings and the freshness of their figures."""

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any, cast

from rapidfuzz import process
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from bot.contracts.quantities import StoreId
from storage.catalog.replacing import put_rows
from storage.catalog.rows import (
    DataKind,
    FbaStock,
    Listing,
    ListingFacts,
    Product,
    Quarantined,
    RestockSuggestion,
    SalesWindows,
    Store,
    SyncAge,
    fold_code,
)
from storage.catalog.tables import (
    TABLES,
    fba_stock,
    listing_codes,
    listings,
    products,
    quarantine,
    restock_suggestions,
    sales_windows,
    stores,
    sync_ages,
)
from storage.database import Reader, Transaction

_FACT_ROWS: tuple[type, ...] = (Listing, FbaStock, SalesWindows, RestockSuggestion, Product)
_FACT_EDGES = tuple(accumulate((len(fields(row)) for row in _FACT_ROWS), initial=0))


async def list_stores(reader: Reader) -> tuple[Store, ...]:
    """All stores the platform names now, by name."""
    found = await reader.execute(_select(Store).where(stores.c.is_listed).order_by(stores.c.name, stores.c.store_id))
    return tuple(Store(*row) for row in found)


async def stores_matching(reader: Reader, text: str) -> tuple[Store, ...]:
    """Stores whose id, name or country is ``text``, else those whose name contains it; case does not matter."""
    everything, sought = await list_stores(reader), text.strip().casefold()
    exact = tuple(s for s in everything if sought in (s.store_id, s.name.casefold(), s.country.casefold()))
    return exact or tuple(s for s in everything if sought and sought in s.name.casefold())


async def list_facts(reader: Reader, store_ids: Collection[StoreId]) -> tuple[ListingFacts, ...]:
    """What is known about the living listings of the stores: those with stock, a suggestion or sales in 90 days."""
    is_living = or_(
        fba_stock.c.msku.is_not(None), restock_suggestions.c.msku.is_not(None), sales_windows.c.units_90 > 0
    )
    return await _facts(reader, listings.c.store_id.in_(store_ids), is_living)


async def facts_by_code(reader: Reader, code: str) -> tuple[ListingFacts, ...]:
    """Every listing that answers to ``code`` (msku, ASIN, FNSKU or local SKU, whole, in any case), in listed stores."""
    answers = select(listing_codes.c.store_id, listing_codes.c.msku).where(listing_codes.c.code == fold_code(code))
    return await _facts(reader, tuple_(listings.c.store_id, listings.c.msku).in_(answers))


async def nearest_codes(
    reader: Reader, text: str, *, store_ids: Collection[StoreId] | None = None, limit: int = 3
) -> tuple[str, ...]:
    """Codes of these stores (None: of all) spelt most like ``text``, the nearest first; none if nothing is similar."""
    within = () if store_ids is None else (listing_codes.c.store_id.in_(store_ids),)
    found = await reader.execute(select(listing_codes.c.code, listing_codes.c.spelling).where(*within))
    known = {row.code: row.spelling for row in found}
    hits = process.extract(fold_code(text), known.keys(), limit=limit, score_cutoff=60)
    return tuple(known[code] for code, _score, _index in hits)


async def list_ages(reader: Reader) -> dict[tuple[StoreId, DataKind], SyncAge]:
    """How fresh everything is, by store and kind; account-wide kinds under the store ``ACCOUNT``."""
    return {(row.store_id, row.kind): SyncAge(*row) for row in await reader.execute(_select(SyncAge))}


async def age_of(reader: Reader, store_id: StoreId, kind: DataKind) -> SyncAge:
    """The freshness of one kind of one store's data; all unknown if it was never tried."""
    found = await reader.execute(_select(SyncAge).where(sync_ages.c.store_id == store_id, sync_ages.c.kind == kind))
    row = found.one_or_none()
    return SyncAge(*row) if row else SyncAge(store_id, kind)


async def record_pull(tx: Transaction, age: SyncAge) -> None:
    """A pull succeeded: ``age`` replaces what was known about its kind."""
    await put_rows(tx, SyncAge, (age,))


async def record_failure(tx: Transaction, store_id: StoreId, kind: DataKind, at: datetime, code: str) -> None:
    """A pull failed with error ``code``; the figures of the last good one stay in force."""
    known = await age_of(tx, store_id, kind)
    await put_rows(tx, SyncAge, (replace(known, last_tried_at=at, last_error_code=code),))


async def count_quarantined(reader: Reader) -> dict[tuple[StoreId, DataKind], int]:
    """How many rows lie in quarantine, by store and kind."""
    counted = select(quarantine.c.store_id, quarantine.c.kind, func.count()).group_by(
        quarantine.c.store_id, quarantine.c.kind
    )
    return {(store_id, kind): count for store_id, kind, count in await reader.execute(counted)}


async def list_quarantined(reader: Reader, limit: int = 200) -> tuple[Quarantined, ...]:
    """Rows that did not fit, by store and kind."""
    columns = (quarantine.c.store_id, quarantine.c.kind, quarantine.c.digest)
    return tuple(
        Quarantined(*row) for row in await reader.execute(_select(Quarantined).order_by(*columns).limit(limit))
    )


def _select(row_type: type) -> Select[Any]:
    return select(*(TABLES[row_type].c[field.name] for field in fields(row_type)))


async def _facts(reader: Reader, *where: ColumnElement[bool]) -> tuple[ListingFacts, ...]:
    columns = [TABLES[row].c[field.name] for row in _FACT_ROWS for field in fields(row)]
    joined = listings.join(stores, and_(stores.c.store_id == listings.c.store_id, stores.c.is_listed))
    for table in (fba_stock, sales_windows, restock_suggestions):
        joined = joined.outerjoin(table, and_(table.c.store_id == listings.c.store_id, table.c.msku == listings.c.msku))
    joined = joined.outerjoin(products, products.c.local_sku == listings.c.local_sku)
    found = await reader.execute(
        select(*columns).select_from(joined).where(*where).order_by(listings.c.store_id, listings.c.msku)
    )
    return tuple(_to_facts(row) for row in found)


def _to_facts(row: Any) -> ListingFacts:
    listing, *others = (
        row_type(*row[start:end]) if row[start] is not None else None
        for row_type, (start, end) in zip(_FACT_ROWS, pairwise(_FACT_EDGES), strict=True)
    )
    return ListingFacts(cast(Listing, listing), *others)
