"""The engine of many processes over one PostgreSQL database: a process works only where it has the turn."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from time import perf_counter

import structlog
from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import ConflictError
from bot.jobs.engine import ObserveJob, ProcessDied
from bot.jobs.pump import CROWD_CLAIM_PAUSE_SECONDS, Ended, Pump
from storage.database import Database, Transaction
from storage.jobs import lanes, store
from storage.jobs.rows import ClaimedJob, NewJob
from storage.jobs.turns import Turn, Turns, channel, install, place_of

_CLAIM_LIMIT = 64
_LOST = -1  # the number of no turn
_LOG_EVERY_POLLS = 60

_log = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How soon a process notices: ``lease`` after a death another takes over, ``poll`` is between two looks."""

    lease: timedelta = timedelta(seconds=10)
    poll: timedelta = timedelta(seconds=1)


class DistributedEngine(Pump):
    """``bot.jobs.engine.Engine`` for any number of processes."""

    _crowd_grouping_seconds = 0.015  # each cycle asks a server several questions

    def __init__(
        self,
        database: Database,
        clock: Clock,
        new_id: NewId,
        *,
        observe: ObserveJob = lambda task, outcome, s: None,
        most_starts: int = 10,
        pace: Pace | None = None,
        works: bool = True,
    ) -> None:
        """A process that does not work only stores, and asks others for the work."""
        super().__init__(database, clock, new_id, observe=observe, most_starts=most_starts)
        self._pace = pace or Pace()
        self._works = works
        self._turns = Turns(self._pace.lease)
        self._mine: dict[str, Turn] = {}
        self._started_in: dict[str, int] = {}
        self._offers: dict[str, str] = {}
        self._in_cycle: Transaction | None = None
        self._sessions: set[int] = set()
        self._looks = self._sweeps = True
        self._full: set[str] = set()
        self._sweep_at: datetime | None = None
        self._beside: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        if not await install(self._database, upgrade=False):
            raise ConflictError("the queue's tables are of another release of PgQueuer: run zhanggui migrate")
        async with self._database.begin() as tx:
            await self._turns.release_orphans(tx)
        self._begin_to_work()
        self._beside = [
            asyncio.create_task(self._keep_alive(), name="leases"),
            asyncio.create_task(self._look_around(), name="look around"),
        ]

    async def stop(self, grace: timedelta) -> None:
        try:
            await super().stop(grace)
        finally:
            for task in self._beside:
                task.cancel()
            await asyncio.gather(*self._beside, return_exceptions=True)

    def _asked(self, tx: Transaction, job: NewJob) -> None:
        if tx is not self._in_cycle:  # a cycle offers what it was asked for itself
            tx.after_commit.append(partial(self._note, job))

    def _note(self, job: NewJob) -> None:
        """A job was committed: offer its place with the next cycle, when it is visible to everybody."""
        place = _place(job)
        if job.run_at > self._clock.now():
            self._next_due = self._sweep_at = min(job.run_at, self._sweep_at or job.run_at)
            self.wake()
            return
        self._offers[place] = job.task
        if place not in self._mine:  # where we have the turn we look again anyway, before we give it back
            self.wake()

    def _has_work(self) -> bool:
        return bool(super()._has_work() or self._mine or self._offers)

    async def _believe(self, tx: Transaction, ended: Sequence[Ended], now: datetime) -> list[Ended]:
        """Settle only what ran in a turn that is still ours: who was stopped and resumed may have lost it."""
        self._in_cycle = tx
        if await tx.session_id() not in self._sessions:
            await self._turns.bound_stops(tx)
        if self._in_doubt:
            self._mine = {turn.place: turn for turn in await self._turns.all_mine(tx)}
            await lanes.let_go(tx, self._mine.keys(), except_ids=self._running.keys())
            self._looks = self._sweeps = True
        over = {end.job.id for end in ended}
        numbers = {turn.number for turn in self._mine.values()} | set(self._started_in.values())
        ours = await self._turns.still_mine(tx, numbers) if numbers else set()
        self._mine = {place: turn for place, turn in self._mine.items() if turn.number in ours}
        for job_id, number in self._started_in.items():
            if number not in ours:  # also if we take this very turn again: another may have run the job since
                self._started_in[job_id] = _LOST
        believed = {job_id for job_id in over if self._started_in[job_id] != _LOST}
        if self._in_doubt:
            believed &= await lanes.still_running(tx, believed)
        for job_id in over - believed:
            _log.warning("job_was_not_ours_any_more", job=job_id)
        return [end for end in ended if end.job.id in believed]

    async def _claim(
        self, tx: Transaction, now: datetime, over: set[str], held: dict[str, datetime], *, crowded: bool
    ) -> list[ClaimedJob]:
        now = self._clock.now()  # what the effects of this cycle asked for is due
        running = [job for job, _ in self._running.values() if job.id not in over]
        session = await tx.session_id()
        cycle = _Cycle(
            tx=tx, session=session, now=now, over=over, running=running, at_most=1 if crowded else _CLAIM_LIMIT
        )
        tx.after_commit.append(partial(self._adopt, cycle))
        is_paused = crowded and perf_counter() - self._claimed_at < CROWD_CLAIM_PAUSE_SECONDS
        await self._offer(cycle, at_once=not (crowded or self._stopping))
        if is_paused:
            self._next_due = now + timedelta(seconds=CROWD_CLAIM_PAUSE_SECONDS)
            return []
        self._claimed_at = perf_counter()
        has_room = any(job.task in self._full for job, _ in self._running.values() if job.id in over)
        if self._works and not self._stopping and (self._looks or has_room):
            await self._take(cycle)
        await self._let_go(cycle)
        claimed = await self._choose(cycle)
        await self._note_next_due(cycle)
        return claimed

    async def _offer(self, cycle: "_Cycle", *, at_once: bool) -> None:
        """Say where work has come; with ``at_once`` take the turns there ourselves, if there is room.

        Where a turn is on already, say so again once our jobs are committed: its holder may have looked for the last
        time before that.
        """
        added = {_place(job): job.task for job in cycle.tx.added_jobs if job.run_at <= cycle.now}
        offers, self._offers = self._offers, {}
        is_due = self._sweep_at is not None and self._sweep_at <= cycle.now
        cycle.sweeps = self._works and (self._sweeps or is_due)
        if cycle.sweeps:
            offers |= await self._turns.uncovered(cycle.tx, now=cycle.now, tasks=self._tasks)
            self._sweeps = False
        offers |= added
        for place in self._mine:
            offers.pop(place, None)
        numbers: dict[str, int | None]
        if self._works and at_once and self._have_room(offers, cycle):
            numbers = await self._turns.open(cycle.tx, offers)
            cycle.taken = [
                Turn(number, place, offers[place]) for place, number in numbers.items() if number is not None
            ]
        else:
            numbers = await self._turns.offer(cycle.tx, offers)
            self._looks |= any(number is not None for number in numbers.values())
        cycle.fresh = {number for number in numbers.values() if number is not None}
        cycle.offer_again = {place: task for place, task in added.items() if numbers.get(place, 0) is None}

    def _have_room(self, offers: Mapping[str, str], cycle: "_Cycle") -> bool:
        """We can work at all these places, and nobody has waited for longer.

        All or none: two statements for one cycle's places could meet another process's in a circle.
        """
        room = self._room(cycle)
        full = {task for task, count in Counter(offers.values()).items() if count > room.get(task, 0)}
        self._full |= full & room.keys()
        return not self._full.intersection(offers.values())

    def _room(self, cycle: "_Cycle") -> dict[str, int]:
        """How many more turns of each task we can work in."""
        busy = Counter(job.task for job in cycle.running)
        done = {_place(job) for job, _ in self._running.values() if job.id in cycle.over and job.lane is None}
        kept = Counter(turn.task for place, turn in self._mine.items() if place not in done)
        kept += Counter(turn.task for turn in cycle.taken)
        return {
            name: min(cycle.at_most, task.at_once - max(busy[name], kept[name])) for name, task in self._tasks.items()
        }

    async def _take(self, cycle: "_Cycle") -> None:
        """Take turns that wait or whose process died, as many as there is room for."""
        room = self._room(cycle)
        taken, self._looks = await self._turns.take(cycle.tx, room)
        if self._looks:
            self.wake()
        left = Counter(room)
        left.subtract(turn.task for turn in taken)
        self._full = {task for task in room if left[task] <= 0}
        known = {turn.number for turn in self._mine.values()}
        cycle.taken += [turn for turn in taken if turn.number not in known]

    async def _let_go(self, cycle: "_Cycle") -> None:
        """Let wait again what a dead process ran in the turns that we took."""
        inherited = [turn.place for turn in cycle.taken if turn.number not in cycle.fresh]
        for job in await lanes.let_go(cycle.tx, inherited):
            if job.starts >= self._most_starts:
                await self._bury(cycle.tx, job, ProcessDied(f"in {job.starts} starts of this job"), cycle.now)
                self._sweeps = True  # what its last words ask for came too late to be offered in this cycle
                self.wake()

    async def _note_next_due(self, cycle: "_Cycle") -> None:
        """Ask when the next job is due only where that may have changed; what others delay is seen with each sweep."""
        if not self._works:
            self._next_due = self._sweep_at = None
            return
        later = [job.run_at for job in cycle.tx.added_jobs if job.run_at > cycle.now]
        if cycle.sweeps or self._retried:
            self._retried = False
            self._sweep_at = await store.next_due(cycle.tx, after=cycle.now)
        elif later:
            self._sweep_at = min([*later, *([self._sweep_at] if self._sweep_at else [])])
        self._next_due = self._sweep_at

    async def _choose(self, cycle: "_Cycle") -> list[ClaimedJob]:
        """The next job of each of our places where none runs. A place without one is given back."""
        places = self._mine | {turn.place: turn for turn in cycle.taken}
        busy = {_place(job) for job in cycle.running}
        idle = {place: turn for place, turn in places.items() if place not in busy}
        waiting = await lanes.next_jobs(cycle.tx, idle, now=cycle.now, tasks=self._tasks)
        chosen = [] if self._stopping else self._fitting(waiting, cycle)
        await store.start_jobs(cycle.tx, [job.id for job in chosen], now=cycle.now)
        cycle.started = {job.id: idle[_place(job)].number for job in chosen}
        kept = set() if self._stopping else {_place(job) for job in waiting}
        await self._give_back(cycle, [turn for place, turn in idle.items() if place not in kept])
        return chosen

    def _fitting(self, waiting: Sequence[ClaimedJob], cycle: "_Cycle") -> list[ClaimedJob]:
        """As many as their tasks allow at once, and one suspect at a time."""
        running = Counter(job.task for job in cycle.running)
        suspect_runs = any(job.is_suspect for job in cycle.running)
        chosen: list[ClaimedJob] = []
        for job in waiting:
            has_room = running[job.task] < self._tasks[job.task].at_once and len(chosen) < cycle.at_most
            if has_room and not (suspect_runs and job.is_suspect):
                chosen.append(job)
                running[job.task] += 1
                suspect_runs |= job.is_suspect
        if len(chosen) == cycle.at_most:
            self.wake()
        return chosen

    async def _give_back(self, cycle: "_Cycle", turns: Sequence[Turn]) -> None:
        """End these turns. What came before that saw the turn on and relies on us."""
        if not turns:
            return
        came = await self._turns.end(cycle.tx, turns, now=cycle.now, tasks=self._tasks)
        cycle.ended = list(turns)
        await self._turns.offer(cycle.tx, came)
        if came or any(turn.task in self._full for turn in turns):
            self._looks = True
            self.wake()

    def _adopt(self, cycle: "_Cycle") -> None:
        """The cycle is committed: its changes of our turns are true."""
        self._sessions.add(cycle.session)
        for job_id in cycle.over:
            del self._started_in[job_id]
        self._started_in |= cycle.started
        self._mine |= {turn.place: turn for turn in cycle.taken}
        for turn in cycle.ended:
            del self._mine[turn.place]
        self._offers = cycle.offer_again | self._offers
        if cycle.offer_again or any(turn.place in self._offers for turn in cycle.ended):
            self.wake()

    async def _keep_alive(self) -> None:
        """Renew our leases, long before they end."""
        while True:
            await asyncio.sleep(self._pace.lease.total_seconds() / 4)
            try:
                if self._mine:
                    async with self._database.begin() as tx:
                        await self._turns.keep_alive(tx, list(self._mine.values()))
            except (SQLAlchemyError, OSError) as error:
                _log.warning("leases_not_renewed", error=type(error).__name__)

    async def _look_around(self) -> None:
        """Hear at once of what others offer; look from time to time for what nobody offered."""
        while True:
            try:
                async with self._database.session() as session:
                    await session.add_listener(channel(), self._heard)
                    for poll in count():
                        await self._look(poll)
                        if session.is_closed():
                            break
            except (SQLAlchemyError, OSError, PostgresError, InterfaceError) as error:
                _log.warning("not_listening", error=type(error).__name__)
                await asyncio.sleep(self._pace.poll.total_seconds())

    async def _look(self, poll: int) -> None:
        self._looks = self._sweeps = True
        self.wake()
        if self._works and poll % _LOG_EVERY_POLLS == 0:
            async with self._database.begin() as tx:
                await self._turns.forget_log(tx)
        await asyncio.sleep(self._pace.poll.total_seconds())

    def _heard(self, _connection: object, session: int, *_told: object) -> None:
        if session not in self._sessions:  # what we told ourselves is no news
            self._looks = True
            self.wake()


@dataclass(slots=True, kw_only=True)
class _Cycle:
    """One cycle's transaction, what it begins with, and what becomes true of our turns with its commit."""

    tx: Transaction
    session: int
    now: datetime
    over: set[str]
    running: list[ClaimedJob]
    at_most: int
    sweeps: bool = False
    fresh: set[int] = field(default_factory=set)
    taken: list[Turn] = field(default_factory=list)
    ended: list[Turn] = field(default_factory=list)
    started: dict[str, int] = field(default_factory=dict)
    offer_again: dict[str, str] = field(default_factory=dict)


def _place(job: NewJob | ClaimedJob) -> str:
    return place_of(job.id, job.lane)
