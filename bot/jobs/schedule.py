"""The clock of all schedules: a slot's tick is a job whose key makes it run once; missed slots run once together."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.clock import Clock
from bot.contracts.feature import Schedule
from bot.jobs.timetable import Timetable
from storage.database import Database
from storage.jobs.store import last_tick, record_first_tick, record_tick

_LONGEST_WAIT = timedelta(minutes=5)
_CLOCKS_DIFFER = timedelta(minutes=1)
_PAUSE_AFTER_FAILURE_SECONDS = 5

_log = structlog.get_logger("schedule")


class Ticker:
    """Submits the jobs of schedules. A schedule that never ran runs at once."""

    def __init__(self, schedules: Sequence[Schedule], database: Database, clock: Clock, timezone: tzinfo) -> None:
        self._timetables = [(each, Timetable(each.cron, timezone)) for each in schedules]
        self._database = database
        self._clock = clock
        self._ticking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; ``stop`` ends it."""
        self._ticking = asyncio.create_task(self._tick_forever(), name="ticker")

    async def stop(self) -> None:
        """Submit nothing more."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)

    async def tick(self) -> datetime | None:
        """Submit every schedule that is due; returns when the next one is."""
        now = self._clock.now()
        upcoming: list[datetime] = []
        for schedule, timetable in self._timetables:
            async with self._database.read() as reader:
                last = await last_tick(reader, schedule.name)
            if last is not None and last > now + _CLOCKS_DIFFER:
                last = await self._set_back(schedule, now)
            slot = timetable.newest(last, now) if last else now.replace(second=0, microsecond=0)
            if slot is not None:
                await self._submit(schedule, slot, is_first=last is None)
            following = timetable.next_after(now)
            if following is not None:
                upcoming.append(following)
        return min(upcoming, default=None)

    async def _set_back(self, schedule: Schedule, now: datetime) -> datetime:
        """The clock was wrong: go on from what it shows now. A slot that had its tick is known by its key."""
        async with self._database.begin() as tx:
            await record_tick(tx, schedule.name, now)
        return now

    async def _submit(self, schedule: Schedule, slot: datetime, *, is_first: bool) -> None:
        async with self._database.begin() as tx:
            if is_first and not await record_first_tick(tx, schedule.name, slot):
                return  # another process was first, perhaps a minute ago: with another key
            await record_tick(tx, schedule.name, slot)
            await tx.submit(
                schedule.task,
                schedule.payload,
                key=f"tick:{schedule.name}:{slot.isoformat()}",
                lane=f"schedule:{schedule.name}",
            )

    async def _tick_forever(self) -> None:
        while True:
            try:
                upcoming = await self.tick()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("tick_failed", error=type(error).__name__)
                await self._clock.sleep(_PAUSE_AFTER_FAILURE_SECONDS)
                continue
            now = self._clock.now()
            wait = min(_LONGEST_WAIT, (upcoming or now + _LONGEST_WAIT) - now)
            await self._clock.sleep(max(0.0, wait.total_seconds()))
