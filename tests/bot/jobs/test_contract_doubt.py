"""A commit whose answer got lost: the engine believes the database, not its own memory."""

from collections.abc import AsyncIterator

import pytest

from bot.contracts.errors import UpstreamUnavailable
from bot.contracts.feature import Effect, Job
from storage.database import Database, Transaction
from storage.people.tables import audit
from tests.bot.jobs.clocks import MovedClock
from tests.bot.jobs.engines import ENGINES
from tests.bot.jobs.lossy import LossyWay, lossy_way
from tests.bot.jobs.office import Office
from tests.bot.jobs.process import leave_a_trace

POSTGRES = pytest.mark.parametrize("setup", ["embedded on postgres", "distributed on postgres"], indirect=True)


@pytest.fixture
async def far_office(postgres_url: str, engine_name: str, clock: MovedClock) -> AsyncIterator[tuple[Office, LossyWay]]:
    async with lossy_way(postgres_url) as (url, way):
        database = Database(url)
        office = Office(database, clock, ENGINES[engine_name])
        yield office, way
        await office.close()
        await database.close()


async def traces(database: Database) -> list[str]:
    async with database.read() as reader:
        return [row.command for row in (await reader.execute(audit.select().order_by(audit.c.id))).all()]


@POSTGRES
async def test_effects_are_not_repeated_and_claimed_jobs_not_forgotten(far_office: tuple[Office, LossyWay]) -> None:
    """The commit that settles "one" and claims "two" happens, but nobody hears of it."""
    office, way = far_office

    async def leave(job: Job) -> Effect:
        async def effect(tx: Transaction) -> None:
            await leave_a_trace(tx, job.key)
            if job.key == "one":
                way.lose_next_commit()

        return effect

    worker = office.worker(leave)
    await office.open(worker.task())
    await office.ask("one", "two", "three", lane="chat")
    await office.has_state("three", "done")
    assert way.lost == 1
    assert await traces(office.database) == ["one", "two", "three"]


@POSTGRES
async def test_a_lane_that_waits_for_a_retry_is_still_held(far_office: tuple[Office, LossyWay]) -> None:
    office, way = far_office
    down = UpstreamUnavailable("down", platform="feishu", operation="send")

    async def stumble(job: Job) -> None:
        if job.key == "one" and job.attempt == 1:
            way.lose_next_commit()
            raise down

    worker = office.worker(stumble)
    await office.open(worker.task(holds_lane="always"))
    await office.ask("one", "two", lane="chat")
    await office.has_state("two", "done")
    assert (way.lost, worker.keys) == (1, ["one", "one", "two"])
