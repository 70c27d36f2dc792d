"""The shared rows by PostgreSQL's own clock, and which processes use them."""

from collections.abc import AsyncIterator

import pytest

from bot.clients import choose_buckets
from bot.contracts.clock import SystemClock, id_source
from bot.contracts.rates import Grant, Limit, Share
from integrations.http.buckets import ProcessBuckets
from integrations.http.shared_buckets import SharedBuckets
from storage.database import Database
from storage.rates.store import RateRows

LIMIT = Limit("app", 5, 1.0)
GONE = "postgresql+asyncpg://nobody@127.0.0.1:1/nowhere"


@pytest.fixture
async def rows(postgres_url: str) -> AsyncIterator[list[RateRows]]:
    """The rows as two processes see them."""
    databases = [Database(postgres_url), Database(postgres_url)]
    yield [RateRows(database, f"process {number}") for number, database in enumerate(databases)]
    for database in databases:
        await database.close()


async def ask(rows: RateRows, want: int) -> Grant:
    answer = await rows.settle([Share(limit=LIMIT, number=0, want=want)], {})
    assert answer is not None
    return answer.grants[LIMIT]


async def test_two_processes_get_what_there_is_and_no_more(rows: list[RateRows]) -> None:
    assert [(await ask(each, 4)).slots for each in rows] == [4, 1]


async def test_a_pause_is_read_by_the_other_process_and_never_shortened(rows: list[RateRows]) -> None:
    await rows[0].settle([], {"app": 60.0})
    await rows[0].settle([], {"app": 5.0})
    answer = await rows[1].settle([Share(limit=LIMIT, number=0, want=1)], {})
    assert answer is not None
    assert answer.paused["app"] == pytest.approx(60, abs=5)


async def test_a_database_that_is_away_is_no_error() -> None:
    database = Database(GONE)
    assert await RateRows(database, "process").settle([], {"app": 1.0}) is None
    await database.close()


def test_only_processes_that_may_have_neighbours_share(sqlite_url: str, postgres_url: str) -> None:
    clock = SystemClock()
    kinds = [type(choose_buckets(Database(url), clock, id_source(clock))) for url in (sqlite_url, postgres_url)]
    assert kinds == [ProcessBuckets, SharedBuckets]
