"""What is known about a listing, with defaults so that a test states only what matters."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.contracts.quantities import Asin, LocalSku, Msku, StoreId
from storage.catalog.rows import (
    WINDOWS,
    FbaStock,
    Listing,
    ListingFacts,
    Product,
    RestockSuggestion,
    SalesWindows,
)

STORE = StoreId("101")
MSKU = Msku("M-1")
THROUGH = date(2026, 11, 20)


def a_listing(msku: str = "M-1", store_id: str = "101", **changes: Any) -> Listing:
    listing = Listing(
        StoreId(store_id), Msku(msku), Asin("B0EXAMPL01"), "X000000001", LocalSku("L-1"), "Folding kettle"
    )
    return replace(listing, **changes)


def a_stock(msku: str = "M-1", store_id: str = "101", **changes: Any) -> FbaStock:
    """180 units to sell and 150 shipped, nothing anywhere else."""
    return replace(FbaStock(StoreId(store_id), Msku(msku), 180, 0, 0, 0, 0, 150, 0, 0, 0), **changes)


def some_sales(*units: int, days: tuple[int, ...] = WINDOWS, msku: str = "M-1", store_id: str = "101") -> SalesWindows:
    """Window sums; without ``units`` those of the reference's example E1."""
    sums = units or (36, 77, 140, 270, 480, 630)
    since = THROUGH - timedelta(days=max(days) - 1)
    return SalesWindows(StoreId(store_id), Msku(msku), THROUGH, since, *days, *sums)


def a_suggestion(msku: str = "M-1", store_id: str = "101", **changes: Any) -> RestockSuggestion:
    return replace(RestockSuggestion(StoreId(store_id), Msku(msku), purchase_units=300), **changes)


def a_product(**changes: Any) -> Product:
    return replace(Product(LocalSku("L-1"), "Folding kettle", units_per_carton=24, status=1), **changes)


def some_facts(**changes: Any) -> ListingFacts:
    """The reference's example E1: 9.6 a day, 180 to sell, 150 on the way, cartons of 24."""
    return replace(ListingFacts(a_listing(), a_stock(), some_sales(), None, a_product()), **changes)
