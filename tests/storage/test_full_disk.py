"""A disk without room: SQLite then ends the whole transaction by itself, and what follows must not be taken for one."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import Database, Transaction


@pytest.fixture
async def full(sqlite_url: str) -> AsyncIterator[Database]:
    """No page can be added; small changes still fit."""
    database = Database(sqlite_url)
    async with database.begin() as tx:
        await tx.execute(text("CREATE TABLE things (name TEXT, filling BLOB)"))
    async with database.begin() as tx:
        await tx.execute(text("PRAGMA max_page_count = 1"))
    yield database
    await database.close()


async def write(tx: Transaction, name: str, size: int) -> None:
    await tx.execute(text("INSERT INTO things VALUES (:name, zeroblob(:size))"), {"name": name, "size": size})


async def names(database: Database) -> list[str]:
    async with database.read() as reader:
        return list((await reader.execute(text("SELECT name FROM things ORDER BY name"))).scalars().all())


async def overfill(tx: Transaction) -> None:
    async with tx.savepoint():
        await write(tx, "large", 1_000_000)


async def try_to_overfill(tx: Transaction) -> None:
    with pytest.raises(DBAPIError):
        await overfill(tx)


async def test_a_transaction_that_the_database_ended_is_not_taken_for_committed(full: Database) -> None:
    with pytest.raises(DBAPIError):
        async with full.begin() as tx:
            await write(tx, "before", 1)
            await try_to_overfill(tx)
    assert await names(full) == []


async def test_nothing_is_written_after_the_database_ended_the_transaction(full: Database) -> None:
    with pytest.raises(DBAPIError):
        async with full.begin() as tx:
            await try_to_overfill(tx)
            await write(tx, "after", 1)
    assert await names(full) == []


async def test_there_is_a_next_transaction_after_one_that_the_database_ended(full: Database) -> None:
    with pytest.raises(DBAPIError):
        async with full.begin() as tx:
            await overfill(tx)
    async with full.begin() as tx:
        await write(tx, "next", 1)
    assert await names(full) == ["next"]
