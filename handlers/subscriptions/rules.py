"""When a plan's slots are, on the clock on the team's wall."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

ALL_DAYS = tuple(range(7))
WORKDAYS = tuple(range(5))
INTERVALS = (5, 10, 15, 20, 30, 60)
"""Minutes between the slots of an interval: they divide the hour, so that slots stay at the same minutes."""

_STEP = timedelta(minutes=5)  # what all intervals, and all offsets of time zones, are multiples of


@dataclass(frozen=True, slots=True)
class Weekly:
    """At ``at`` o'clock on some days of the week (0 is Monday), at least one, in order."""

    days: tuple[int, ...]
    at: time


@dataclass(frozen=True, slots=True)
class Monthly:
    """At ``at`` o'clock on one day of the month, 1 to 31; a shorter month has it on its last day."""

    day: int
    at: time


@dataclass(frozen=True, slots=True)
class Every:
    """Every ``minutes`` of the hour, one of ``INTERVALS``."""

    minutes: int


Plan = Weekly | Monthly | Every


def next_slot(plan: Plan, after: datetime, zone: tzinfo) -> datetime:
    """The first slot later than ``after``, in UTC.

    Note: a time that summer time leaves out comes as much later; one that winter time repeats comes the first time.
    """
    if isinstance(plan, Every):
        return _next_of_interval(plan, after, zone)
    day = after.astimezone(zone).date() - timedelta(days=1)  # its time may have been left out until midnight
    while True:
        slot = datetime.combine(day, plan.at, zone).astimezone(UTC)
        if slot > after and _falls_on(plan, day):
            return slot
        day += timedelta(days=1)


def _next_of_interval(plan: Every, after: datetime, zone: tzinfo) -> datetime:
    slot = after.astimezone(UTC).replace(minute=after.minute // 5 * 5, second=0, microsecond=0) + _STEP
    while slot.astimezone(zone).minute % plan.minutes:
        slot += _STEP
    return slot


def _falls_on(plan: Weekly | Monthly, day: date) -> bool:
    match plan:
        case Weekly(days):
            return day.weekday() in days
        case Monthly(wanted):
            return day.day == min(wanted, monthrange(day.year, day.month)[1])
