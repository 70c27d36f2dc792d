"""When a plan fires next: always later, never past a slot, once where the clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.subscriptions.grammar import read_plan
from handlers.subscriptions.rules import Monthly, Plan, Weekly, next_slot
from tests.handlers.subscriptions.test_grammar import PLANS

ROME = ZoneInfo("Europe/Rome")
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Rome", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"]).map(
    ZoneInfo
)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=7000)).map(
    lambda passed: datetime(2011, 1, 1, tzinfo=UTC) + passed
)


def fires(plan: str, begins: datetime, count: int, zone: ZoneInfo = ROME) -> list[str]:
    """The next slots on the wall, with the zone's abbreviation."""
    slots = [begins]
    for _ in range(count):
        slots.append(next_slot(read_plan(plan), slots[-1], zone))
    return [f"{slot.astimezone(zone):%m-%d %H:%M %Z}" for slot in slots[1:]]


@given(PLANS, MOMENTS, ZONES)
def test_the_next_slot_is_later_in_utc_and_within_two_months(plan: Plan, now: datetime, zone: ZoneInfo) -> None:
    slot = next_slot(plan, now, zone)
    assert now < slot < now + timedelta(days=62)
    assert slot.tzinfo is UTC


@given(PLANS, MOMENTS, ZONES, st.floats(0, 0.999999))
def test_no_slot_lies_between_now_and_the_next(plan: Plan, now: datetime, zone: ZoneInfo, part: float) -> None:
    slot = next_slot(plan, now, zone)
    assert next_slot(plan, now + (slot - now) * part, zone) == slot


@given(st.sampled_from(["每天 2:30", "每周日 2:30", "每月25日 2:30"]), MOMENTS, ZONES)
def test_a_day_has_one_slot_at_most(plan: str, now: datetime, zone: ZoneInfo) -> None:
    first = next_slot(read_plan(plan), now, zone)
    second = next_slot(read_plan(plan), first, zone)
    assert first.astimezone(zone).date() < second.astimezone(zone).date()


def test_a_time_that_summer_time_leaves_out_fires_once_and_later() -> None:
    assert fires("每天 2:30", datetime(2026, 3, 28, 12, tzinfo=UTC), 2) == ["03-29 03:30 CEST", "03-30 02:30 CEST"]


def test_a_time_that_winter_time_repeats_fires_the_first_time() -> None:
    assert fires("每天 2:30", datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == ["10-25 02:30 CEST", "10-26 02:30 CET"]


def test_an_hour_is_an_hour_also_when_the_clocks_change() -> None:
    assert fires("每小时", datetime(2026, 10, 24, 23, 59, tzinfo=UTC), 3) == [
        "10-25 02:00 CEST",
        "10-25 02:00 CET",
        "10-25 03:00 CET",
    ]


def test_the_morning_stays_at_nine_on_the_wall_after_a_change() -> None:
    assert fires("每天 9:00", datetime(2026, 10, 24, 12, tzinfo=UTC), 1) == ["10-25 09:00 CET"]


@pytest.mark.parametrize(
    ("plan", "after", "slot"),
    [
        (Weekly((0,), time(9)), "2026-11-22 08:00", "2026-11-23 09:00"),
        (Weekly((0,), time(9)), "2026-11-23 09:00", "2026-11-30 09:00"),
        (Monthly(31, time(9)), "2026-11-22 08:00", "2026-11-30 09:00"),
        (Monthly(31, time(9)), "2026-11-30 09:00", "2026-12-31 09:00"),
        (Monthly(29, time(9)), "2028-02-01 09:00", "2028-02-29 09:00"),
    ],
)
def test_named_days_come_on_the_wall(plan: Plan, after: str, slot: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    found = next_slot(plan, datetime.fromisoformat(after).replace(tzinfo=zone), zone)
    assert f"{found.astimezone(zone):%Y-%m-%d %H:%M}" == slot
