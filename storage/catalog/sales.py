"""Sales days: which are known, and the window sums that commands read."""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, select

from bot.contracts.quantities import Msku, StoreId
from storage.catalog.rows import WINDOWS, SalesHistory, SalesWindows
from storage.catalog.tables import daily_sales, listings, sales_days
from storage.database import Reader


async def pulled_days(reader: Reader, store_id: StoreId) -> dict[date, bool]:
    """The closed days whose sales are stored, each with whether it is settled."""
    found = select(sales_days.c.sales_date_marketplace, sales_days.c.is_settled).where(
        sales_days.c.store_id == store_id
    )
    return {day: settled for day, settled in await reader.execute(found)}


async def sales_history(reader: Reader, windows: SalesWindows, *, days: int) -> SalesHistory:
    """The last ``days`` days of one listing up to the end of its windows."""
    span = [windows.through - timedelta(days=ago) for ago in range(days - 1, -1, -1)]
    known = {day for day in await pulled_days(reader, windows.store_id) if day >= windows.history_from}
    day = daily_sales.c.sales_date_marketplace
    query = select(day, daily_sales.c.units).where(
        daily_sales.c.store_id == windows.store_id, daily_sales.c.msku == windows.msku, day >= span[0], day <= span[-1]
    )
    sold = {row.sales_date_marketplace: int(row.units) for row in await reader.execute(query)}
    units = tuple(sold.get(each, 0) if each in known else None for each in span)
    return SalesHistory(windows.store_id, windows.msku, tuple(span), units)


async def sum_windows(reader: Reader, store_id: StoreId) -> tuple[SalesWindows, ...]:
    """The windows of every listing of the store up to its newest pulled day; empty if no day was pulled.

    A listing's history begins when it was opened, else with its first sale, else with the first pulled day;
    never before the first pulled day.
    """
    known = sorted(await pulled_days(reader, store_id))
    if not known:
        return ()
    sums = {row.msku: row for row in await _sums(reader, store_id, known[-1])}
    opened = select(listings.c.msku, listings.c.opened_on).where(listings.c.store_id == store_id)
    found = (await reader.execute(opened.order_by(listings.c.msku))).all()

    def each() -> tuple[SalesWindows, ...]:
        return tuple(_windows(store_id, msku, known, opened_on, sums.get(msku)) for msku, opened_on in found)

    return await asyncio.to_thread(each)  # thousands of listings at times


async def _sums(reader: Reader, store_id: StoreId, through: date) -> Sequence[Any]:
    day, units = daily_sales.c.sales_date_marketplace, daily_sales.c.units
    windows = (func.sum(case((day > through - timedelta(days=days), units), else_=0)) for days in WINDOWS)
    first_sale = func.min(case((units > 0, day))).label("first_sale")
    query = select(daily_sales.c.msku, first_sale, *windows).where(daily_sales.c.store_id == store_id, day <= through)
    return (await reader.execute(query.group_by(daily_sales.c.msku))).all()


def _windows(store_id: StoreId, msku: Msku, known: list[date], opened_on: date | None, sums: Any) -> SalesWindows:
    through, first_sale = known[-1], sums.first_sale if sums else None
    begun = min((day for day in (opened_on, first_sale) if day), default=known[0])
    history_from = max(known[0], begun)
    units = (int(value) for value in sums[2:]) if sums else (0 for _ in WINDOWS)
    days = (_days_within(known, max(history_from, through - timedelta(days=days - 1)), through) for days in WINDOWS)
    return SalesWindows(store_id, msku, through, history_from, *days, *units)


def _days_within(known: list[date], start: date, end: date) -> int:
    return bisect_right(known, end) - bisect_left(known, start)
