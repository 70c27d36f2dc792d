"""Stock is remembered day by day: the last pull of a day counts, and a day without one stays unknown."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from bot.contracts.quantities import Msku, StoreId
from storage.catalog.pulled import store_sellers
from storage.catalog.rows import FbaStock, Store
from storage.catalog.stock_days import forget_stock_days, read_stock_history, store_stock_day
from storage.catalog.tables import stock_history
from storage.database import Database

US, DAY = StoreId("101"), date(2026, 11, 20)


def some_stock(units: int, msku: str = "M-1") -> FbaStock:
    return FbaStock(US, Msku(msku), fulfillable=units, inbound_shipped=5)


async def remembered(database: Database, msku: str = "M-1", days: int = 3) -> list[int | None]:
    async with database.read() as reader:
        history = await read_stock_history(reader, US, Msku(msku), days=days)
    return [None if day is None else day.fulfillable for day in history.stock]


async def test_the_last_pull_of_a_day_counts(database: Database) -> None:
    await store_stock_day(database, US, DAY, [some_stock(9), some_stock(4, "M-2")])
    await store_stock_day(database, US, DAY, [some_stock(7)])
    assert await remembered(database, days=1) == [7]
    assert await remembered(database, "M-2", days=1) == [None]


async def test_the_same_pull_twice_leaves_the_same_rows(database: Database) -> None:
    stock = [some_stock(9), some_stock(4, "M-2")]
    await store_stock_day(database, US, DAY, stock)
    await store_stock_day(database, US, DAY, stock)
    async with database.read() as reader:
        assert (await reader.execute(select(func.count()).select_from(stock_history))).scalar() == 2


async def test_a_day_without_a_pull_is_a_gap(database: Database) -> None:
    await store_stock_day(database, US, DAY - timedelta(days=2), [some_stock(9)])
    await store_stock_day(database, US, DAY, [some_stock(7)])
    assert await remembered(database) == [9, None, 7]


async def test_nothing_is_known_of_a_store_that_was_never_pulled(database: Database) -> None:
    assert await remembered(database) == []


@pytest.mark.parametrize(("limit", "left"), [(10, 1), (1, 2)])
async def test_old_days_are_forgotten_in_bites(database: Database, limit: int, left: int) -> None:
    await store_sellers(database, [Store(US, "US", "", "", "", 1)])
    await store_stock_day(database, US, DAY - timedelta(days=2), [some_stock(9)])
    await store_stock_day(database, US, DAY - timedelta(days=1), [some_stock(9)])
    await store_stock_day(database, US, DAY, [some_stock(9)])
    async with database.begin() as tx:
        assert await forget_stock_days(tx, before=DAY, limit=limit) == 3 - left
    async with database.read() as reader:
        assert (await reader.execute(select(func.count()).select_from(stock_history))).scalar() == left
