"""A rule as it is proposed: what was not said stays, and only whoever works on its stores may switch it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.contracts.errors import ConflictError
from bot.contracts.feature import Grant, Person
from bot.contracts.quantities import StoreId
from handlers.alerts.grammar import Slots
from handlers.alerts.proposing import (
    MOST_RULES,
    Scope,
    Switch,
    check_room,
    is_same,
    may_change,
    may_see,
    proposed,
    switched,
)
from storage.alerts.rows import Watch, WatchState
from tests.handlers.alerts.shelves import NOW, WATCH

US, UK = StoreId("101"), StoreId("102")
LATER = NOW + timedelta(days=1)
HERE = replace(WATCH, store_ids=(US,), days_in_a_row=3, is_urgent=True)


def propose(slots: Slots, base: Watch | None) -> Watch:
    scope = Scope((US,), "YG-1")
    return proposed("stockout", slots, 20, scope, base, number=9, by="P2", now=LATER)


def test_a_new_rule_is_only_tried_and_as_usual_where_nothing_was_said() -> None:
    new = propose(Slots(), None)
    assert (new.state, new.days_in_a_row, new.is_urgent, new.replaces) == ("tried", 1, False, None)
    assert (new.number, new.person_id, new.made_at, new.sku, new.threshold) == (9, "P2", LATER, "YG-1", 20)


def test_a_changed_rule_keeps_what_was_not_said_and_takes_the_place_of_the_old_one() -> None:
    new = propose(Slots(is_urgent=False), HERE)
    assert (new.days_in_a_row, new.is_urgent, new.replaces, new.person_id) == (3, False, 3, "P2")
    assert propose(Slots(), replace(HERE, state="paused")).replaces == 3


@pytest.mark.parametrize("state", ["tried", "ended"])
def test_a_rule_that_does_not_work_has_no_place_to_be_taken(state: WatchState) -> None:
    assert propose(Slots(), replace(HERE, state=state, replaces=2)).replaces == 2


def test_two_rules_are_the_same_if_they_say_the_same() -> None:
    one = replace(WATCH, store_ids=(US, UK))
    assert is_same(one, replace(one, number=8, store_ids=(UK, US), state="paused"))
    assert not is_same(one, replace(one, is_urgent=True))


def test_a_rule_that_is_there_and_one_too_many_are_refused() -> None:
    with pytest.raises(ConflictError, match="watch_twice"):
        check_room(WATCH, [replace(WATCH, number=8)])
    others = [replace(WATCH, number=number, threshold=number) for number in range(100, 100 + MOST_RULES)]
    check_room(WATCH, others[1:])
    with pytest.raises(ConflictError, match="watch_too_many"):
        check_room(WATCH, others)


@pytest.mark.parametrize(
    ("before", "switch", "after"),
    [
        ("tried", "on", "live"),
        ("paused", "on", "live"),
        ("ended", "on", "live"),
        ("live", "pause", "paused"),
        ("tried", "end", "ended"),
        ("live", "end", "ended"),
    ],
)
def test_a_rule_is_switched(before: WatchState, switch: Switch, after: WatchState) -> None:
    watch = replace(WATCH, state=before)
    found = switched(watch, switch, [watch], by="P2", now=LATER)
    assert found == replace(watch, state=after, changed_by="P2", changed_at=LATER)


@pytest.mark.parametrize(
    ("state", "switch"), [("live", "on"), ("tried", "pause"), ("paused", "pause"), ("ended", "end")]
)
def test_what_a_rule_is_already_it_cannot_become(state: WatchState, switch: Switch) -> None:
    with pytest.raises(ConflictError, match="watch_state"):
        switched(replace(WATCH, state=state), switch, [], by="P2", now=LATER)


def test_a_second_rule_that_says_the_same_does_not_go_live_but_in_its_place() -> None:
    tried = replace(WATCH, number=9, state="tried")
    with pytest.raises(ConflictError, match="watch_twice"):
        switched(tried, "on", [WATCH, tried], by="P2", now=LATER)
    assert switched(replace(tried, replaces=3), "on", [WATCH, tried], by="P2", now=LATER).state == "live"


@pytest.mark.parametrize(
    ("grants", "watch", "sees", "changes"),
    [
        ((Grant("operator"),), WATCH, True, True),
        ((Grant("viewer"),), WATCH, True, False),
        ((Grant("operator", store_id=US),), WATCH, True, False),
        ((Grant("operator", store_id=US),), HERE, True, True),
        ((Grant("operator", store_id=UK),), HERE, False, False),
        ((Grant("operator", store_id=US),), replace(HERE, store_ids=(US, UK)), True, False),
        ((Grant("operator", store_id=US), Grant("viewer")), HERE, True, True),
    ],
)
def test_a_person_sees_and_changes_what_concerns_their_stores(
    grants: tuple[Grant, ...], watch: Watch, sees: bool, changes: bool
) -> None:
    person = Person(id="P1", grants=grants)
    assert (may_see(person, watch), may_change(person, watch)) == (sees, changes)
