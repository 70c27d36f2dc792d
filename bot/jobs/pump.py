"""The pump, which both engines share: one cycle writes what arrived, settles what ended and claims what is next,
all in one commit. Only then are arrivals acknowledged and claimed jobs started.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import structlog

from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import AssistantError, UpstreamRateLimited, told
from bot.contracts.feature import Effect, Job, Payload, Task
from bot.contracts.retry import GiveUp, Retry, decide_retry
from bot.jobs.arrivals import Arrival, write_arrivals
from bot.jobs.engine import Answer, GroupWrite, Item, ObserveJob
from bot.jobs.trial import tried
from bot.jobs.writing import Writing
from storage.database import Database, Transaction, cannot_write, stood_in_the_way
from storage.jobs import store
from storage.jobs.rows import ClaimedJob, NewJob

CROWD_CLAIM_PAUSE_SECONDS = 0.3  # in a crowd one job is claimed at a time, this far apart
_CROWD_PER_SECOND = 1500  # arrivals at this rate are a burst: accepting comes before handling
_CROWD_AT_LEAST = 12
_CROWD_LINGERS_SECONDS = 0.2
_GROUPING_SECONDS = 0.010  # under load, cycles are at least this far apart, so that commits are shared
_CLOCK_TREMBLES = timedelta(seconds=1)
_LONGEST_SLEEP_SECONDS = 30.0
_FAILED_CYCLE_PAUSE_SECONDS = 0.2
_LAST_CYCLES_SECONDS = 2.5  # at a stop, for committing what has ended

_log = structlog.get_logger("jobs")


@dataclass(slots=True)
class Ended:
    """A run that is over: with an effect to commit, with an error, or (both None) plainly done."""

    job: ClaimedJob
    seconds: float = 0.0
    effect: Effect | None = None
    error: BaseException | None = None
    released: bool = False
    """The process stops; the job did not fail and waits for the next start."""


class Pump(ABC):
    """The cycle. An engine says what it believes after a failed one and which jobs are claimed."""

    _crowd_grouping_seconds = 0.002

    def __init__(
        self,
        database: Database,
        clock: Clock,
        new_id: NewId,
        *,
        observe: ObserveJob = lambda task, outcome, s: None,
        most_starts: int = 10,
    ) -> None:
        """A job that was running in ``most_starts`` crashes in a row becomes a dead letter: few enough for a job
        that kills its process, too many for one that others' crashes happen to hit.
        """
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._observe = observe
        self._most_starts = most_starts
        self._tasks: dict[str, Task] = {}
        self._arrivals: list[Arrival] = []
        self._ended: list[Ended] = []
        self._running: dict[str, tuple[ClaimedJob, asyncio.Task[None]]] = {}
        self._held_lanes: dict[str, datetime] = {}
        self._woken = asyncio.Event()
        self._cycling = asyncio.Lock()
        self._counted_at = self._claimed_at = perf_counter()
        self._crowded_until = 0.0
        self._in_doubt = self._careful = self._retried = False
        self._seen = clock.now()
        self._writing = Writing()
        self._stopping = False
        self._next_due: datetime | None = None
        self._pump: asyncio.Task[None] | None = None

    def register(self, tasks: Iterable[Task]) -> None:
        self._tasks |= {task.name: task for task in tasks}

    async def stop(self, grace: timedelta) -> None:
        self._stopping = True
        async with self._cycling:  # a cycle under way may still start what it claimed
            tasks = [task for _, task in self._running.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._pump is not None:
            self.wake()
            await asyncio.wait_for(self._pump, _LAST_CYCLES_SECONDS)

    def is_writing(self) -> bool:
        return self._writing.is_possible()

    def wake(self) -> None:
        """Run a cycle soon."""
        self._woken.set()

    async def submit(
        self, tx: Transaction, task: str, payload: Payload, *, key: str, lane: str | None, run_at: datetime | None
    ) -> None:
        job = NewJob(id=self._new_id(), key=key, task=task, lane=lane, payload=payload, run_at=run_at or self._time())
        tx.write_later(store.add_jobs, job)
        self._asked(tx, job)

    def _asked(self, tx: Transaction, job: NewJob) -> None:
        tx.after_commit.append(self.wake)

    async def commit(self, write: GroupWrite[Item, Answer], item: Item) -> Answer:
        self._time()
        arrival = Arrival(write, item, asyncio.get_running_loop().create_future())
        self._arrivals.append(arrival)
        self.wake()
        answer: Answer = await arrival.answered
        return answer

    @abstractmethod
    async def _believe(self, tx: Transaction, ended: Sequence[Ended], now: datetime) -> list[Ended]:
        """What of ``ended`` is still ours to settle."""

    @abstractmethod
    async def _claim(
        self, tx: Transaction, now: datetime, over: set[str], held: dict[str, datetime], *, crowded: bool
    ) -> list[ClaimedJob]:
        """Mark jobs as running, to be started after the commit. ``over`` have just ended, ``held`` lanes wait."""

    def _has_work(self) -> bool:
        """Something is left to be done before a stop."""
        return bool(self._arrivals or self._running)

    def _begin_to_work(self) -> None:
        self._pump = asyncio.create_task(self._work(), name="pump")
        self.wake()

    async def _work(self) -> None:
        while self._has_work() or not self._stopping:
            await self._wait_for_work()
            try:
                async with self._cycling:
                    await self._cycle()
            except Exception as error:  # the pump must outlive whatever one cycle meets
                self._writing.failed(error)
                await asyncio.sleep(_FAILED_CYCLE_PAUSE_SECONDS)
                self.wake()
            is_crowded = perf_counter() < self._crowded_until
            await asyncio.sleep(self._crowd_grouping_seconds if is_crowded else _GROUPING_SECONDS)

    async def _wait_for_work(self) -> None:
        if not self._woken.is_set():
            waiting: list[asyncio.Task[Any]] = [asyncio.create_task(self._woken.wait())]
            alarm = min((due for due in (self._next_due, *self._held_lanes.values()) if due), default=None)
            if alarm is not None:  # the clock may be set while we sleep
                seconds = min(max(0.0, (alarm - self._clock.now()).total_seconds()), _LONGEST_SLEEP_SECONDS)
                waiting.append(asyncio.create_task(self._clock.sleep(seconds)))
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        self._woken.clear()

    async def _cycle(self) -> None:
        arrivals, self._arrivals = self._arrivals, []
        ended, self._ended = self._ended, []
        now = self._clock.now()
        self._held_lanes = {lane: until for lane, until in self._held_lanes.items() if until > now}
        try:
            async with self._database.begin() as tx:
                unsettled = await self._believe(tx, ended, now)
                answers = await write_arrivals(tx, arrivals, careful=self._careful)
                if is_set_back := now < self._seen - _CLOCK_TREMBLES:
                    await self._set_back(tx, now)
                held = await self._settle(tx, unsettled, now)
                over = {end.job.id for end in ended}
                claimed = await self._claim(tx, now, over, held, crowded=self._is_crowded(len(arrivals)))
        except Exception as error:
            self._ended = ended + self._ended
            self._in_doubt = True
            in_the_way = stood_in_the_way(error)
            if in_the_way or not (self._careful or cannot_write(error)):
                self._arrivals = arrivals + self._arrivals
                self._careful = self._careful or not in_the_way  # something in it failed: the others go on without it
                self.wake()
                return
            for arrival in arrivals:
                arrival.answer(error)
            raise
        self._in_doubt = self._careful = False
        self._seen = now if is_set_back else max(self._seen, now)
        if arrivals or ended or claimed:
            self._writing.succeeded()
        self._held_lanes |= held
        for end in ended:
            del self._running[end.job.id]
        for job in claimed:
            self._running[job.id] = (job, asyncio.create_task(self._run(job), name=job.key))
        for arrival, answer in zip(arrivals, answers, strict=True):
            arrival.answer(answer)

    def _time(self) -> datetime:
        """The time; the latest that was seen tells later whether the clock was set back."""
        now = self._clock.now()
        self._seen = max(self._seen, now)
        return now

    async def _set_back(self, tx: Transaction, now: datetime) -> None:
        _log.warning("clock_was_set_back", seconds=round((self._seen - now).total_seconds()))
        await store.set_back_jobs(tx, before=self._seen, now=now)
        self._held_lanes = {}

    def _is_crowded(self, arrivals: int) -> bool:
        """True while events come in faster than they could be handled. Called once per cycle."""
        now, before = perf_counter(), self._counted_at
        self._counted_at = now
        if arrivals >= max(_CROWD_AT_LEAST, _CROWD_PER_SECOND * (now - before)):
            self._crowded_until = now + _CROWD_LINGERS_SECONDS
        return now < self._crowded_until

    async def _settle(self, tx: Transaction, ended: Sequence[Ended], now: datetime) -> dict[str, datetime]:
        """Finish, retry or bury what ended. Returns the lanes that wait for a retry."""
        held: dict[str, datetime] = {}
        done: list[str] = []
        for end in ended:
            error = end.error
            if end.effect is not None:
                error = await tried(tx, partial(end.effect, tx), careful=self._careful)
            if end.released:
                await store.retry_job(tx, end.job, due_at=now, counts=False, holds_lane=True, error="")
            elif error is None:
                done.append(end.job.id)
                tx.after_commit.append(partial(self._observe, end.job.task, "done", end.seconds))
            else:
                held |= await self._settle_failure(tx, end, error, now)
        await tx.flush()
        if done:
            await store.finish_jobs(tx, done, now=now)
        return held

    async def _settle_failure(
        self, tx: Transaction, end: Ended, error: BaseException, now: datetime
    ) -> dict[str, datetime]:
        job, task = end.job, self._tasks[end.job.task]
        self._retried = True
        expected = isinstance(error, AssistantError)
        _log.warning("job_failed", job=job.id, task=job.task, error=told(error), exc_info=None if expected else error)
        match decide_retry(error, job.attempt + 1, task.retry, jitter=random.random()):
            case Retry(wait, counts):
                limited = isinstance(error, UpstreamRateLimited)
                holds = task.holds_lane == "always" or (task.holds_lane == "rate_limits" and limited)
                due_at = now + wait
                await store.retry_job(tx, job, due_at=due_at, counts=counts, holds_lane=holds, error=told(error))
                tx.after_commit.append(partial(self._observe, job.task, "retried", end.seconds))
                return {job.lane: due_at} if holds and job.lane is not None else {}
            case GiveUp():
                await self._bury(tx, job, error, now)
                tx.after_commit.append(partial(self._observe, job.task, "dead", end.seconds))
        return {}

    async def _bury(self, tx: Transaction, job: ClaimedJob, error: BaseException, now: datetime) -> None:
        """Make the job a dead letter and commit its last words with that."""
        _log.error("job_buried", job=job.id, task=job.task, error=told(error))
        await store.bury_job(tx, job.id, now=now, error=told(error))
        task = self._tasks.get(job.task)

        async def say_last_words() -> None:
            words = task.on_giving_up(_seen(job, now), error) if task and task.on_giving_up else None
            if words is not None:
                await words(tx)

        failure = await tried(tx, say_last_words, careful=self._careful)
        if failure is not None:
            _log.error("last_words_failed", job=job.id, task=job.task, exc_info=failure)

    async def _run(self, job: ClaimedJob) -> None:
        started = perf_counter()
        end = Ended(job)
        try:
            end.effect = await self._tasks[job.task].run(_seen(job, self._clock.now()))
        except asyncio.CancelledError as error:
            end.error, end.released = error, self._stopping
        except Exception as error:
            end.error = error
        end.seconds = perf_counter() - started
        self._ended.append(end)
        self.wake()


def _seen(job: ClaimedJob, now: datetime) -> Job:
    return Job(
        id=job.id,
        task=job.task,
        key=job.key,
        payload=job.payload,
        attempt=job.attempt + 1,
        first_started_at=job.first_started_at or now,
        lane=job.lane,
    )
