"""Processes that share one PostgreSQL database, in time that passes only while nobody asks the database."""

import asyncio
import selectors
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from bot.contracts.rates import Limit, Settlement, Share
from integrations.http.shared_buckets import SharedBuckets
from storage.database import Database
from storage.rates.store import RateRows
from tests.integrations.http.virtual import LoopClock

_T = TypeVar("_T")


class _Selector(selectors.DefaultSelector):
    """Skips the time that the loop would have waited, unless the database is asked."""

    skipped = 0.0
    asking = 0

    def select(self, timeout: float | None = None) -> Any:
        if self.asking:
            return super().select(1.0 if timeout is None else min(1.0, timeout))
        self.skipped += timeout or 0.0
        return super().select(0)


class PatientLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._patient = _Selector()
        super().__init__(self._patient)

    def time(self) -> float:
        return self._patient.skipped

    @asynccontextmanager
    async def stands_still(self) -> AsyncIterator[None]:
        self._patient.asking += 1
        try:
            yield
        finally:
            self._patient.asking -= 1


class SkewedClock(LoopClock):
    """The loop's time, wrong by ``skew``."""

    def __init__(self, skew: timedelta) -> None:
        self._skew = skew

    def now(self) -> datetime:
        return super().now() + self._skew


class Process:
    """One process's buckets over the shared rows, and how it may fare badly."""

    def __init__(self, database: Database, loop: PatientLoop, name: str, skew: timedelta) -> None:
        self._rows = RateRows(database, name, server_time)
        self._loop = loop
        self._random = Random(name)
        self.database = database
        self.buckets = SharedBuckets(self, SkewedClock(skew))
        self.rounds = 0
        self.is_cut_off = False
        self.lost_answers = 0.0

    async def settle(self, shares: Sequence[Share], pauses: Mapping[str, float]) -> Settlement | None:
        self.rounds += 1
        if self.is_cut_off:
            return None
        async with self._loop.stands_still():
            answer = await self._rows.settle(shares, pauses)
        return None if self._random.random() < self.lost_answers else answer

    async def send(self, call: Callable[[], Coroutine[Any, Any, None]], count: int, *limits: Limit) -> None:
        """So many calls at once, each as soon as it may."""

        async def one() -> None:
            async with self.buckets.admit(*limits):
                await call()

        await asyncio.gather(*(one() for _ in range(count)))


class Town:
    """Several processes over one database, whose clock is the loop's."""

    def __init__(self, url: str, loop: PatientLoop) -> None:
        self._url = url
        self._loop = loop
        self._processes: list[Process] = []

    def process(self, skew: timedelta = timedelta()) -> Process:
        """One more process, with a clock of its own."""
        name = f"process {len(self._processes)}"
        self._processes.append(Process(Database(self._url), self._loop, name, skew))
        return self._processes[-1]

    async def close(self) -> None:
        for process in self._processes:
            await process.buckets.close()
        async with self._loop.stands_still():
            for process in self._processes:
                await process.database.close()


def server_time(_real: datetime) -> datetime:
    return LoopClock().now()


def run(url: str, story: Callable[[Town], Coroutine[Any, Any, _T]]) -> _T:
    """Let a story of several processes happen in its own time."""
    loop = PatientLoop()

    async def told() -> _T:
        town = Town(url, loop)
        try:
            return await story(town)
        finally:
            await town.close()

    try:
        return loop.run_until_complete(told())
    finally:
        loop.close()


class Server:
    """A platform that counts arrivals in an exact sliding window, at the end of a network that delays."""

    def __init__(self, limit: Limit, *, jitter: float = 0.02) -> None:
        self._limit = limit
        self._jitter = jitter
        self._random = Random(1)
        self._window: deque[float] = deque()
        self._level = self._seen_at = 0.0
        self.arrived: list[float] = []
        self.under_way = 0
        self.most_under_way = 0
        self.refused = 0

    async def call(self) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self._random.uniform(0, self._jitter))
            self._arrive(asyncio.get_running_loop().time())
            await asyncio.sleep(self._random.uniform(0, self._jitter))
        finally:
            self.under_way -= 1

    def _arrive(self, now: float) -> None:
        self.arrived.append(now)
        if self._limit.drains:
            interval = self._limit.seconds / self._limit.count
            self._level = max(0.0, self._level - (now - self._seen_at) / interval) + 1
            self._seen_at = now
            self.refused += self._level > self._limit.count
        else:
            while self._window and now - self._window[0] >= self._limit.seconds:
                self._window.popleft()
            self.refused += len(self._window) >= self._limit.count
            self._window.append(now)

    def rate(self, seconds: float) -> float:
        """Arrivals per second until ``seconds``."""
        return sum(at < seconds for at in self.arrived) / seconds
