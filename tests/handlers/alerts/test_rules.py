"""When alarms open and close: at transitions only, however their conditions flap."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.quantities import StoreId
from handlers.alerts.rules import (
    CALM,
    HAND_MEMORY,
    Seen,
    authorisation,
    broken_channels,
    calm_after,
    decide,
    failing_platform,
    late_data,
    returns_of,
    silence_for,
    silent,
    without_consequences,
)
from storage.catalog.rows import ACCOUNT, Store, SyncAge
from storage.matters.rows import Matter, NewMatter, Silence
from storage.outbox.rows import ChannelHealth
from tests.handlers.alerts.night import MINUTE, Night, a_night

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
FINDING = NewMatter(kind="dead_letters", fingerprint="dead_letters", details={"count": "2"})
MATTER = Matter(
    number=1,
    kind="dead_letters",
    fingerprint="dead_letters",
    details={"count": "2"},
    store_id="",
    is_urgent=False,
    due_at=None,
    cost_per_day=None,
    currency="",
    opened_at=NOW,
    changed_at=NOW,
)
SETTLED = replace(MATTER, state="settled", settled_at=NOW)
STORE = Store(StoreId("1"), "屿光-US", "美国", "NA", "ATVPDKIKX0DER", 1)
short_gaps = st.lists(st.booleans(), min_size=1, max_size=600).map(a_night)
any_night = st.lists(st.tuples(st.booleans(), st.integers(1, 90)), min_size=1, max_size=40)


@given(short_gaps)
def test_a_cause_that_never_stays_away_opens_once_and_closes_once(minutes: Sequence[bool]) -> None:
    night = Night().lived([*minutes, *[False] * 1500])
    assert night.opened == night.closed == (1 if any(minutes) else 0)


@given(any_night)
def test_openings_and_closings_alternate_with_a_calm_before_each_closing(spells: list[tuple[bool, int]]) -> None:
    minutes = [is_firing for is_firing, length in spells for _ in range(length)]
    night = Night().lived(minutes)
    assert 0 <= night.opened - night.closed <= 1
    calm_minutes = CALM // MINUTE
    calms = sum(not any(minutes[at : at + calm_minutes]) for at in range(0, len(minutes), calm_minutes))
    assert night.closed <= calms + 1


def test_every_return_doubles_the_calm_that_is_asked_for() -> None:
    assert [calm_after(returns) // MINUTE for returns in (0, 1, 2, 50)] == [15, 30, 60, 720]


def test_a_cause_that_comes_back_soon_is_taken_for_flapping_from_the_start() -> None:
    assert returns_of(None, NOW) == 0
    assert returns_of(replace(SETTLED, returns=2), NOW + timedelta(hours=1)) == 3
    assert returns_of(replace(SETTLED, returns=2), NOW + timedelta(hours=13)) == 0


@pytest.mark.parametrize(
    ("matter", "finding", "change"),
    [
        (None, FINDING, "open"),
        (None, None, "nothing"),
        (MATTER, FINDING, "nothing"),
        (MATTER, replace(FINDING, details={"count": "3"}), "renew"),
        (MATTER, None, "calm"),
        (replace(MATTER, clear_since=NOW - MINUTE), None, "nothing"),
        (replace(MATTER, clear_since=NOW - MINUTE), FINDING, "return"),
        (replace(MATTER, clear_since=NOW - CALM), None, "close"),
        (replace(MATTER, clear_since=NOW - CALM, returns=1), None, "nothing"),
        (replace(MATTER, state="taken", clear_since=NOW - CALM), None, "close"),
        (SETTLED, FINDING, "open"),
        (replace(SETTLED, owner_id="P1"), FINDING, "nothing"),
        (replace(SETTLED, owner_id="P1"), None, "calm"),
        (replace(SETTLED, owner_id="P1", clear_since=NOW), FINDING, "open"),
        (replace(SETTLED, owner_id="P1", settled_at=NOW - HAND_MEMORY), FINDING, "open"),
    ],
)
def test_what_becomes_of_a_cause(matter: Matter | None, finding: NewMatter | None, change: str) -> None:
    assert decide(matter, finding, now=NOW, is_silenced=False) == change


def test_what_is_silenced_opens_nothing_but_what_is_open_still_closes() -> None:
    assert decide(None, FINDING, now=NOW, is_silenced=True) == "nothing"
    assert decide(replace(MATTER, clear_since=NOW - CALM), None, now=NOW, is_silenced=True) == "close"


def test_a_silence_covers_what_begins_with_its_name_until_it_ends() -> None:
    quiet = Silence(fingerprint="stockout:", ends_at=NOW + MINUTE, reason="x", person_id="", set_at=NOW)
    assert silence_for("stockout:1", [quiet], NOW) == quiet
    assert silence_for("late_data", [quiet], NOW) is None
    assert silence_for("stockout:1", [quiet], NOW + MINUTE) is None


@pytest.mark.parametrize(
    ("silenced", "fingerprint", "is_covered"),
    [
        ("stockout:1", "stockout:1", True),
        ("stockout:1", "stockout:12", False),
        ("platform", "platform:lingxing", True),
        ("plat", "platform:lingxing", False),
        ("late_data", "late_data", True),
        ("watch:1:", "watch:1:10", True),
        ("watch:1:", "watch:11:10", False),
    ],
)
def test_a_silence_covers_whole_parts_of_a_name_only(silenced: str, fingerprint: str, is_covered: bool) -> None:
    quiet = Silence(fingerprint=silenced, ends_at=NOW + MINUTE, reason="x", person_id="", set_at=NOW)
    assert (silence_for(fingerprint, [quiet], NOW) is not None) == is_covered


def an_age(kind: str = "stock", **changed: object) -> SyncAge:
    return replace(SyncAge(STORE.store_id, kind, NOW), **changed)  # type: ignore[arg-type]


def test_data_are_late_only_once_they_had_come() -> None:
    old = an_age(as_of=NOW - timedelta(hours=9))
    assert late_data([STORE], {(STORE.store_id, "stock"): old}, NOW)[0].details == {"stores": "屿光-US"}
    assert late_data([STORE], {}, NOW) == ()
    assert late_data([replace(STORE, status=2)], {(STORE.store_id, "stock"): old}, NOW) == ()


def test_errors_of_every_pull_are_one_cause_and_the_authorisation_another() -> None:
    ages = {
        (STORE.store_id, "stock"): an_age(last_error_code="upstream_unavailable"),
        (StoreId("2"), "sales"): an_age(last_error_code="upstream_unclear"),
        (ACCOUNT, "sellers"): an_age("sellers", last_error_code="lingxing_white_list"),
    }
    (failing,) = failing_platform(ages)  # type: ignore[arg-type]
    assert failing.details["codes"] == "upstream_unavailable, upstream_unclear"
    assert [each.fingerprint for each in authorisation([STORE], ages)] == ["authorisation:account"]  # type: ignore[arg-type]
    assert authorisation([replace(STORE, status=3)], {})[0].details == {"what": "屿光-US"}


def test_late_data_are_no_news_while_the_platform_fails_nor_over() -> None:
    late = NewMatter(kind="late_data", fingerprint="late_data")
    failing = NewMatter(kind="platform", fingerprint="platform:lingxing")
    seen = without_consequences(Seen((late, failing), frozenset({"late_data", "platform"})))
    assert (seen.findings, seen.judged) == ((failing,), frozenset({"platform"}))
    assert without_consequences(Seen((late,), frozenset({"late_data"}))).findings == (late,)


@pytest.mark.parametrize(
    ("handed", "queued", "failed", "is_broken"),
    [
        (1, None, None, False),
        (None, 11, None, True),
        (None, 9, None, False),
        (None, None, 5, True),
        (9, None, 5, True),
        (4, None, 5, False),
        (None, None, 60 * 13, False),
    ],
)
def test_a_channel_is_broken_while_it_takes_nothing(
    handed: int | None, queued: int | None, failed: int | None, is_broken: bool
) -> None:
    ago = [None if minutes is None else NOW - minutes * MINUTE for minutes in (handed, queued, failed)]
    health = ChannelHealth(channel="sms", last_handed_at=ago[0], oldest_queued_at=ago[1], last_failed_at=ago[2])
    assert bool(broken_channels([health], NOW)) is is_broken


def test_absence_is_an_alarm_that_names_what_did_not_run() -> None:
    (found,) = silent({"sync.stock": NOW, "#3": NOW})
    assert found.details == {"names": "#3、sync.stock"}
    assert silent({}) == ()
