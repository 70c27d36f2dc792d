"""Stores, listings and quarantine as the platform last told them."""

from dataclasses import replace
from datetime import date

from bot.contracts.quantities import Asin, LocalSku, Msku, StoreId
from storage.catalog.pulled import store_listings, store_quarantined, store_sellers
from storage.catalog.rows import Listing, Quarantined, Store
from storage.catalog.store import count_quarantined, facts_by_code, list_quarantined, list_stores
from storage.catalog.tables import listings, stores
from storage.database import Database

STORE = StoreId("101")
US = Store(STORE, "Morning-US", "美国", "NA", "ATVPDKIKX0DER", 1)
CA = Store(StoreId("102"), "Morning-CA", "加拿大", "NA", "A2EUQ1WTGCTBG2", 1)
LISTING = Listing(STORE, Msku("M-1"), Asin("B0EXAMPL01"))


async def known(database: Database) -> list[Listing]:
    async with database.read() as reader:
        return [Listing(*row) for row in await reader.execute(listings.select())]


async def test_a_store_that_the_platform_no_longer_names_is_kept_but_not_listed(database: Database) -> None:
    await store_sellers(database, [US, CA])
    await store_sellers(database, [US])
    async with database.read() as reader:
        assert await list_stores(reader) == (US,)
        kept = {Store(*row) for row in await reader.execute(stores.select())}
    assert kept == {US, replace(CA, is_listed=False)}


async def test_a_store_that_comes_back_is_listed_again(database: Database) -> None:
    await store_sellers(database, [US, CA])
    await store_sellers(database, [US])
    await store_sellers(database, [US, CA])
    async with database.read() as reader:
        assert set(await list_stores(reader)) == {US, CA}


async def test_gaps_of_a_listing_are_filled_from_other_pulls(database: Database) -> None:
    await store_listings(database, STORE, [LISTING], authoritative=True)
    more = replace(LISTING, fnsku="X01", opened_on=date(2025, 3, 1))
    await store_listings(database, STORE, [more], authoritative=False)
    assert await known(database) == [more]


async def test_only_an_authoritative_pull_changes_what_is_known(database: Database) -> None:
    await store_listings(database, STORE, [LISTING], authoritative=True)
    other = replace(LISTING, asin=Asin("B0EXAMPL02"))
    await store_listings(database, STORE, [other], authoritative=False)
    assert await known(database) == [LISTING]
    await store_listings(database, STORE, [other], authoritative=True)
    assert await known(database) == [other]


async def test_a_changed_code_is_found_under_its_new_name_only(database: Database) -> None:
    await store_sellers(database, [US])
    await store_listings(database, STORE, [replace(LISTING, local_sku=LocalSku("Old"))], authoritative=True)
    await store_listings(database, STORE, [replace(LISTING, local_sku=LocalSku("New"))], authoritative=True)
    async with database.read() as reader:
        assert await facts_by_code(reader, "old") == ()
        assert len(await facts_by_code(reader, "NEW")) == 1


async def test_quarantine_holds_the_last_pull_only(database: Database) -> None:
    first = Quarantined("lingxing", STORE, "stock", "a", "sid: missing", "{}")
    second = replace(first, digest="b")
    await store_quarantined(database, "lingxing", STORE, "stock", [first])
    await store_quarantined(database, "lingxing", STORE, "stock", [second])
    async with database.read() as reader:
        assert await list_quarantined(reader) == (second,)
        assert await count_quarantined(reader) == {(STORE, "stock"): 1}
