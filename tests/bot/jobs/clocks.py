"""Our own time, which a test can move on."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta


class MovedClock:
    """Runs as fast as ours; whoever sleeps notices a move."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def sleep(self, seconds: float) -> None:
        due = self.now() + timedelta(seconds=seconds)
        while (left := (due - self.now()).total_seconds()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()

    def move(self, **distance: float) -> None:
        """Let ``distance`` (the arguments of ``timedelta``) pass at once."""
        self._ahead += timedelta(**distance)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


class JumpingClock(MovedClock):
    """A machine's clock, which can be set: only ``now`` jumps then, and who sleeps notices nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._set_by = timedelta()
        self.sleepers = 0

    def now(self) -> datetime:
        return super().now() + self._set_by

    async def sleep(self, seconds: float) -> None:
        due = super().now() + timedelta(seconds=seconds)
        self.sleepers += 1
        try:
            while (left := (due - super().now()).total_seconds()) > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._moved.wait()
        finally:
            self.sleepers -= 1

    def set_by(self, **distance: float) -> None:
        """Set the clock by ``distance`` from what it should be."""
        self._set_by = timedelta(**distance)
