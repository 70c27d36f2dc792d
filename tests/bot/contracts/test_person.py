"""What a person may do follows from their grants: where, when, for which store, supplier and amount."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.feature import Grant, Person, Role
from bot.contracts.quantities import Money

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HERE = ("feishu", "oc_team")
ROLES: tuple[Role, ...] = ("viewer", "operator", "buyer", "approver", "admin")

roles = st.sampled_from(ROLES)
stores = st.sampled_from(["", "101", "102"])
suppliers = st.sampled_from(["", "深圳配件", "Ricambi"])
amounts = st.decimals(min_value=0, max_value=10_000, places=2)
ends = st.none() | st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours))
grants = st.builds(
    Grant,
    roles,
    store_id=stores,
    supplier=suppliers,
    amount=st.none() | amounts,
    currency=st.just("CNY"),
    channel=st.just("feishu"),
    chat_id=st.sampled_from(["", "oc_team", "oc_other"]),
    ends_at=ends,
)
people = st.lists(grants, max_size=4).map(lambda own: Person(id="P1", grants=tuple(own)))
costs = st.none() | st.builds(Money, amounts, st.sampled_from(["CNY", "EUR"]))


@given(people, grants, roles, stores, costs)
def test_another_grant_never_takes_a_right_away(
    person: Person, more: Grant, role: Role, store: str, cost: Money | None
) -> None:
    poorer, richer = person.here(*HERE, NOW), replace(person, grants=(*person.grants, more)).here(*HERE, NOW)
    assert poorer.may(role, store_id=store, cost=cost) <= richer.may(role, store_id=store, cost=cost)


@given(people, roles, stores, suppliers, costs)
def test_whoever_may_do_something_has_the_role_and_is_a_viewer(
    person: Person, role: Role, store: str, supplier: str, cost: Money | None
) -> None:
    here = person.here(*HERE, NOW)
    may = here.may(role, store_id=store, supplier=supplier, cost=cost)
    assert may <= here.has(role) <= here.has("viewer")


@given(grants, stores, suppliers)
def test_a_limit_never_widens_a_grant(grant: Grant, store: str, supplier: str) -> None:
    wide = Person(grants=(Grant(grant.role),))
    narrow = Person(grants=(grant,)).here(*HERE, NOW)
    assert all(narrow.may(role, store_id=store, supplier=supplier) <= wide.may(role) for role in ROLES)


@given(people)
def test_here_twice_is_here_once(person: Person) -> None:
    here = person.here(*HERE, NOW)
    assert here.here(*HERE, NOW) == here


@given(grants)
def test_an_ended_grant_and_one_for_another_chat_count_for_nothing(grant: Grant) -> None:
    ended = replace(grant, ends_at=NOW)
    elsewhere = replace(grant, chat_id="oc_other")
    assert Person(grants=(ended, elsewhere)).here(*HERE, NOW).roles == frozenset()


@given(grants.filter(lambda grant: bool(grant.chat_id) or grant.ends_at is not None))
def test_a_grant_that_depends_on_where_or_when_counts_for_nothing_before_that_is_known(grant: Grant) -> None:
    assert not Person(grants=(grant,)).has("viewer")


@given(amounts, amounts)
def test_an_amount_is_a_limit_in_its_own_currency_only(limit: Decimal, cost: Decimal) -> None:
    person = Person(grants=(Grant("approver", amount=limit, currency="CNY"),))
    assert person.may("approver", cost=Money(cost, "CNY")) == (cost <= limit)
    assert not person.may("approver", cost=Money(cost, "EUR"))


@pytest.mark.parametrize("role", ["operator", "buyer", "approver"])
def test_middle_roles_include_viewer_and_not_each_other(role: Role) -> None:
    person = Person(grants=(Grant(role),))
    assert {each for each in ROLES if person.has(each)} == {"viewer", role}


def test_an_administrator_may_do_everything_and_an_unknown_sender_only_what_needs_no_role() -> None:
    assert all(Person(grants=(Grant("admin"),)).has(role) for role in ROLES)
    assert [Person().has(None), Person().has("viewer")] == [True, False]


@given(people)
def test_all_stores_means_every_store(person: Person) -> None:
    here = person.here(*HERE, NOW)
    assert here.is_for_all_stores("viewer") == here.may("viewer", store_id="a store nobody was given")
