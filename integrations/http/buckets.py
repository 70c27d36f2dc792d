"""Rate limits: how many calls may be under way or have arrived within a sliding window."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bot.contracts.clock import Clock
from bot.contracts.rates import Limit

__all__ = ["BucketStore", "Limit", "ProcessBuckets"]

_MARGIN_SECONDS = 0.005  # two machines' clocks drift apart by less than this in a minute
_TICK_SECONDS = 0.001  # no wait is shorter, lest rounding turn waiting into spinning
_SWEEP_AT = 256


class BucketStore(Protocol):
    """Who may call when. In one process or, with database rows, over many."""

    def admit(self, *limits: Limit) -> AbstractAsyncContextManager[None]:
        """Enter when all limits allow a call; leave when its answer is there or known to be lost."""
        ...

    def pause(self, key: str, wait: timedelta) -> None:
        """Let no call of ``key`` begin for ``wait``: the server asked for it."""
        ...


@dataclass(slots=True)
class _Window:
    """One limit's calls: those under way, and since when the others are answered.

    What drains counts as answered when its turn to drain begins, and for one interval from then on.
    """

    limit: Limit
    callers: int = 0
    under_way: int = 0
    answered: list[float] = field(default_factory=list)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def life_seconds(self) -> float:
        return self.limit.seconds / self.limit.count if self.limit.drains else self.limit.seconds

    def note_answer(self, now: float) -> None:
        behind = max(self.answered) + self.life_seconds if self.limit.drains and self.answered else now
        heapq.heappush(self.answered, max(now, behind))

    def purge(self, now: float) -> None:
        """Forget answers older than the window, and those from the future (the clock was set back)."""
        queued = self.limit.seconds if self.limit.drains else 0.0
        while self.answered and not -queued <= now - self.answered[0] < self.life_seconds + _MARGIN_SECONDS:
            heapq.heappop(self.answered)

    def is_full(self, now: float) -> bool:
        self.purge(now)
        return self.under_way + len(self.answered) >= self.limit.count

    def frees_in(self, now: float) -> float | None:
        """Seconds until the oldest answer leaves the window; None if only an answer can free it."""
        if not self.answered:
            return None
        return max(_TICK_SECONDS, self.answered[0] + self.life_seconds + _MARGIN_SECONDS - now)

    def is_idle(self, now: float) -> bool:
        self.purge(now)
        return not (self.callers or self.answered)


class ProcessBuckets:
    """The limits of one process.

    A call counts from its release until ``seconds`` after its answer. It reached the server before its answer
    reached us, so no sliding window kept by the server can ever hold more than ``count``, however
    the network delays. Callers are served first come, first served.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[Limit, _Window] = {}
        self._paused: dict[str, float] = {}
        self._sweep_at = _SWEEP_AT

    @asynccontextmanager
    async def admit(self, *limits: Limit) -> AsyncIterator[None]:
        self._sweep()
        windows = [self._window(limit) for limit in sorted(limits, key=narrowness)]
        for window in windows:
            window.callers += 1
        try:
            await self._enter(windows)
            try:
                yield
            finally:
                now = self._now()
                for window in windows:
                    window.under_way -= 1
                    window.note_answer(now)
                    window.changed.set()
        finally:
            for window in windows:
                window.callers -= 1

    def pause(self, key: str, wait: timedelta) -> None:
        until = self._now() + wait.total_seconds()
        self._paused[key] = max(until, self._paused.get(key, 0.0))

    def __len__(self) -> int:
        return len(self._windows) + len(self._paused)

    async def _enter(self, windows: Sequence[_Window]) -> None:
        """Count a call into every window.

        A caller keeps its turn in the windows it passed, so they stay free for it while it waits for the next,
        and one chat's backlog never stands in the way of the others.
        """
        async with AsyncExitStack() as turns:
            for window in windows:
                await turns.enter_async_context(window.turn)
                await self._wait_until_free(window)
            for window in windows:
                window.under_way += 1

    async def _wait_until_free(self, window: _Window) -> None:
        while True:
            now = self._now()
            pause = self._paused.get(window.limit.key, now) - now
            if pause > 0:
                await self._clock.sleep(pause)
            elif not window.is_full(now):
                return
            elif (wait := window.frees_in(now)) is not None:
                await self._clock.sleep(wait)
            else:
                window.changed.clear()
                await window.changed.wait()

    def _window(self, limit: Limit) -> _Window:
        return self._windows.setdefault(limit, _Window(limit))

    def _sweep(self) -> None:
        """Drop what is idle whenever the number of windows has doubled."""
        if len(self) < self._sweep_at:
            return
        now = self._now()
        self._windows = {limit: window for limit, window in self._windows.items() if not window.is_idle(now)}
        self._paused = {key: until for key, until in self._paused.items() if until > now}
        self._sweep_at = max(_SWEEP_AT, 2 * len(self))

    def _now(self) -> float:
        return self._clock.now().timestamp()


def narrowness(limit: Limit) -> tuple[float, Limit]:
    """One order for all callers, so that none waits for another in a circle."""
    return (limit.count / limit.seconds if limit.seconds else 0.0, limit)
