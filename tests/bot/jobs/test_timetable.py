"""Slots are found in every zone and every night, summer and winter time included."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.jobs.timetable import Timetable

ROME = ZoneInfo("Europe/Rome")
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
"""In Rome two o'clock became three."""
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""In Rome three o'clock became two."""

MOMENTS = st.datetimes(timezones=st.just(UTC)).map(
    lambda moment: moment.replace(year=2020 + moment.year % 10, day=1 + moment.day % 27)
)
NIGHTS = st.timedeltas(timedelta(hours=-4), timedelta(hours=4)).flatmap(
    lambda distance: st.sampled_from([SPRING + distance, AUTUMN + distance])
)
ZONES = st.sampled_from([UTC, ROME, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Los_Angeles")])
CRONS = st.sampled_from(
    ["5 * * * *", "*/20 * * * *", "20 */2 * * *", "10 4 * * *", "30 2 * * *", "0 9 1 * *", "15 3 * * mon"]
)
TIMETABLES = st.builds(Timetable, CRONS, ZONES)


def slots(timetable: Timetable, after: datetime) -> Iterator[datetime]:
    """All slots after a moment."""
    slot = timetable.next_after(after)
    while slot is not None:
        yield slot
        slot = timetable.next_after(slot)


@given(timetable=TIMETABLES, moment=MOMENTS | NIGHTS)
def test_the_next_slot_is_always_later_than_now(timetable: Timetable, moment: datetime) -> None:
    slot = timetable.next_after(moment)
    assert slot is not None
    assert moment < slot <= moment + timedelta(days=32)


@given(timetable=TIMETABLES, first=NIGHTS | MOMENTS, minutes=st.integers(0, 600))
def test_a_later_moment_never_has_an_earlier_next_slot(timetable: Timetable, first: datetime, minutes: int) -> None:
    here, there = timetable.next_after(first), timetable.next_after(first + timedelta(minutes=minutes))
    assert here is not None
    assert there is not None
    assert here <= there


@given(timetable=TIMETABLES, until=MOMENTS | NIGHTS, ago=st.timedeltas(timedelta(), timedelta(days=12)))
@example(timetable=Timetable("30 2 * * *", ROME), until=AUTUMN + timedelta(hours=1), ago=timedelta(days=2))
def test_the_newest_slot_is_the_last_of_all_slots(timetable: Timetable, until: datetime, ago: timedelta) -> None:
    known = list(takewhile(lambda slot: slot <= until, slots(timetable, until - ago)))
    assert timetable.newest(until - ago, until) == max(known, default=None)


@pytest.mark.parametrize("night", [SPRING, AUTUMN])
@pytest.mark.parametrize("cron", ["30 2 * * *", "10 4 * * *"])
def test_a_nightly_slot_comes_once_on_the_nights_of_the_change(night: datetime, cron: str) -> None:
    noon = night + timedelta(hours=11)
    found = takewhile(lambda slot: slot <= noon, slots(Timetable(cron, ROME), noon - timedelta(days=1)))
    assert len(list(found)) == 1


def test_slots_are_on_the_wall_clock_in_summer_and_winter() -> None:
    found = slots(Timetable("10 4 * * *", ROME), SPRING - timedelta(days=1))
    assert [next(found).astimezone(ROME).strftime("%d %H:%M") for _ in range(3)] == ["28 04:10", "29 04:10", "30 04:10"]


def test_a_slot_is_found_after_years_without_walking_through_them() -> None:
    newest = Timetable("* * * * *", UTC).newest(SPRING - timedelta(days=3000), SPRING)
    assert newest == SPRING


def test_a_wrong_cron_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 5"):
        Timetable("every morning", UTC)
