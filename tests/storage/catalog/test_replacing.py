"""Bringing tables to what was pulled: exact, repeatable, in small steps, on both databases."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.quantities import Msku, StoreId
from storage.catalog.replacing import CHUNK_ROWS, Chunk, apply_chunk, chunks, plan_replacement, put_rows
from storage.catalog.rows import DailySales, FbaStock, Product, RestockSuggestion, Store
from storage.catalog.tables import TABLES, daily_sales, fba_stock, products
from storage.database import Database

STORE = StoreId("101")
FIRST = date(2026, 11, 1)


def some_stock(count: int, fulfillable: int = 5) -> list[FbaStock]:
    return [FbaStock(STORE, Msku(f"M-{number:04d}"), fulfillable) for number in range(count)]


async def planned(database: Database, wanted: list[FbaStock]) -> tuple[Chunk, ...]:
    async with database.read() as reader:
        return await plan_replacement(reader, FbaStock, wanted, fba_stock.c.store_id == STORE)


async def applied(database: Database, wanted: list[FbaStock]) -> None:
    for chunk in await planned(database, wanted):
        async with database.begin() as tx:
            await apply_chunk(tx, chunk)


async def stored(database: Database) -> list[FbaStock]:
    async with database.read() as reader:
        found = await reader.execute(fba_stock.select().order_by(fba_stock.c.store_id, fba_stock.c.msku))
        return [FbaStock(*row) for row in found]


@pytest.mark.parametrize("row_type", TABLES)
def test_rows_and_tables_have_the_same_columns_in_the_same_order(row_type: type) -> None:
    assert [field.name for field in fields(row_type)] == [column.name for column in TABLES[row_type].columns]


async def test_a_scope_becomes_exactly_what_was_pulled(database: Database) -> None:
    await applied(database, some_stock(1200))
    wanted = some_stock(700, fulfillable=6)
    await applied(database, wanted)
    assert await stored(database) == wanted


async def test_the_same_pull_twice_writes_nothing_the_second_time(database: Database) -> None:
    await applied(database, some_stock(1200))
    assert await planned(database, some_stock(1200)) == ()


async def test_only_what_changed_is_written(database: Database) -> None:
    await applied(database, some_stock(3))
    changed = replace(some_stock(3)[1], fulfillable=None)
    due = await planned(database, [some_stock(3)[0], changed])
    assert due == (Chunk(FbaStock, (changed,)), Chunk(FbaStock, (), ((STORE, "M-0002"),)))


async def test_other_stores_are_left_alone(database: Database) -> None:
    other = FbaStock(StoreId("102"), Msku("M-1"), 9)
    async with database.begin() as tx:
        await put_rows(tx, FbaStock, [other])
    await applied(database, some_stock(1))
    await applied(database, [])
    assert await stored(database) == [other]


async def test_of_two_rows_with_one_key_the_last_counts(database: Database) -> None:
    await applied(database, [*some_stock(1, 5), *some_stock(1, 6)])
    assert await stored(database) == some_stock(1, 6)


async def test_a_pull_that_stopped_half_way_is_completed_by_the_next(database: Database) -> None:
    first, *_ = await planned(database, some_stock(1200))
    async with database.begin() as tx:
        await apply_chunk(tx, first)
    await applied(database, some_stock(1200))
    assert await stored(database) == some_stock(1200)


async def test_a_chunk_written_twice_is_the_same_as_once(database: Database) -> None:
    (chunk,) = await planned(database, some_stock(10))
    async with database.begin() as tx:
        await apply_chunk(tx, chunk)
    async with database.begin() as tx:
        await apply_chunk(tx, chunk)
    assert await stored(database) == some_stock(10)


async def test_every_kind_of_value_comes_back_as_it_was_stored(database: Database) -> None:
    suggestion = RestockSuggestion(STORE, Msku("M"), 5, daily_units=None, stockout_on=FIRST, needs_restock=False)
    store = Store(STORE, "晨星-US", "美国", "NA", "ATVPDKIKX0DER", 1, None, "USD", "America/Los_Angeles")
    async with database.begin() as tx:
        await put_rows(tx, RestockSuggestion, [suggestion])
        await put_rows(tx, Store, [store])
    async with database.read() as reader:
        suggestions = (await reader.execute(TABLES[RestockSuggestion].select())).all()
        stores = (await reader.execute(TABLES[Store].select())).all()
    assert ([RestockSuggestion(*row) for row in suggestions], [Store(*row) for row in stores]) == (
        [suggestion],
        [store],
    )


async def test_tables_with_a_single_key_lose_what_vanished(database: Database) -> None:
    async with database.begin() as tx:
        await put_rows(tx, Product, [Product("L-1"), Product("L-2")])  # type: ignore[arg-type]
    async with database.read() as reader:
        due = await plan_replacement(reader, Product, [Product("L-2")])  # type: ignore[arg-type]
    async with database.begin() as tx:
        await apply_chunk(tx, due[0])
        left = (await tx.execute(products.select())).scalars().all()
    assert left == ["L-2"]


async def test_days_are_removed_by_their_own_key(database: Database) -> None:
    days = [DailySales(STORE, Msku("M"), FIRST + timedelta(days=number), 1) for number in range(3)]
    async with database.begin() as tx:
        await put_rows(tx, DailySales, days)
    async with database.read() as reader:
        (due,) = await plan_replacement(reader, DailySales, [days[0], days[2]], daily_sales.c.store_id == STORE)
    assert due.removed == ((STORE, "M", FIRST + timedelta(days=1)),)


async def test_more_rows_than_a_chunk_are_refused_in_one_transaction(database: Database) -> None:
    async with database.begin() as tx:
        with pytest.raises(ValueError, match="at most 500"):
            await put_rows(tx, FbaStock, some_stock(CHUNK_ROWS + 1))


@given(st.lists(st.integers(), max_size=2_000))
def test_chunks_keep_every_item_in_order(items: list[int]) -> None:
    parts = list(chunks(items))
    assert [item for part in parts for item in part] == items
    assert all(0 < len(part) <= CHUNK_ROWS for part in parts)
