"""Window sums over known days only."""

from collections.abc import Iterable
from datetime import date, timedelta

from bot.contracts.quantities import Msku, StoreId
from storage.catalog.pulled import renew_windows, store_listings, store_sales
from storage.catalog.rows import DailySales, Listing, SalesDay, SalesWindows
from storage.catalog.sales import pulled_days, sales_history
from storage.catalog.tables import sales_windows
from storage.database import Database

STORE = StoreId("101")
LAST = date(2026, 11, 20)


def days_ago(age: int) -> date:
    return LAST - timedelta(days=age)


def sold(age: int, units: int, msku: str = "M-1") -> DailySales:
    return DailySales(STORE, Msku(msku), days_ago(age), units)


def known_days(first: int, last: int) -> list[SalesDay]:
    return [SalesDay(STORE, days_ago(age), age >= 7) for age in range(first, last - 1, -1)]


async def pull(
    database: Database, days: list[SalesDay], sales: Iterable[DailySales], opened_on: date | None = None
) -> None:
    await store_listings(database, STORE, [Listing(STORE, Msku("M-1"), opened_on=opened_on)], authoritative=True)
    await store_sales(database, STORE, days, sales)
    await renew_windows(database, STORE)


async def windows(database: Database) -> SalesWindows:
    async with database.read() as reader:
        return SalesWindows(*(await reader.execute(sales_windows.select())).one())


async def test_each_window_sums_its_own_days(database: Database) -> None:
    await pull(database, known_days(100, 0), [sold(age, 1) for age in range(101)])
    found = await windows(database)
    assert (found.through, found.units(), found.known_days()) == (LAST, (3, 7, 14, 30, 60, 90), (3, 7, 14, 30, 60, 90))


async def test_days_that_sold_nothing_are_known_days(database: Database) -> None:
    await pull(database, known_days(100, 0), [sold(50, 4)], opened_on=days_ago(300))
    found = await windows(database)
    assert (found.units(), found.known_days()) == ((0, 0, 0, 0, 4, 4), (3, 7, 14, 30, 60, 90))


async def test_a_listing_without_any_sale_is_known_to_have_sold_nothing(database: Database) -> None:
    await pull(database, known_days(100, 0), [])
    found = await windows(database)
    assert (found.units(), found.known_days()) == ((0,) * 6, (3, 7, 14, 30, 60, 90))


async def test_history_begins_with_the_first_sale_if_the_opening_is_unknown(database: Database) -> None:
    await pull(database, known_days(100, 0), [sold(9, 2), sold(0, 2)])
    found = await windows(database)
    assert (found.history_from, found.known_days()) == (days_ago(9), (3, 7, 10, 10, 10, 10))


async def test_history_begins_with_the_opening_day(database: Database) -> None:
    await pull(database, known_days(100, 0), [sold(9, 2)], opened_on=days_ago(19))
    assert (await windows(database)).known_days() == (3, 7, 14, 20, 20, 20)


async def test_days_that_were_never_pulled_are_not_counted(database: Database) -> None:
    await pull(database, known_days(89, 10), [sold(50, 1)], opened_on=days_ago(300))
    await pull(database, known_days(4, 0), [sold(2, 3)], opened_on=days_ago(300))
    found = await windows(database)
    assert (found.known_days(), found.units()) == ((3, 5, 9, 25, 55, 85), (3, 3, 3, 3, 4, 4))


async def test_a_pull_again_replaces_its_days(database: Database) -> None:
    await pull(database, known_days(9, 0), [sold(1, 5), sold(2, 5), sold(8, 5)])
    await pull(database, known_days(6, 0), [sold(1, 6)])
    assert (await windows(database)).units() == (6, 6, 11, 11, 11, 11)


async def test_pulled_days_say_whether_they_are_settled(database: Database) -> None:
    await pull(database, known_days(8, 6), [])
    async with database.read() as reader:
        assert await pulled_days(reader, STORE) == {days_ago(8): True, days_ago(7): True, days_ago(6): False}


async def test_no_pulled_day_means_no_windows(database: Database) -> None:
    await renew_windows(database, STORE)
    async with database.read() as reader:
        assert (await reader.execute(sales_windows.select())).all() == []


async def test_history_tells_days_without_sales_from_days_that_are_not_known(database: Database) -> None:
    days = [day for day in known_days(5, 0) if day.sales_date_marketplace != days_ago(2)]
    await pull(database, days, [sold(4, 7), sold(1, 3)], opened_on=days_ago(4))
    found = await windows(database)
    async with database.read() as reader:
        history = await sales_history(reader, found, days=6)
    assert history.days == tuple(days_ago(age) for age in range(5, -1, -1))
    assert history.units == (None, 7, 0, None, 3, 0)
