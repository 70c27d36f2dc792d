"""A process that works and may be killed: ``python -m tests.bot.jobs.process ENGINE URL STORY``.

It tells on standard output what happens, one word and one key a line, and ends when its story's work is done.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.contracts.clock import SystemClock, id_source
from bot.contracts.feature import Effect, Job, Payload, Task
from bot.contracts.messages import Message
from bot.jobs.engine import Engine
from storage.database import Database, Transaction
from storage.jobs.rows import NewJob
from storage.jobs.store import add_jobs, backlog
from storage.people.acts import record_act
from storage.people.rows import Act
from tests.bot.jobs.engines import ENGINES

LANE_JOBS = [f"step {number:02}" for number in range(20)]
NEIGHBOURS = [f"neighbour {number}" for number in range(6)]
KILLER = "killer"
_CLOCK = SystemClock()
_NEW_ID = id_source(_CLOCK)


@dataclass(frozen=True, slots=True)
class Process:
    """The engine and its database; lends itself to transactions."""

    engine: Engine
    database: Database

    async def submit(
        self, tx: Transaction, task: str, payload: Payload, *, key: str, lane: str | None, run_at: datetime | None
    ) -> None:
        await self.engine.submit(tx, task, payload, key=key, lane=lane, run_at=run_at)

    async def send(self, tx: Transaction, message: Message) -> None:
        raise NotImplementedError

    async def ask(self, task: str, keys: Sequence[str], lane: str | None = None) -> None:
        async with self.database.begin() as tx:
            for key in keys:
                await tx.submit(task, {}, key=key, lane=lane)


def tell(word: str, key: str) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(f"{word} {key}\n")
    sys.stdout.flush()


async def leave_a_trace(tx: Transaction, what: str) -> None:
    """A row for each time that ``what`` was done."""
    empty = dict.fromkeys(("person_id", "channel", "chat_id", "sender_id", "event_id", "arguments"), "")
    await record_act(tx, Act(id=_NEW_ID(), at=_CLOCK.now(), command=what, outcome="done", **empty))


def traced(after_seconds: float) -> Callable[[Job], Awaitable[Effect]]:
    """A handler that takes a while and leaves a trace when it is done."""

    async def run(job: Job) -> Effect:
        tell("started", job.key)
        await asyncio.sleep(after_seconds)

        async def effect(tx: Transaction) -> None:
            await leave_a_trace(tx, job.key)
            tx.after_commit.append(lambda: tell("committed", job.key))

        return effect

    return run


async def kill_the_process(job: Job) -> None:
    tell("started", job.key)
    await asyncio.sleep(0.02)
    os.kill(os.getpid(), signal.SIGKILL)


def say_that_it_died(job: Job, _error: BaseException) -> Effect:
    async def effect(tx: Transaction) -> None:
        await leave_a_trace(tx, f"last words of {job.key}")

    return effect


async def lane(process: Process) -> None:
    """Twenty jobs of one lane."""
    await process.ask("step", LANE_JOBS, lane="chat")


async def killer(process: Process) -> None:
    """A job that kills the process, among others that run at the same time."""
    await process.ask("neighbour", NEIGHBOURS[:3])
    await process.ask("kill", [KILLER])
    await process.ask("neighbour", NEIGHBOURS[3:])


async def arrivals(process: Process) -> None:
    """What arrives is acknowledged once it is on disk; five at a time, until somebody ends it."""

    async def write(tx: Transaction, keys: Sequence[str]) -> list[None]:
        now = _CLOCK.now()
        jobs = [NewJob(id=_NEW_ID(), key=key, task="step", lane=key[-1], payload={}, run_at=now) for key in keys]
        await add_jobs(tx, jobs)
        return [None] * len(keys)

    async def arrive(key: str) -> None:
        await process.engine.commit(write, key)
        tell("acknowledged", key)

    run = _NEW_ID()
    for number in range(30):
        await asyncio.gather(*(arrive(f"{run} {number} {lane}") for lane in "abcde"))


async def rest(_process: Process) -> None:
    """Only what is left from before."""


STORIES = {story.__name__: story for story in (lane, killer, arrivals, rest)}


async def main(engine_name: str, url: str, story: str) -> None:
    database = Database(url)
    engine = ENGINES[engine_name](database, _CLOCK)
    database.work = process = Process(engine, database)
    engine.register(
        [
            Task(name="step", run=traced(0.01), at_once=8),
            Task(name="neighbour", run=traced(0.1), at_once=8),
            Task(name="kill", run=kill_the_process, on_giving_up=say_that_it_died),
        ]
    )
    await engine.start()
    await STORIES[story](process)
    while await _is_busy(database):
        await _CLOCK.sleep(0.01)
    await engine.stop(timedelta(seconds=1))
    await database.close()


async def _is_busy(database: Database) -> bool:
    async with database.read() as reader:
        left = await backlog(reader, now=_CLOCK.now())
    return bool(left.waiting or left.running)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
