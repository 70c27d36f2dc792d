"""What rules of the team find on a day, and that the trial promises what live rules keep."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from handlers.alerts.watching import (
    TRIAL_DAYS,
    Figures,
    Missing,
    Verdict,
    explained,
    finding,
    judge,
    judge_now,
    try_out,
)
from storage.alerts.rows import Watch
from storage.catalog.rows import StoreDays
from tests.handlers.alerts.shelves import (
    NOW,
    SHOP,
    TODAY,
    WATCH,
    Life,
    a_listing,
    any_watch,
    fresh_ages,
    known_on,
    shelves,
    some_days,
)

WEEK, TWO_WEEKS = [2] * 7, [2] * 14


def figures_of(watch: Watch, days: StoreDays) -> list[Figures]:
    verdict = judge(watch, days, len(days.days) - 1)
    assert isinstance(verdict, Verdict)
    return list(verdict.met)


@settings(max_examples=200)
@given(any_watch, shelves)
def test_what_the_trial_says_opened_on_a_day_is_what_the_live_rule_opens_that_day(
    watch: Watch, days: StoreDays
) -> None:
    trial = try_out(watch, SHOP, days)
    event(f"{len(trial.openings)} openings")
    lived = Life(watch).lived(days, days.days.index(trial.first) if trial.first else len(days.days))
    assert [opening.verdict.day for opening in trial.openings] == lived


@given(any_watch, shelves, st.data())
def test_no_day_is_judged_by_what_came_later(watch: Watch, days: StoreDays, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(days.days) - 1))
    assert judge(watch, days, at) == judge(watch, known_on(days, at, len(days.days)), at)


@given(any_watch, shelves)
def test_every_day_of_a_trial_is_judged_or_said_to_have_no_data(watch: Watch, days: StoreDays) -> None:
    trial = try_out(watch, SHOP, days)
    assert trial.judged + trial.missing == min(TRIAL_DAYS, len(days.days))
    assert (trial.first is None) == (trial.judged == 0)


@given(any_watch, shelves)
def test_whoever_is_met_is_still_met_by_a_rule_that_asks_for_less(watch: Watch, days: StoreDays) -> None:
    asks_less = {"stockout": 1, "overstock": -1, "drop": -1, "jump": -1}[watch.kind]
    softer = replace(watch, threshold=watch.threshold + asks_less)
    strict, soft = judge(watch, days, len(days.days) - 1), judge(softer, days, len(days.days) - 1)
    met = [{each.msku for each in found.met} if isinstance(found, Verdict) else set() for found in (strict, soft)]
    assert met[0] <= met[1]


@pytest.mark.parametrize(
    ("kind", "units", "threshold", "is_met"),
    [
        ("stockout", 27, 14, True),
        ("stockout", 28, 14, False),
        ("stockout", 0, 1, True),
        ("overstock", 29, 14, True),
        ("overstock", 28, 14, False),
    ],
)
def test_stock_is_compared_with_the_days_it_lasts(kind: str, units: int, threshold: int, is_met: bool) -> None:
    watch = replace(WATCH, kind=kind, threshold=threshold)  # type: ignore[arg-type]
    days = some_days(a_listing(sold=[*WEEK, None], sellable=[None] * 7 + [units]))
    assert bool(figures_of(watch, days)) is is_met


@pytest.mark.parametrize(
    ("kind", "before", "sold", "is_met"),
    [
        ("drop", 10, 7, True),
        ("drop", 10, 8, False),
        ("drop", 6, 0, False),
        ("jump", 10, 13, True),
        ("jump", 10, 12, False),
        ("jump", 2, 6, False),
        ("jump", 0, 7, True),
    ],
)
def test_sales_are_compared_with_those_before_if_they_are_not_chance(
    kind: str, before: int, sold: int, is_met: bool
) -> None:
    watch = replace(WATCH, kind=kind, threshold=30)  # type: ignore[arg-type]
    days = some_days(a_listing(sold=[before, *[0] * 6, sold, *[0] * 6, None]))
    assert bool(figures_of(watch, days)) is is_met


def test_what_sells_nothing_never_runs_out_but_is_overstock() -> None:
    days = some_days(a_listing(sold=[*[0] * 7, None], sellable=[None] * 7 + [5]))
    assert figures_of(WATCH, days) == []
    assert figures_of(replace(WATCH, kind="overstock"), days) == [Figures("YG-1", None, 5, 0)]  # type: ignore[arg-type]


def test_the_most_urgent_come_first_and_the_nearest_is_named_if_nobody_is_met() -> None:
    stock: list[list[int | None]] = [[None] * 7 + [units] for units in (20, 3, 90)]
    listings = [
        a_listing(sold=[*WEEK, None], sellable=units, msku=f"YG-{number}") for number, units in enumerate(stock)
    ]
    assert [each.msku for each in figures_of(WATCH, some_days(*listings))] == ["YG-1", "YG-0"]
    verdict = judge(replace(WATCH, threshold=1), some_days(*listings), 7)
    assert isinstance(verdict, Verdict) and verdict.nearest is not None
    assert (verdict.met, verdict.nearest.value) == ((), Decimal("1.5"))


def test_a_condition_that_must_last_is_met_on_its_last_day() -> None:
    stock: list[int | None] = [None] * 7 + [40, 5, 5]
    days = some_days(a_listing(sold=[2] * 9 + [None], sellable=stock))
    assert figures_of(replace(WATCH, days_in_a_row=2), days) != []
    assert figures_of(replace(WATCH, days_in_a_row=3), days) == []


@pytest.mark.parametrize(
    ("has_stock", "has_sales", "missing"),
    [("xxxxxxx-", "", "stock"), ("", "xxx-xxxx", "sales"), ("", "xxxxxxx-", None)],
)
def test_a_day_without_a_pull_is_not_judged(has_stock: str, has_sales: str, missing: str | None) -> None:
    listing = a_listing(sold=[*WEEK, None], sellable=[0] * 8)
    found = judge(WATCH, some_days(listing, has_stock=has_stock, has_sales=has_sales), 7)
    assert (found.what if isinstance(found, Missing) else None) == missing


def test_a_listing_that_cannot_be_judged_is_counted_and_never_met() -> None:
    known = a_listing(sold=[*WEEK, None], sellable=[None] * 7 + [0])
    unknown = a_listing(sold=[*WEEK, None], msku="YG-2")
    verdict = judge(WATCH, some_days(known, unknown), 7)
    assert isinstance(verdict, Verdict)
    assert ([each.msku for each in verdict.met], verdict.unknown) == (["YG-1"], 1)
    assert judge(WATCH, some_days(unknown), 7) == Missing("sku")


def test_data_that_are_too_old_are_missing_and_so_is_a_store_that_gives_none() -> None:
    days = some_days(a_listing(sold=[*WEEK, None], sellable=[0] * 8))
    old = fresh_ages(NOW - timedelta(hours=4))
    assert judge_now(WATCH, SHOP, days, old, NOW) == Missing("stock")
    assert judge_now(WATCH, SHOP, days, {}, NOW) == Missing("stock")
    assert judge_now(WATCH, replace(SHOP, status=2), days, fresh_ages(), NOW) == Missing("stopped")
    assert isinstance(judge_now(WATCH, SHOP, days, fresh_ages(), NOW), Verdict)
    never_pulled = StoreDays(SHOP.store_id, (), (), (), ())
    assert isinstance(judge_now(WATCH, SHOP, never_pulled, fresh_ages(), NOW), Missing)


def test_a_day_that_is_not_complete_yet_is_judged_as_the_day_before() -> None:
    days = some_days(a_listing(sold=[2] * 8 + [None], sellable=[0] * 9), has_stock="xxxxxxxx-")
    verdict = judge_now(WATCH, SHOP, days, fresh_ages(), NOW)
    assert isinstance(verdict, Verdict)
    assert verdict.day == TODAY - timedelta(days=1)


def test_one_matter_names_the_most_urgent_with_the_arithmetic() -> None:
    listings = [
        a_listing(sold=[*WEEK, None], sellable=[None] * 7 + [number], msku=f"YG-{number}") for number in range(9)
    ]
    verdict = judge(WATCH, some_days(*listings), 7)
    assert isinstance(verdict, Verdict)
    found = finding(replace(WATCH, is_urgent=True), SHOP, verdict)
    assert found is not None
    assert (found.kind, found.fingerprint, found.is_urgent) == ("watch_stockout", "watch:3:101", True)
    assert found.details["skus"].startswith("YG-0 0.0 (0 ÷ 14 × 7)、YG-1 0.5 (1 ÷ 14 × 7)、")
    assert (found.details["skus"].endswith("YG-5 2.5 (5 ÷ 14 × 7) … (9)"), found.details["count"]) == (True, "9")


def test_figures_are_explained_without_words() -> None:
    days = some_days(a_listing(sold=[*TWO_WEEKS[:7], *[1] * 7, None]))
    (figures,) = figures_of(replace(WATCH, kind="drop"), days)
    assert explained("drop", figures) == "YG-1 -50.0% (14 → 7)"
    assert explained("overstock", replace(figures, value=None, units=3, sold=0)) == "YG-1 ∞ (3 ÷ 0 × 7)"


@given(any_watch, shelves)
def test_the_value_shown_stands_on_the_same_side_of_the_threshold(watch: Watch, days: StoreDays) -> None:
    verdict = judge(replace(watch, days_in_a_row=1), days, len(days.days) - 1)
    met = verdict.met if isinstance(verdict, Verdict) else ()
    limit = watch.threshold
    is_past = {
        "stockout": Decimal.__lt__,
        "overstock": Decimal.__gt__,
        "drop": lambda value, limit: value <= -limit,
        "jump": Decimal.__ge__,
    }[watch.kind]
    assert all(each.value is None or is_past(each.value, Decimal(limit)) for each in met)
