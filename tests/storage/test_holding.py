"""A PostgreSQL database is one service's, also after the connection that says so was lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.contracts.clock import SystemClock
from bot.contracts.errors import ConflictError
from storage.database import Database
from storage.holding import held, kept
from tests.waiting import until_true

SERVICE_LOCKS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = {here}"
HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"


@pytest.fixture
async def databases(postgres_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """The database as two services have it."""
    first, second = Database(postgres_url), Database(postgres_url)
    yield first, second
    await first.close()
    await second.close()


async def holders(database: Database) -> list[int]:
    async with database.read() as reader:
        return list((await reader.execute(text(SERVICE_LOCKS.format(here=HERE)))).scalars())


async def cut_off(database: Database) -> None:
    """End the session of whoever holds the database."""
    async with database.glance() as reader:
        for holder in await holders(database):
            await reader.execute(text("SELECT pg_terminate_backend(:holder)"), {"holder": holder})


async def test_a_database_is_held_by_one_service_at_a_time(databases: tuple[Database, Database]) -> None:
    first, second = databases
    async with held(first):
        with pytest.raises(ConflictError, match="another service"):
            await held(second).__aenter__()
    async with held(second):
        pass


async def test_services_that_share_keep_off_who_wants_it_alone(databases: tuple[Database, Database]) -> None:
    first, second = databases
    async with held(first, shared=True), held(second, shared=True):
        with pytest.raises(ConflictError):
            await held(second).__aenter__()


async def test_who_is_patient_gets_it_when_the_other_is_done(databases: tuple[Database, Database]) -> None:
    first, second = databases
    done = asyncio.Event()

    async def wait() -> None:
        async with held(second, patience=10):
            assert done.is_set()

    async with held(first):
        waiting = asyncio.create_task(wait())
        await until_true(lambda: _someone_waits(first))
        done.set()
    await waiting


async def _someone_waits(database: Database) -> bool:
    async with database.read() as reader:
        waiting = await reader.execute(
            text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        )
        return bool(waiting.scalar_one())


async def test_a_lost_hold_is_taken_again(databases: tuple[Database, Database]) -> None:
    first, second = databases
    lost = asyncio.Event()
    async with kept(first, SystemClock(), shared=False, lost=lost.set, look=0.01):
        before = await holders(second)
        await cut_off(second)

        async def again() -> bool:
            return bool(set(await holders(second)) - set(before))

        await until_true(again)
        with pytest.raises(ConflictError):
            await held(second).__aenter__()
        assert not lost.is_set()


async def test_who_lost_it_to_another_service_is_told_to_stop(databases: tuple[Database, Database]) -> None:
    first, second = databases
    lost = asyncio.Event()
    with pytest.raises(ConflictError, match="another service"):
        async with kept(first, SystemClock(), shared=False, lost=lost.set, look=1):
            await cut_off(second)
            async with held(second, patience=5):
                async with asyncio.timeout(60):
                    await lost.wait()


async def test_a_file_is_held_with_its_folder(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/zhanggui.db")
    async with kept(database, SystemClock(), shared=False, lost=asyncio.Event().set), held(database) as session:
        assert session is None
    await database.close()
