"""Stock and sales of a whole store side by side, day by day."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from bot.contracts.quantities import Msku, StoreId
from storage.catalog.rows import ListingDays, StoreDays
from storage.catalog.sales import pulled_days
from storage.catalog.tables import daily_sales, sales_windows, stock_history
from storage.database import Reader

_SELLABLE = stock_history.c.fulfillable + stock_history.c.reserved_transfers + stock_history.c.reserved_processing
_SLICE_DAYS = 10
_STOCK_DAY = stock_history.c.stock_date_marketplace
_SALES_DAY = daily_sales.c.sales_date_marketplace


async def newest_stock_day(reader: Reader, store_id: StoreId) -> date | None:
    """The newest day whose stock is known."""
    newest: date | None = (
        await reader.execute(select(func.max(_STOCK_DAY)).where(stock_history.c.store_id == store_id))
    ).scalar()
    return newest


async def store_days(
    reader: Reader, store_id: StoreId, *, days: int, mskus: Collection[Msku] | None = None
) -> StoreDays:
    """The last ``days`` days of a store's listings, or of some of them; no days if nothing was ever pulled.

    Units on their way and units reserved for orders cannot be sold; as soon as a state is unknown, the sum is.
    """
    pulled = await pulled_days(reader, store_id)
    ends = [await newest_stock_day(reader, store_id), max(pulled, default=None)]
    known = [day + timedelta(days=is_sales) for is_sales, day in enumerate(ends) if day is not None]
    if not known:
        return StoreDays(store_id, (), (), (), ())
    span = tuple(max(known) - timedelta(days=ago) for ago in range(days - 1, -1, -1))
    stock = select(stock_history.c.msku, _STOCK_DAY, _SELLABLE).where(stock_history.c.store_id == store_id)
    sales = select(daily_sales.c.msku, _SALES_DAY, daily_sales.c.units).where(daily_sales.c.store_id == store_id)
    begun = select(sales_windows.c.msku, sales_windows.c.history_from).where(sales_windows.c.store_id == store_id)
    if mskus is not None:
        stock, sales = stock.where(stock_history.c.msku.in_(mskus)), sales.where(daily_sales.c.msku.in_(mskus))
        begun = begun.where(sales_windows.c.msku.in_(mskus))
    found = (await _by_slices(reader, stock, _STOCK_DAY, span), await _by_slices(reader, sales, _SALES_DAY, span))
    history = (await reader.execute(begun)).all()
    listings = await asyncio.to_thread(_listings, span, pulled, *found, history)  # thousands at times
    stocked = await _stock_days(reader, store_id, span[0])
    has_stock, has_sales = tuple(day in stocked for day in span), tuple(day in pulled for day in span)
    return StoreDays(store_id, span, has_stock, has_sales, listings)


async def _by_slices(
    reader: Reader, query: Select[Any], day: ColumnElement[date], span: Sequence[date]
) -> list[Sequence[Any]]:
    """The rows of some days at a time, so that nobody else's answer waits for all of them."""
    slices = [span[at : at + _SLICE_DAYS] for at in range(0, len(span), _SLICE_DAYS)]
    return [(await reader.execute(query.where(day.between(part[0], part[-1])))).all() for part in slices]


async def _stock_days(reader: Reader, store_id: StoreId, first: date) -> set[date]:
    mine = (stock_history.c.store_id == store_id, first <= _STOCK_DAY)
    return set((await reader.execute(select(_STOCK_DAY).where(*mine).distinct())).scalars())


def _listings(
    span: Sequence[date],
    pulled: Collection[date],
    stock: Iterable[Sequence[Any]],
    sales: Iterable[Sequence[Any]],
    begun: Iterable[Any],
) -> tuple[ListingDays, ...]:
    sellable = {(msku, day): units for part in stock for msku, day, units in part}
    sold = {(msku, day): int(units) for part in sales for msku, day, units in part}
    history = dict[Msku, date](tuple(row) for row in begun)
    mskus = sorted(history.keys() | {msku for msku, _ in sellable})
    known = {day: day in pulled for day in span}

    def sold_on(msku: Msku, day: date) -> int | None:
        is_known = known[day] and msku in history and history[msku] <= day
        return sold.get((msku, day), 0) if is_known else None

    return tuple(
        ListingDays(msku, tuple(sellable.get((msku, day)) for day in span), tuple(sold_on(msku, day) for day in span))
        for msku in mskus
    )
