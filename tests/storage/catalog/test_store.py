"""Finding stores and listings, and remembering how fresh their figures are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.contracts.quantities import Asin, LocalSku, Msku, StoreId
from storage.catalog.pulled import store_listings, store_sellers
from storage.catalog.replacing import put_rows
from storage.catalog.rows import ACCOUNT, FbaStock, Listing, Product, RestockSuggestion, Store, SyncAge
from storage.catalog.store import (
    age_of,
    facts_by_code,
    list_ages,
    list_facts,
    list_stores,
    nearest_codes,
    record_failure,
    record_pull,
    stores_matching,
)
from storage.database import Database

US, GB = StoreId("101"), StoreId("102")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def a_listing(msku: str, store_id: StoreId = US, **codes: str) -> Listing:
    return Listing(
        store_id, Msku(msku), Asin(codes.get("asin", "")), codes.get("fnsku"), LocalSku(codes.get("sku", ""))
    )


@pytest.fixture
async def catalogue(database: Database) -> Database:
    """Two stores that sell the same product, one of them under a code of its own."""
    await store_sellers(
        database,
        [
            Store(US, "Morning-US", "美国", "NA", "ATVPDKIKX0DER", 1),
            Store(GB, "Morning-UK", "英国", "EU", "A1F83G8C2ARO7P", 1),
        ],
    )
    us = a_listing("Kettle-US", asin="B0EXAMPL01", fnsku="X0001", sku="L-Kettle")
    gb = a_listing("Kettle-UK", GB, asin="B0EXAMPL01", fnsku="X0002", sku="L-Kettle")
    await store_listings(database, US, [us], authoritative=True)
    await store_listings(database, GB, [gb, a_listing("屏幕-A1", GB)], authoritative=True)
    return database


async def found(database: Database, code: str) -> list[str]:
    async with database.read() as reader:
        return [facts.listing.msku for facts in await facts_by_code(reader, code)]


@pytest.mark.parametrize(
    ("code", "mskus"),
    [
        ("kettle-us", ["Kettle-US"]),
        ("b0exampl01", ["Kettle-US", "Kettle-UK"]),
        ("x0002", ["Kettle-UK"]),
        (" L-KETTLE ", ["Kettle-US", "Kettle-UK"]),
        ("屏幕-a1", ["屏幕-A1"]),
        ("kettle", []),
        ("kettle%", []),
        ("", []),
    ],
)
async def test_any_code_finds_its_listings_whole_and_in_any_case(
    catalogue: Database, code: str, mskus: Sequence[str]
) -> None:
    assert await found(catalogue, code) == mskus


async def test_a_store_that_is_not_listed_shows_no_listings(catalogue: Database) -> None:
    async with catalogue.read() as reader:
        stores = await list_stores(reader)
    await store_sellers(catalogue, [store for store in stores if store.store_id == US])
    assert await found(catalogue, "L-Kettle") == ["Kettle-US"]


async def test_the_nearest_codes_keep_their_spelling(catalogue: Database) -> None:
    async with catalogue.read() as reader:
        assert (await nearest_codes(reader, "kettel-us"))[0] == "Kettle-US"
        assert await nearest_codes(reader, "zzzzzz") == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("101", ["Morning-US"]),
        ("morning-uk", ["Morning-UK"]),
        ("英国", ["Morning-UK"]),
        ("morning", ["Morning-UK", "Morning-US"]),
        ("evening", []),
        ("", []),
    ],
)
async def test_a_store_is_found_by_id_name_country_or_part(catalogue: Database, text: str, names: list[str]) -> None:
    async with catalogue.read() as reader:
        assert [store.name for store in await stores_matching(reader, text)] == names


async def test_facts_stand_side_by_side_and_are_none_where_nothing_is_known(catalogue: Database) -> None:
    stock, product = FbaStock(US, Msku("Kettle-US"), 7), Product(LocalSku("L-Kettle"), "Kettle", 20)
    async with catalogue.begin() as tx:
        await put_rows(tx, FbaStock, [stock])
        await put_rows(tx, Product, [product])
    async with catalogue.read() as reader:
        us, gb = await facts_by_code(reader, "L-Kettle")
    assert (us.stock, us.sales, us.suggestion, us.product) == (stock, None, None, product)
    assert (gb.stock, gb.product) == (None, product)


async def test_listings_without_stock_suggestion_or_sales_are_not_restocked(catalogue: Database) -> None:
    async with catalogue.begin() as tx:
        await put_rows(tx, FbaStock, [FbaStock(US, Msku("Kettle-US"), 7)])
        await put_rows(tx, RestockSuggestion, [RestockSuggestion(GB, Msku("Kettle-UK"))])
    async with catalogue.read() as reader:
        everything = await list_facts(reader, [US, GB])
        assert [facts.listing.msku for facts in everything] == ["Kettle-US", "Kettle-UK"]
        assert len(await list_facts(reader, [GB])) == 1


async def test_a_failure_keeps_the_age_of_the_last_good_pull(database: Database) -> None:
    age = SyncAge(US, "stock", NOW, NOW, "", 12, 1)
    later = NOW + timedelta(hours=1)
    async with database.begin() as tx:
        await record_pull(tx, age)
        await record_failure(tx, US, "stock", later, "upstream_auth")
    async with database.read() as reader:
        assert await age_of(reader, US, "stock") == replace(age, last_tried_at=later, last_error_code="upstream_auth")


async def test_a_pull_clears_the_failure_before_it(database: Database) -> None:
    async with database.begin() as tx:
        await record_failure(tx, ACCOUNT, "sellers", NOW, "upstream_auth")
        await record_pull(tx, SyncAge(ACCOUNT, "sellers", NOW, NOW))
    async with database.read() as reader:
        assert await list_ages(reader) == {(ACCOUNT, "sellers"): SyncAge(ACCOUNT, "sellers", NOW, NOW)}
