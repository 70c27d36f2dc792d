"""Rate limits that many processes keep together: each leases slots from rows that all of them share."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Protocol

from bot.contracts.clock import Clock
from bot.contracts.rates import Limit, Settlement, Share
from integrations.http.buckets import narrowness
from integrations.http.leases import TICK_SECONDS, LeasedWindow

_SWEEP_AT = 256


class SharedRows(Protocol):
    """Where the processes meet. Slots of a process that says nothing for ten seconds come back by themselves."""

    async def settle(self, shares: Sequence[Share], pauses: Mapping[str, float]) -> Settlement | None:
        """Tell and ask, for all limits in use at once. None if it is unknown whether that was heard."""
        ...


class SharedBuckets:
    """The limits as one of many processes keeps them; implements ``BucketStore``.

    A slot is used like a place in ``ProcessBuckets``: from a call's release until ``seconds`` after its answer.
    While calls go out, slots and pauses are settled with the others four times a second, and when slots lack.
    """

    def __init__(self, rows: SharedRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock
        self._windows: dict[Limit, LeasedWindow] = {}
        self._paused: dict[str, float] = {}
        self._untold: dict[str, float] = {}
        self._settling = asyncio.Lock()
        self._rounds = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._last = self._back = 0.0
        self._sweep_at = _SWEEP_AT
        self._is_closed = False

    @asynccontextmanager
    async def admit(self, *limits: Limit) -> AsyncIterator[None]:
        async with self._held_windows(limits) as windows:
            calls = await self._enter(windows)
            try:
                yield
            finally:
                now = self._now()
                for window, term in calls:
                    window.end(term, now)
                if any(window.is_over() for window, _ in calls):
                    self._settle_soon()

    def pause(self, key: str, wait: timedelta) -> None:
        until = self._now() + wait.total_seconds()
        self._paused[key] = self._untold[key] = max(until, self._paused.get(key, 0.0))
        self._settle_soon()

    async def close(self) -> None:
        """Give back what is not in use."""
        self._is_closed = True
        tasks = [*self._tasks, *([self._keeper] if self._keeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for window in self._windows.values():
            window.forget_recent()
        for _ in range(2):  # the first may only repeat what was not answered
            await self._settle()

    def __len__(self) -> int:
        return len(self._windows) + len(self._paused)

    @asynccontextmanager
    async def _held_windows(self, limits: Sequence[Limit]) -> AsyncIterator[list[LeasedWindow]]:
        """The windows of a caller, narrow ones first. They are not forgotten, not even while it waits for another."""
        self._sweep()
        windows = [self._windows.setdefault(limit, LeasedWindow(limit)) for limit in sorted(limits, key=narrowness)]
        for window in windows:
            window.callers += 1
        try:
            yield windows
        finally:
            for window in windows:
                window.callers -= 1

    async def _enter(self, windows: Sequence[LeasedWindow]) -> list[tuple[LeasedWindow, int]]:
        """Take a slot of every limit; a caller keeps its turn in those it passed."""
        async with AsyncExitStack() as turns:
            calls = await self._take_all(windows, turns)
            while not self._may_begin(calls):
                _undo(calls)
                calls = await self._take_all(windows, None)
        return calls

    async def _take_all(
        self, windows: Sequence[LeasedWindow], turns: AsyncExitStack | None
    ) -> list[tuple[LeasedWindow, int]]:
        """With ``turns`` get in line first; without, the caller has its turn everywhere."""
        async with AsyncExitStack() as undoing:
            calls = []
            for window in windows:
                term = await self._take_in_turn(window, turns)
                undoing.callback(window.undo, term)
                calls.append((window, term))
            undoing.pop_all()
        return calls

    async def _take_in_turn(self, window: LeasedWindow, turns: AsyncExitStack | None) -> int:
        window.waiting += 1
        try:
            if turns is not None:
                await turns.enter_async_context(window.turn)
            return await self._take(window)
        finally:
            window.waiting -= 1

    async def _take(self, window: LeasedWindow) -> int:
        while True:
            now = self._now()
            pause = self._paused.get(window.limit.key, now) - now
            if pause > 0:
                await self._clock.sleep(pause)
            elif not window.is_fresh(now):
                await self._settle()
            elif window.has_room(now):
                return window.begin()
            elif (wait := window.wait_seconds(now)) is not None:
                await self._clock.sleep(wait)
                if window.should_ask(self._now()):
                    await self._settle()
            else:
                window.changed.clear()
                await window.changed.wait()

    def _may_begin(self, calls: Sequence[tuple[LeasedWindow, int]]) -> bool:
        """Nothing came in between while the caller waited for the last of them."""
        now = self._now()
        return all(
            window.term == term and window.is_fresh(now) and self._paused.get(window.limit.key, now) <= now
            for window, term in calls
        )

    async def _settle(self) -> None:
        """Settle with the others; callers that ask while a round is under way share the next one."""
        seen = self._rounds
        async with self._settling:
            if self._rounds > seen:
                return
            self._rounds += 1
            asked_at = self._now()
            windows = [window for window in self._windows.values() if window.is_shared()]
            shares = [window.share(asked_at) for window in windows]
            untold = {key: until for key, until in self._untold.items() if until > asked_at}
            if not shares and not untold:
                return
            answer = await self._rows.settle(shares, {key: until - asked_at for key, until in untold.items()})
            if answer is None:
                await self._clock.sleep(TICK_SECONDS)
                return
            now = self._now()
            for window, share in zip(windows, shares, strict=True):
                window.take(answer.grants[share.limit], share.want, asked_at=asked_at, now=now)
            for key, seconds in answer.paused.items():
                if seconds > 0:
                    self._paused[key] = max(now + seconds, self._paused.get(key, 0.0))
            self._untold = {
                key: until for key, until in self._untold.items() if until > now and untold.get(key) != until
            }
        self._keep_settling()

    def _settle_soon(self) -> None:
        task = asyncio.create_task(self._settle(), name="settle rates")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _keep_settling(self) -> None:
        if self._is_closed:
            return
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._settle_while_shared(), name="keep rates")

    async def _settle_while_shared(self) -> None:
        while self._untold or any(window.is_shared() for window in self._windows.values()):
            await self._clock.sleep(TICK_SECONDS)
            await self._settle()

    def _sweep(self) -> None:
        """Drop what is idle whenever the number of windows has doubled."""
        if len(self) < self._sweep_at:
            return
        now = self._now()
        self._windows = {limit: window for limit, window in self._windows.items() if not window.is_idle(now)}
        self._paused = {key: until for key, until in self._paused.items() if until > now}
        self._sweep_at = max(_SWEEP_AT, 2 * len(self))

    def _now(self) -> float:
        """This clock's seconds, which never fall though the clock is set back."""
        now = self._clock.now().timestamp()
        self._back += max(0.0, self._last - now)
        self._last = now
        return now + self._back


def _undo(calls: Sequence[tuple[LeasedWindow, int]]) -> None:
    for window, term in calls:
        window.undo(term)
