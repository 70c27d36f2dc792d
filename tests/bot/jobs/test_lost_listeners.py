"""The session over which a process hears of work is lost: it listens again, and meanwhile nothing is missed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.contracts.clock import Clock, id_source
from bot.jobs.distributed import DistributedEngine, Pace
from bot.jobs.engine import Engine
from storage.database import Database
from tests.bot.jobs.clocks import MovedClock
from tests.bot.jobs.office import Office
from tests.waiting import until_true

_LISTENERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' ORDER BY pid"
_KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"


def hearing(database: Database, clock: Clock) -> Engine:
    """A process that relies on what it hears: it looks every two seconds."""
    return DistributedEngine(database, clock, id_source(clock), pace=Pace(poll=timedelta(seconds=2)))


def storing(database: Database, clock: Clock) -> Engine:
    return DistributedEngine(database, clock, id_source(clock), works=False)


@pytest.fixture
def setup() -> str:
    return "distributed on postgres"


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def listeners(database: Database) -> list[int]:
    async with database.read() as reader:
        return list((await reader.execute(text(_LISTENERS))).scalars().all())


@pytest.mark.parametrize("which", [" AND query LIKE 'LISTEN%'", " AND pid <> pg_backend_pid()"], ids=["one", "all"])
async def test_after_its_session_was_ended_a_process_hears_of_work_again(
    database: Database, elsewhere: Database, clock: MovedClock, which: str
) -> None:
    web, worker_process = Office(database, clock, storing), Office(elsewhere, clock, hearing)
    worker = web.worker()
    await web.open()
    await worker_process.open(worker.task())
    await until_true(lambda: are_two(database, set()))
    before = set(await listeners(database))
    async with database.read() as reader:
        await reader.execute(text(_KILL + which))
    await web.ask("meanwhile")
    await worker.has_ended(1)
    await until_true(lambda: are_two(database, before))
    await web.ask("afterwards")
    await worker.has_ended(2)
    await web.close()
    await worker_process.close()
    assert worker.keys == ["meanwhile", "afterwards"]


async def are_two(database: Database, before: set[int]) -> bool:
    """Both processes listen, in other sessions than before."""
    now = set(await listeners(database))
    return len(now) == 2 and not now & before
