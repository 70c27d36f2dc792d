"""An engine at work over a real database, and handlers that note what they were given."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.contracts.feature import Effect, Job, Payload, Task
from bot.contracts.messages import Message
from bot.contracts.retry import RetryPolicy
from bot.jobs.engine import Engine
from storage.database import Database, Transaction
from storage.jobs.rows import JobRecord
from storage.jobs.store import find_jobs
from tests.bot.jobs.clocks import MovedClock
from tests.bot.jobs.engines import EngineFactory
from tests.waiting import until

QUICK = RetryPolicy(tries=3, first=timedelta(milliseconds=20), longest=timedelta(milliseconds=60))

Deed = Callable[[Job], Awaitable[Effect | None]]


async def nothing(_job: Job) -> None:
    """A job without any effect."""


@dataclass(slots=True)
class Worker:
    """Does ``deed`` for every job of its task and notes when each was started and ended."""

    clock: MovedClock
    deed: Deed = nothing
    name: str = "work"
    started: list[Job] = field(default_factory=list)
    started_at: list[datetime] = field(default_factory=list)
    ended: list[Job] = field(default_factory=list)
    most_at_once: int = 0
    _running: int = 0

    async def run(self, job: Job) -> Effect | None:
        self.started.append(job)
        self.started_at.append(self.clock.now())
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        try:
            effect = await self.deed(job)
        finally:
            self._running -= 1
        self.ended.append(job)
        return effect

    def task(self, **options: Any) -> Task:
        """Its task; ``options`` are those of ``Task``."""
        return Task(name=self.name, run=self.run, **{"retry": QUICK, **options})

    @property
    def keys(self) -> list[str]:
        """The keys of the jobs that were started, in order."""
        return [job.key for job in self.started]

    async def has_ended(self, count: int) -> None:
        """Wait until ``count`` jobs ended without an error."""
        await until(lambda: len(self.ended) >= count)

    async def has_started(self, count: int) -> None:
        """Wait until jobs were started ``count`` times."""
        await until(lambda: len(self.started) >= count)


@dataclass(slots=True)
class Office:
    """One process's engine; ``close`` and ``open`` again are a restart in good order."""

    database: Database
    clock: MovedClock
    make_engine: EngineFactory
    _engine: Engine | None = None
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def engine(self) -> Engine:
        assert self._engine is not None
        return self._engine

    async def open(self, *tasks: Task) -> None:
        self._engine = self.make_engine(self.database, self.clock)
        self.database.work = self
        self._engine.register(tasks)
        await self._engine.start()

    async def close(self, grace: timedelta = timedelta(seconds=2)) -> None:
        if self._engine is not None:
            await self._engine.stop(grace)
            self._engine = None

    def worker(self, deed: Deed = nothing, name: str = "work") -> Worker:
        return Worker(self.clock, deed, name)

    async def ask_in_lanes(self, lanes: Mapping[str, str]) -> None:
        """Ask for jobs in one transaction: key → lane."""
        async with self.database.begin() as tx:
            for key, lane in lanes.items():
                await tx.submit("work", {}, key=key, lane=lane)

    async def ask(
        self, *keys: str, task: str = "work", lane: str | None = None, run_at: datetime | None = None
    ) -> None:
        """Ask for jobs in one transaction."""
        async with self.database.begin() as tx:
            for key in keys:
                await tx.submit(task, {"asked": key}, key=key, lane=lane, run_at=run_at)

    async def do(self, effect: Effect) -> None:
        """Commit ``effect`` as the end of a job, which is how a command's effects are committed."""

        async def deed(_job: Job) -> Effect:
            return effect

        self.engine.register([Task(name="do", run=deed)])
        await self.ask(f"do {next(self._numbers)}", task="do")

    async def job(self, key: str) -> JobRecord:
        """What is stored of a job."""
        async with self.database.read() as reader:
            return next(job for job in await find_jobs(reader, key_prefix=key) if job.key == key)

    async def has_state(self, key: str, state: str) -> JobRecord:
        """Wait until a job is in this state."""
        async with asyncio.timeout(60):
            while (job := await self.job(key)).state != state:
                await self.clock.sleep(0.005)
            return job

    async def submit(
        self, tx: Transaction, task: str, payload: Payload, *, key: str, lane: str | None, run_at: datetime | None
    ) -> None:
        await self.engine.submit(tx, task, payload, key=key, lane=lane, run_at=run_at)

    async def send(self, tx: Transaction, message: Message) -> None:
        raise NotImplementedError("an engine alone sends nothing")


class Gate:
    """A deed that lasts until the gate is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()

    async def __call__(self, _job: Job) -> None:
        await self.opened.wait()


class Lasting:
    """A deed that takes a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __call__(self, _job: Job) -> None:
        await asyncio.sleep(self._seconds)


class Stumbling:
    """A deed that raises each of ``errors`` in turn, then succeeds; those of other keys than ``key`` always do."""

    def __init__(self, errors: Sequence[BaseException], key: str = "") -> None:
        self._errors = list(errors)
        self._key = key

    async def __call__(self, job: Job) -> None:
        if self._errors and self._key in ("", job.key):
            raise self._errors.pop(0).with_traceback(None)
