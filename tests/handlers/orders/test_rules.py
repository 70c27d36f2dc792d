"""Any order in which the facts of an order arrive, however often, ends in the same state."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.orders import OrderState, RefundState
from handlers.orders.rules import SHIP_WITHIN, TRANSITIONS, Told, left_told, merged, need_of
from storage.orders.rows import Order, OrderStatus

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
STATES: tuple[OrderState, ...] = get_args(OrderState)


def a_fact(state: OrderStatus | None = None, refund: RefundState | None = None, minutes: int = 0, **told: Any) -> Told:
    at = NOW + timedelta(minutes=minutes)
    known = None if state == "unknown" else state
    return Told(source="s", account_id="a", order_id="1", at=at, seen_at=NOW, state=known, refund=refund, **told)


def after(*facts: Told) -> Order:
    order = reduce(merged, facts, None)
    assert order is not None
    return order


FACTS = st.builds(
    a_fact,
    st.none() | st.sampled_from(STATES),
    st.none() | st.sampled_from(get_args(RefundState)),
    st.integers(0, 5),
)


@given(
    st.lists(FACTS, min_size=1, max_size=8).flatmap(lambda facts: st.tuples(st.just(facts), st.permutations(facts * 2)))
)
def test_any_order_with_repetitions_ends_in_the_same_state(both: tuple[list[Told], list[Told]]) -> None:
    facts, shuffled = both
    assert after(*facts) == after(*shuffled)


@given(st.lists(FACTS, min_size=1, max_size=8))
def test_what_is_final_is_never_reopened(facts: list[Told]) -> None:
    statuses = [after(*facts[: n + 1]).status for n in range(len(facts))]
    finals = [status for status in statuses if status in ("completed", "closed", "refunded")]
    assert statuses[len(statuses) - len(finals) :] == finals


@pytest.mark.parametrize(("old", "new"), list(product(TRANSITIONS, STATES)))
def test_a_later_state_follows_as_the_table_says(old: OrderStatus, new: OrderStatus) -> None:
    first = a_fact(old)
    becomes = after(first, a_fact(new, minutes=1)).status
    assert becomes == (new if new in TRANSITIONS[old] else old)


def test_the_first_thing_heard_of_an_order_may_be_any_state() -> None:
    assert after(a_fact("shipped")).status == "shipped"


def test_a_refund_is_a_field_of_its_own_and_its_end_leaves_the_order_as_it_was() -> None:
    asked = after(a_fact("paid"), a_fact(refund="requested", minutes=1))
    assert (asked.status, asked.refund, need_of(asked)) == ("paid", "requested", "order_refunding")
    refused = merged(asked, a_fact(refund="closed", minutes=2))
    assert (refused.status, need_of(refused)) == ("paid", "order")


def test_a_refund_asked_for_after_shipping_needs_somebody() -> None:
    assert need_of(after(a_fact("shipped"), a_fact(refund="requested", minutes=1))) == "order_refunding"


def test_a_late_wish_for_a_refund_does_not_reopen_what_is_completed() -> None:
    late = after(a_fact("completed"), a_fact(refund="requested", minutes=1))
    assert (late.status, need_of(late)) == ("completed", None)


def test_money_that_is_back_ends_the_order() -> None:
    assert after(a_fact("paid"), a_fact(refund="refunded", minutes=1)).status == "refunded"


def test_a_state_that_nobody_knows_changes_nothing() -> None:
    assert after(a_fact("paid"), a_fact(minutes=1)).status == "paid"
    assert after(a_fact()).status == "unknown"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(48 * 60, "48h"), (8 * 60 + 59, "8h"), (119, "11*10m"), (0, "0*10m"), (-5, "-1*10m"), (-181, "-4h")],
)
def test_what_a_card_tells_of_the_time_left_changes_more_often_once_it_is_short(minutes: int, told: str) -> None:
    assert left_told(NOW + timedelta(minutes=minutes), NOW) == told
    assert left_told(None, NOW) == ""


def test_the_time_to_ship_counts_from_the_first_payment_told() -> None:
    paid = after(a_fact("paid", minutes=3), a_fact("paid"))
    assert (paid.paid_at, paid.ship_by) == (NOW, NOW + SHIP_WITHIN)


def test_what_an_older_fact_alone_tells_counts() -> None:
    order = after(a_fact("paid", minutes=1), a_fact("pending_payment", item_id="900", quantity=3))
    assert (order.status, order.item_id, order.pieces) == ("paid", "900", 3)
    assert after(a_fact("paid")).pieces == 1
