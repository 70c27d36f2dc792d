"""When a schedule's slots are: five cron fields, read on the clock on the team's wall."""

from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.triggers.cron import CronTrigger

_TICK = timedelta(microseconds=1)


class Timetable:
    """The slots of one schedule. Raises: ValueError for a wrong ``cron``.

    Note: the trigger counts in wall time without a zone, as with one it never leaves the hour that winter time
    repeats. That hour's second pass has no slots; a slot in the hour that summer time leaves out comes later.
    """

    def __init__(self, cron: str, timezone: tzinfo) -> None:
        self._trigger = CronTrigger.from_crontab(cron, timezone=UTC)
        self._timezone = timezone

    def next_after(self, moment: datetime) -> datetime | None:
        """The first slot after ``moment``, in UTC; None if there is none any more."""
        wall: datetime | None = moment.astimezone(self._timezone).replace(tzinfo=UTC, fold=0)
        slot = None
        while wall is not None and (slot is None or slot <= moment):
            wall = self._trigger.get_next_fire_time(None, wall + _TICK)
            slot = wall and wall.replace(tzinfo=self._timezone).astimezone(UTC)
        return slot

    def newest(self, after: datetime, until: datetime) -> datetime | None:
        """The newest slot after ``after`` and not after ``until``, looked for backwards: it may be years."""
        newest, start, span = None, until, timedelta(minutes=1)
        while newest is None and start > after:
            start = max(after, until - span)
            span *= 2
            slot = self.next_after(start)
            while slot is not None and slot <= until:
                newest, slot = slot, self.next_after(slot)
        return newest
