"""A killed process loses nothing that it acknowledged and doubles no effect; what kills it ends as a dead letter."""

import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from storage.database import Database
from storage.jobs.store import dead_jobs
from tests.bot.jobs.engines import MOST_STARTS
from tests.bot.jobs.lives import Lives, traces_in
from tests.bot.jobs.process import KILLER, LANE_JOBS, NEIGHBOURS
from tests.waiting import meanwhile


@pytest.fixture
def lives(database_url: str, engine_name: str) -> Lives:
    return Lives([engine_name, database_url])


@pytest.fixture
def traces(database_url: str) -> Callable[[], Awaitable[Counter[str]]]:
    """How often everything was done."""
    return partial(traces_in, database_url)


Traces = Callable[[], Awaitable[Counter[str]]]


@pytest.mark.parametrize("moment", ["started step 07", "committed step 07"])
async def test_a_lane_goes_on_in_order_after_a_kill(lives: Lives, traces: Traces, moment: str) -> None:
    assert await lives.live("lane", until=moment) == -signal.SIGKILL
    assert await lives.live("lane") == 0
    assert await traces() == Counter(LANE_JOBS)
    assert lives.keys("started") == sorted(lives.keys("started"))
    assert len(lives.keys("started")) <= len(LANE_JOBS) + 1


async def test_what_was_acknowledged_before_a_kill_runs_once(lives: Lives, traces: Traces) -> None:
    await lives.live("arrivals", until="acknowledged .* 9 c")
    await lives.live("arrivals", until="committed .* 14 a")
    assert await lives.live("rest") == 0
    done = await traces()
    assert set(lives.keys("acknowledged")) <= set(done)
    assert set(done.values()) == {1}


async def test_a_job_that_kills_its_process_is_buried_with_its_last_words_and_takes_no_other_with_it(
    lives: Lives, traces: Traces, database_url: str
) -> None:
    codes = [await lives.live("killer") for _ in range(MOST_STARTS + 1)]
    assert codes == [-signal.SIGKILL] * MOST_STARTS + [0]
    assert await traces() == Counter([*NEIGHBOURS, f"last words of {KILLER}"])
    database = Database(database_url)
    async with database.read() as reader:
        assert [job.key for job in await dead_jobs(reader, limit=9)] == [KILLER]
    await database.close()


async def test_a_process_that_was_stopped_and_resumed_has_every_effect_once(lives: Lives, traces: Traces) -> None:
    await lives.pause("lane", until="started step 05", meanwhile=meanwhile)
    assert await traces() == Counter(LANE_JOBS)
