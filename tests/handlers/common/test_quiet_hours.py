"""Quiet hours hold what comes in them until they end, and nothing else."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handlers.common.quiet_hours import QuietHours, hold_until

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = QuietHours(time(22), time(8))
NOON = QuietHours(time(12), time(14))
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Rome", "America/St_Johns"]).map(ZoneInfo)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda passed: datetime(2026, 1, 1, tzinfo=UTC) + passed)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, "22 21:59", None),
        (NIGHT, "22 22:00", "23 08:00"),
        (NIGHT, "23 07:59", "23 08:00"),
        (NIGHT, "23 08:00", None),
        (NOON, "22 11:59", None),
        (NOON, "22 12:00", "22 14:00"),
        (NOON, "22 14:00", None),
        (None, "22 23:00", None),
    ],
)
def test_a_message_is_held_until_the_quiet_hours_end(quiet: QuietHours | None, now: str, until: str | None) -> None:
    assert hold_until(quiet, at(now), SHANGHAI) == (until and at(until))


@given(TIMES.filter(lambda at: at.hour > 3), TIMES, MOMENTS, ZONES)
def test_what_is_held_goes_out_within_a_day_and_is_not_held_again(
    starts: time, ends: time, now: datetime, zone: ZoneInfo
) -> None:
    assume(starts != ends)
    quiet = QuietHours(starts, ends)
    until = hold_until(quiet, now, zone)
    assume(until is not None)
    assert until is not None
    assert now < until <= now + timedelta(hours=25)
    assert hold_until(quiet, until, zone) is None
