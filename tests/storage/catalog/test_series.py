"""A store's stock and sales side by side: what was not pulled, or is before a listing's time, is not known."""

from datetime import date, timedelta

from bot.contracts.quantities import Msku, StoreId
from storage.catalog.pulled import renew_windows, store_listings, store_sales
from storage.catalog.rows import DailySales, FbaStock, Listing, ListingDays, SalesDay, StoreDays
from storage.catalog.series import store_days
from storage.catalog.stock_days import store_stock_day
from storage.database import Database

US, DAY = StoreId("101"), date(2026, 11, 20)
ONE, TWO = Msku("M-1"), Msku("M-2")


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


async def pull_sales(database: Database, days: list[date], *sales: DailySales) -> None:
    listings = [Listing(US, ONE, opened_on=ago(99)), Listing(US, TWO, opened_on=ago(1))]
    await store_listings(database, US, listings, authoritative=True)
    await store_sales(database, US, [SalesDay(US, day, True) for day in days], sales)
    await renew_windows(database, US)


async def read(database: Database, *mskus: Msku) -> StoreDays:
    async with database.read() as reader:
        return await store_days(reader, US, days=3, mskus=mskus or None)


async def test_nothing_is_known_of_a_store_that_was_never_pulled(database: Database) -> None:
    assert await read(database) == StoreDays(US, (), (), (), ())


async def test_days_without_a_pull_or_before_a_listings_time_are_not_known(database: Database) -> None:
    await pull_sales(database, [ago(2), ago(1)], DailySales(US, ONE, ago(2), 4))
    await store_stock_day(database, US, DAY, [FbaStock(US, ONE, 7, 2, 1, reserved_orders=9), FbaStock(US, TWO, 7)])
    found = await read(database)
    assert found.days == (ago(2), ago(1), DAY)
    assert (found.has_stock, found.has_sales) == ((False, False, True), (True, True, False))
    one = ListingDays(ONE, (None, None, 10), (4, 0, None))
    assert found.listings == (one, ListingDays(TWO, (None, None, None), (None, 0, None)))


async def test_some_listings_alone_have_the_same_days(database: Database) -> None:
    await pull_sales(database, [ago(2), ago(1)], DailySales(US, ONE, ago(2), 4))
    await store_stock_day(database, US, DAY, [FbaStock(US, TWO, 7, 0, 0)])
    every, one = await read(database), await read(database, ONE)
    assert (one.days, one.has_stock, one.has_sales) == (every.days, every.has_stock, every.has_sales)
    assert [each.msku for each in one.listings] == [ONE]


async def test_without_stock_the_days_end_after_the_newest_sales(database: Database) -> None:
    await pull_sales(database, [ago(1)])
    assert (await read(database)).days[-1] == DAY
