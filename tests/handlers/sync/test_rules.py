"""Which sales days are due, and what a run pulls."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.quantities import StoreId
from handlers.sync.rules import (
    HISTORY_DAYS,
    SETTLING_DAYS,
    WINDOW_DAYS,
    last_closed_day,
    sales_days,
    sales_windows_due,
    steps_after_sellers,
)
from storage.catalog.rows import ACCOUNT, KINDS, DataKind, Store
from storage.sync.rows import Run

LAST = date(2026, 11, 20)
US = Store(StoreId("101"), "Morning-US", "美国", "NA", "ATVPDKIKX0DER", 1, time_zone="America/Los_Angeles")
HISTORY = [LAST - timedelta(days=age) for age in range(HISTORY_DAYS)]

pulled_days = st.dictionaries(st.sampled_from(HISTORY), st.booleans())


def days_of(spans: tuple[tuple[date, date], ...]) -> list[date]:
    return [start + timedelta(days=n) for start, end in spans for n in range((end - start).days + 1)]


@given(pulled_days)
def test_exactly_the_days_that_are_missing_or_unsettled_are_due_once(pulled: dict[date, bool]) -> None:
    due = days_of(sales_windows_due(LAST, pulled))
    assert sorted(due) == sorted(day for day in HISTORY if not pulled.get(day))


@given(pulled_days)
def test_spans_are_short_and_come_newest_first(pulled: dict[date, bool]) -> None:
    spans = sales_windows_due(LAST, pulled)
    assert all((end - start).days < WINDOW_DAYS for start, end in spans)
    assert list(spans) == sorted(spans, reverse=True)


def test_pulling_what_is_due_leaves_only_unsettled_days_due() -> None:
    spans = sales_windows_due(LAST, {})
    days = [day for start, end in spans for day in sales_days(US.store_id, start, end, LAST)]
    pulled = {day.sales_date_marketplace: day.is_settled for day in days}
    assert sales_windows_due(LAST, pulled) == ((LAST - timedelta(days=SETTLING_DAYS - 1), LAST),)


@pytest.mark.parametrize(
    ("zone", "hour", "closed"),
    [
        ("America/Los_Angeles", 7, date(2026, 11, 20)),
        ("America/Los_Angeles", 8, date(2026, 11, 21)),
        ("Asia/Tokyo", 14, date(2026, 11, 21)),
        ("Asia/Tokyo", 15, date(2026, 11, 22)),
        (None, 11, date(2026, 11, 20)),
        (None, 12, date(2026, 11, 21)),
    ],
)
def test_a_day_closes_by_the_marketplaces_own_clock(zone: str | None, hour: int, closed: date) -> None:
    store = Store(US.store_id, "A", "", "", "", 1, time_zone=zone)
    assert last_closed_day(store, datetime(2026, 11, 22, hour, tzinfo=UTC)) == closed


def a_run(*kinds: DataKind, store_ids: tuple[str, ...] = (), reply_key: str = "") -> Run:
    stores = tuple(map(StoreId, store_ids))
    started_at = datetime(2026, 11, 22, tzinfo=UTC)
    return Run(run_id="r", kinds=kinds, store_ids=stores, started_at=started_at, reply_key=reply_key)


def test_quick_kinds_come_before_long_ones() -> None:
    steps = steps_after_sellers(a_run(*KINDS), [US], ())
    assert [step.kind for step in steps] == ["stock", "suggestions", "products", "sales"]
    assert [step.store_id for step in steps] == ["101", "101", ACCOUNT, "101"]


def test_only_asked_stores_that_sync_normally_are_pulled() -> None:
    stopped = Store(StoreId("102"), "B", "", "", "", 2)
    other = Store(StoreId("103"), "C", "", "", "", 1)
    steps = steps_after_sellers(a_run("stock", store_ids=("101", "102")), [US, stopped, other], ())
    assert [step.store_id for step in steps] == ["101"]


def test_a_schedule_leaves_out_what_waits_elsewhere_but_a_person_gets_all() -> None:
    busy = {("stock", US.store_id)}
    assert steps_after_sellers(a_run("stock"), [US], busy) == ()  # type: ignore[arg-type]
    assert len(steps_after_sellers(a_run("stock", reply_key="k"), [US], busy)) == 1  # type: ignore[arg-type]
