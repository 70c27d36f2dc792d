"""What an administrator's words about rights mean."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.errors import UserInputError
from bot.contracts.feature import Grant, Role
from bot.contracts.quantities import Money
from handlers.people.rules import (
    ROLES,
    after_giving,
    given_by,
    is_widening,
    last_day,
    read_amount,
    read_end,
    read_page,
    read_wanted,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
END = datetime(2026, 12, 31, 16, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")

names = st.text("王小明Wei ", min_size=1).map(lambda text: " ".join(text.split())).filter(bool)
limited = st.builds(
    Grant,
    st.sampled_from(["viewer", "operator"]),
    store_id=st.sampled_from(["", "101", "102"]),
    supplier=st.sampled_from(["", "A"]),
)


@given(names, st.sampled_from(sorted(ROLES)), st.sampled_from(["Morning US", "101"]))
def test_name_role_and_limits_are_read_back(name: str, role: str, store: str) -> None:
    wanted = read_wanted(f"{name} {role} 店铺={store} 到=2026-12-31")
    assert (wanted.name, wanted.role) == (name, ROLES[role])
    assert wanted.limits == {"store": store, "until": "2026-12-31"}


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UserInputError):
        assert all(read_wanted(text).limits.values())


def test_full_width_signs_and_english_words_mean_the_same() -> None:
    assert read_wanted("Wei VIEWER store＝US") == read_wanted("Wei 查看者 店铺=US")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("5000CNY", Money(Decimal(5000), "CNY")),
        ("5 000.50 元", Money(Decimal("5000.50"), "CNY")),
        ("20eur", Money(Decimal(20), "EUR")),
    ],
)
def test_an_amount_has_a_currency(typed: str, meant: Money) -> None:
    assert read_amount(typed) == meant


@pytest.mark.parametrize("typed", ["5000", "0CNY", "-1CNY", "1.234CNY", "", "CNY", "9" * 40 + "CNY"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(UserInputError):
        read_amount(typed)


@given(st.dates(date(2026, 11, 22), date(2100, 1, 1)))
def test_a_grant_counts_through_its_last_day(day: date) -> None:
    grant = Grant("viewer", ends_at=read_end(day.isoformat(), NOW, SHANGHAI))
    assert last_day(grant, SHANGHAI) == day


@pytest.mark.parametrize("typed", ["2026-11-21", "2026-02-30", "明天", "", "9999-12-31", "0000-01-01"])
def test_what_is_no_day_to_come_is_refused(typed: str) -> None:
    with pytest.raises(UserInputError):
        read_end(typed, NOW, SHANGHAI)


@given(st.lists(limited, max_size=4), limited)
def test_a_limited_grant_and_an_unlimited_one_of_a_role_never_stand_together(before: list[Grant], last: Grant) -> None:
    none: tuple[Grant, ...] = ()
    after = reduce(after_giving, (*before, last), none)
    assert after[-1] == last
    assert {bool(each.store_id or each.supplier) for each in after if each.role == last.role} == {
        bool(last.store_id or last.supplier)
    }


@given(st.lists(limited, max_size=4), st.sampled_from(["viewer", "operator"]))
def test_an_end_alone_changes_nothing_but_the_end(before: list[Grant], role: Role) -> None:
    none: tuple[Grant, ...] = ()
    has = reduce(after_giving, before, none)
    ended = given_by(Grant(role, ends_at=END), has, is_end_alone=True, now=NOW)
    assert not any(is_widening(each, has) for each in ended)
    after = reduce(after_giving, ended, has)
    assert {replace(each, ends_at=None) for each in after} == {*has, *(replace(each, ends_at=None) for each in ended)}
    assert all(each.ends_at == END for each in after if each.role == role)


def test_an_end_alone_does_not_bring_back_what_is_over() -> None:
    over, counts = Grant("viewer", store_id="101", ends_at=NOW), Grant("viewer", store_id="102")
    new = Grant("viewer", ends_at=END)
    assert given_by(new, (over, counts), is_end_alone=True, now=NOW) == (replace(counts, ends_at=END),)
    assert given_by(new, (over,), is_end_alone=True, now=NOW) == (replace(over, ends_at=END),)


US, ALL_OF_A = Grant("viewer", store_id="101"), Grant("viewer", supplier="A")


@pytest.mark.parametrize(
    ("grant", "has", "widens"),
    [
        (Grant("viewer"), (), False),
        (Grant("viewer"), (Grant("viewer"), US), False),
        (Grant("viewer"), (Grant("operator", store_id="101"),), False),
        (Grant("viewer"), (US,), True),
        (Grant("viewer"), (ALL_OF_A,), True),
        (ALL_OF_A, (US,), True),
        (ALL_OF_A, (US, Grant("viewer", supplier="B")), False),
        (US, (ALL_OF_A,), False),
        (Grant("viewer", store_id="102"), (US,), False),
    ],
)
def test_limits_are_widened_by_what_has_none(grant: Grant, has: tuple[Grant, ...], widens: bool) -> None:
    assert is_widening(grant, has) == widens


@pytest.mark.parametrize(
    ("text", "page"),
    [("王伟", ("王伟", 1)), ("王伟 #2", ("王伟", 2)), ("#3", ("", 3)), ("#x", ("#x", 1)), ("", ("", 1))],
)
def test_a_page_stands_behind_what_is_asked(text: str, page: tuple[str, int]) -> None:
    assert read_page(text) == page
