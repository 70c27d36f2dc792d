"""Commits, savepoints, views that do not change, and the write gate."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database, Reader, Transaction
from storage.jobs.tables import schedule_ticks

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def write(tx: Transaction, *names: str) -> None:
    await tx.execute(insert(schedule_ticks), [{"schedule": name, "slot": NOW} for name in names])


async def names(reader: Reader) -> list[str]:
    rows = await reader.execute(select(schedule_ticks.c.schedule).order_by(schedule_ticks.c.schedule))
    return list(rows.scalars().all())


async def written(database: Database) -> list[str]:
    async with database.read() as reader:
        return await names(reader)


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """The same database as another process has it."""
    database = Database(database_url)
    yield database
    await database.close()


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as tx:
            await write(tx, "a")
            raise ZeroDivisionError
    assert await written(database) == []


async def test_a_savepoint_undoes_only_what_happened_inside(database: Database) -> None:
    async def fail_inside(tx: Transaction) -> None:
        async with tx.savepoint():
            await write(tx, "b")
            async with tx.savepoint():
                await write(tx, "c")
            raise ZeroDivisionError

    async with database.begin() as tx:
        await write(tx, "a")
        with pytest.raises(ZeroDivisionError):
            await fail_inside(tx)
        await write(tx, "d")
    assert await written(database) == ["a", "d"]


async def test_a_refused_statement_in_a_savepoint_leaves_the_transaction_usable(database: Database) -> None:
    async def twice(tx: Transaction) -> None:
        async with tx.savepoint():
            await write(tx, "a")

    async with database.begin() as tx:
        await twice(tx)
        with pytest.raises(DBAPIError):
            await twice(tx)
        await write(tx, "b")
    assert await written(database) == ["a", "b"]


async def test_what_follows_a_commit_is_called_once_and_after_it(database: Database, elsewhere: Database) -> None:
    calls: list[str] = []

    def note() -> None:
        calls.append("called")

    async with database.begin() as tx:
        tx.after_commit += [note, note]
        await write(tx, "a")
        assert calls == []
    assert calls == ["called"]
    assert await written(elsewhere) == ["a"]


async def test_nothing_follows_a_commit_that_did_not_happen(database: Database) -> None:
    calls: list[str] = []
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as tx:
            tx.after_commit.append(lambda: calls.append("called"))
            raise ZeroDivisionError
    assert calls == []


async def test_nothing_follows_what_was_undone_in_a_savepoint(database: Database) -> None:
    calls: list[str] = []
    async with database.begin() as tx:
        tx.after_commit.append(lambda: calls.append("kept"))
        with pytest.raises(ZeroDivisionError):
            async with tx.savepoint():
                tx.after_commit.append(lambda: calls.append("undone"))
                raise ZeroDivisionError
    assert calls == ["kept"]


@SQLITE_ONLY
async def write_all(tx: Transaction, names: Sequence[str]) -> None:
    await write(tx, "+".join(names))


async def test_what_is_written_later_is_written_together_and_before_it_is_asked_for(database: Database) -> None:
    async with database.begin() as tx:
        tx.write_later(write_all, "a")
        tx.write_later(write_all, "b")
        assert tx.waiting(write_all) == ["a", "b"]
        assert await names(tx) == ["a+b"]
        tx.write_later(write_all, "c")
    assert await written(database) == ["a+b", "c"]


async def test_what_was_to_be_written_in_a_savepoint_is_undone_with_it(database: Database) -> None:
    async with database.begin() as tx:
        tx.write_later(write_all, "before")
        with pytest.raises(ZeroDivisionError):
            async with tx.savepoint():
                tx.write_later(write_all, "inside")
                raise ZeroDivisionError
        tx.write_later(write_all, "after")
    assert await written(database) == ["after", "before"]


async def test_a_view_does_not_change_while_it_is_open(database: Database) -> None:
    async with database.read() as reader:
        before = await names(reader)
        async with database.begin() as tx:
            await write(tx, "a")
        assert await names(reader) == before
    assert await written(database) == ["a"]


@SQLITE_ONLY
async def test_readers_cannot_write(database: Database) -> None:
    async with database.read() as reader:
        with pytest.raises(DBAPIError, match="readonly"):
            await reader.execute(text("DELETE FROM jobs"))


@SQLITE_ONLY
async def test_a_power_cut_can_cost_nothing_that_was_committed(database: Database) -> None:
    async with database.begin() as tx:
        settings = [(await tx.execute(text(f"PRAGMA {name}"))).scalar() for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]


async def test_a_writer_that_is_cut_off_leaves_the_gate_open_and_nothing_behind(database: Database) -> None:
    inside = asyncio.Event()

    async def hold() -> None:
        async with database.begin() as tx:
            await write(tx, "never")
            inside.set()
            await asyncio.Event().wait()

    holding = asyncio.ensure_future(hold())
    await inside.wait()
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    async with database.begin() as tx:
        await write(tx, "next")
    assert await written(database) == ["next"]


async def test_a_writer_that_is_cut_off_while_it_waits_lets_the_others_through(database: Database) -> None:
    async def add(name: str) -> None:
        async with database.begin() as tx:
            await write(tx, name)

    async with database.begin() as tx:
        await write(tx, "first")
        waiting = [asyncio.ensure_future(add(name)) for name in ("cut off", "patient")]
        await asyncio.sleep(0)
        waiting[0].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await written(database) == ["first", "patient"]


@SQLITE_ONLY
async def test_a_bulk_writer_lets_a_small_writer_in_after_each_chunk(database: Database) -> None:
    """First come, first served: whoever asks during a chunk is next."""
    order: list[str] = []

    async def bulk() -> None:
        for chunk in range(20):
            async with database.begin() as tx:
                await write(tx, *(f"bulk {chunk} {row}" for row in range(500)))
            order.append("chunk")

    async def small() -> None:
        for number in range(10):
            asked = order.count("chunk")
            async with database.begin() as tx:
                await write(tx, f"small {number}")
            order.append(f"after {order.count('chunk') - asked} chunks")

    await asyncio.gather(bulk(), small())
    waits = [entry for entry in order if entry != "chunk"]
    assert set(waits) <= {"after 0 chunks", "after 1 chunks"}


async def test_writers_of_all_kinds_get_their_turn_and_lose_nothing(database: Database) -> None:
    async def add(name: str) -> None:
        async with database.begin() as tx:
            await write(tx, name)

    await asyncio.gather(*(add(f"n{number:03}") for number in range(100)))
    async with database.read() as reader:
        assert (await reader.execute(select(func.count()).select_from(schedule_ticks))).scalar() == 100


async def test_two_processes_write_in_turn(database: Database, elsewhere: Database) -> None:
    async def add(to: Database, name: str) -> None:
        async with to.begin() as tx:
            await write(tx, name)

    pairs = [(database, elsewhere)[number % 2] for number in range(40)]
    await asyncio.gather(*(add(to, f"n{number:02}") for number, to in enumerate(pairs)))
    assert len(await written(database)) == 40
