"""Time for stories: it runs faster than ours and can be moved on."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 22, 8, 21, tzinfo=UTC)
PACE = 20


class StoryClock:
    """Starts at ``begins`` and runs ``pace`` times as fast as ours, so that nobody waits for retries in earnest."""

    def __init__(self, begins: datetime = MORNING, *, pace: float = PACE) -> None:
        self._begins = begins
        self._pace = pace
        self._started = time.monotonic()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._begins + timedelta(seconds=(time.monotonic() - self._started) * self._pace)

    async def sleep(self, seconds: float) -> None:
        due = self.now() + timedelta(seconds=seconds)
        while (left := (due - self.now()).total_seconds()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left / self._pace)

    def move(self, **distance: float) -> None:
        """Let ``distance`` (the arguments of ``timedelta``) pass at once; whoever sleeps wakes in time."""
        self._begins += timedelta(**distance)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
