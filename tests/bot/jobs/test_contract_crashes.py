"""A killed process loses nothing that it acknowledged and doubles no effect; what kills it ends as a dead letter."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage.database import Database
from storage.jobs.store import dead_jobs
from storage.people.tables import audit
from tests.bot.jobs.engines import MOST_STARTS
from tests.bot.jobs.process import KILLER, LANE_JOBS, NEIGHBOURS

ROOT = Path(__file__).parents[3]


@dataclass(slots=True)
class Lives:
    """One process after the other over the same database, and all that they told."""

    arguments: list[str]
    told: list[str] = field(default_factory=list)

    def keys(self, word: str) -> list[str]:
        """The keys told with ``word``, in order."""
        return [line.partition(" ")[2] for line in self.told if line.startswith(f"{word} ")]

    async def live(self, story: str, until: str = "") -> int:
        """Run a process to its end, or kill it when it tells a line that matches ``until``; the exit code."""
        async with self._process(story) as process:
            await self._listen(process, until)
            if until:
                process.kill()
            await self._listen(process)
        return process.returncode or 0

    async def pause(self, story: str, until: str) -> None:
        """Run a process to its end, but stop it for a while when it tells ``until``."""
        async with self._process(story) as process:
            await self._listen(process, until)
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.2)
            process.send_signal(signal.SIGCONT)
            await self._listen(process)

    @asynccontextmanager
    async def _process(self, story: str) -> AsyncIterator[Process]:
        command = [sys.executable, "-m", "tests.bot.jobs.process", *self.arguments, story]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, cwd=ROOT, env={"PATH": os.environ["PATH"]}
        )
        try:
            async with asyncio.timeout(20):
                yield process
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _listen(self, process: Process, until: str = "") -> None:
        assert process.stdout is not None
        while line := (await process.stdout.readline()).decode().strip():
            self.told.append(line)
            if until and re.fullmatch(until, line):
                return


@pytest.fixture
def lives(database_url: str, engine_name: str) -> Lives:
    return Lives([engine_name, database_url])


@pytest.fixture
def traces(database_url: str) -> Callable[[], Awaitable[Counter[str]]]:
    """How often everything was done."""

    async def look() -> Counter[str]:
        database = Database(database_url)
        async with database.read() as reader:
            commands = (await reader.execute(audit.select())).all()
        await database.close()
        return Counter(row.command for row in commands)

    return look


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
    await lives.pause("lane", until="started step 05")
    assert await traces() == Counter(LANE_JOBS)
