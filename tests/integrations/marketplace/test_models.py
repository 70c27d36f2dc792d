"""The bodies of events: the reference's own, thin ones, wrong ones."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.quantities import Money
from integrations.marketplace.models import (
    ChannelEvent,
    MessageEvent,
    OrderEvent,
    UnknownEvent,
    UnreadableEvent,
    read_event,
)

TYPES = ("order.paid", "order.refunded", "message.received", "channel.status", "order.teleported")
PAID: dict[str, Any] = {
    "channel": "xianyu",
    "account_id": "shop-a",
    "order_id": "1000000000000000001",
    "status": "paid",
    "refund_status": "none",
    "raw_status": "12",
    "modified_at": "2026-11-22T02:59:58Z",
    "item": {"item_id": "900000000001", "sku_text": "黑色 128G", "title": "演示商品", "quantity": 2},
    "amount": {"value": "19.90", "currency": "CNY"},
    "buyer": {"id": "buyer-77", "nick": "小**"},
    "chat_id": "55550001",
    "delivery_kind": "virtual",
}


def order(kind: str = "order.paid", **changed: Any) -> OrderEvent:
    """The reference's order with some fields changed."""
    event = read_event({"type": kind, "timestamp": "2026-11-22T03:00:00Z", "data": {**PAID, **changed}})
    assert isinstance(event, OrderEvent)
    return event


def thin(kind: str) -> OrderEvent:
    """An event that names its order only."""
    event = read_event({"type": kind, "timestamp": "2026-11-22T03:00:00Z", "data": {"order_id": "XY-0001"}})
    assert isinstance(event, OrderEvent)
    return event


def test_the_body_of_the_reference_is_understood() -> None:
    event = order()
    assert (event.state, event.refund, event.delivery) == ("paid", "none", "virtual")
    assert event.modified_at == datetime(2026, 11, 22, 2, 59, 58, tzinfo=UTC)
    assert event.data.amount is not None
    assert event.data.amount.money == Money(Decimal("19.90"), "CNY")
    assert (event.data.order_id, event.data.item.quantity, event.data.item.sku_text) == (
        PAID["order_id"],
        2,
        "黑色 128G",
    )


@pytest.mark.parametrize(
    ("kind", "state", "refund"),
    [
        ("order.created", "pending_payment", None),
        ("order.paid", "paid", None),
        ("order.shipped", "shipped", None),
        ("order.completed", "completed", None),
        ("order.closed", "closed", None),
        ("order.refund_requested", None, "requested"),
        ("order.refund_closed", None, "closed"),
        ("order.refunded", "refunded", "refunded"),
    ],
)
def test_a_thin_event_says_by_its_type_what_happened(kind: str, state: str | None, refund: str | None) -> None:
    event = thin(kind)
    assert (event.state, event.refund) == (state, refund)
    assert (event.modified_at, event.data.item.quantity, event.data.amount) == (event.timestamp, None, None)


def test_refunding_is_a_refund_and_no_state() -> None:
    event = order("order.paid", status="refunding", refund_status=None)
    assert (event.state, event.refund) == (None, "requested")


def test_a_type_that_speaks_of_a_refund_is_believed() -> None:
    assert order("order.refund_requested", refund_status="none").refund == "requested"


def test_moments_are_kept_in_utc() -> None:
    event = order(modified_at="2026-11-22T10:59:58+08:00")
    assert (event.modified_at.isoformat(), event.modified_at.utcoffset()) == ("2026-11-22T02:59:58+00:00", timedelta())


def test_null_is_the_same_as_not_told() -> None:
    event = order(status=None, item=None, amount=None, modified_at=None, buyer={"id": None})
    assert (event.state, event.data.item.quantity, event.data.amount, event.data.buyer.id) == ("paid", None, None, "")


def test_words_that_we_do_not_know_are_kept_and_mean_nothing() -> None:
    event = order(status="teleported", refund_status="half", delivery_kind="drone")
    assert (event.state, event.refund, event.delivery) == (None, None, None)
    assert (event.data.status, event.data.refund_status, event.data.delivery_kind) == ("teleported", "half", "drone")


def test_an_unknown_type_is_an_event_nobody_knows() -> None:
    assert read_event({"type": "order.teleported", "data": 3}) == UnknownEvent(type="order.teleported")


def test_a_message_is_understood() -> None:
    data = {"chat_id": "55550001", "from": "buyer-77", "text": "在吗", "images": ["https://img.example.com/1.png"]}
    event = read_event({"type": "message.received", "timestamp": "2026-11-22T03:00:00Z", "data": data})
    assert isinstance(event, MessageEvent)
    assert (event.data.sender, event.data.text, event.data.images) == ("buyer-77", "在吗", (data["images"][0],))
    assert not event.data.is_system


def test_a_channel_says_how_it_is() -> None:
    data = {"account_id": "shop-a", "status": "risk_control"}
    event = read_event({"type": "channel.status", "timestamp": "2026-11-22T03:00:00Z", "data": data})
    assert isinstance(event, ChannelEvent)
    assert event.data.status == "risk_control"


def test_texts_for_people_are_cut_and_rid_of_what_cannot_be_stored() -> None:
    event = order(item={"title": "\0" + "长" * 400}, raw_status="x" * 301)
    assert (len(event.data.item.title), event.data.item.title[-1], len(event.data.raw_status)) == (300, "…", 300)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"order_id": 1000000000000000001}, "data.order_id: Input should be a valid string"),
        ({"order_id": ""}, "data.order_id: "),
        ({"order_id": "1" * 101}, "data.order_id: "),
        ({"item": {"item_id": 900000000001}}, "data.item.item_id: "),
        ({"item": {"sku_text": "黑" * 301}}, "data.item.sku_text: "),
        ({"item": {"quantity": 0}}, "data.item.quantity: "),
        ({"item": {"quantity": True}}, "data.item.quantity: "),
        ({"item": {"quantity": "2"}}, "data.item.quantity: "),
        ({"amount": {"value": "19.90", "currency": "XYZ"}}, "XYZ is no currency of ISO 4217"),
        ({"amount": {"value": "19.90", "currency": "cny"}}, "cny is no currency of ISO 4217"),
        ({"amount": {"value": "19.90", "currency": "人民币"}}, "data.amount.currency: "),
        ({"amount": {"value": "19.90"}}, "data.amount.currency: "),
        ({"amount": {"value": 19.9, "currency": "CNY"}}, "data.amount.value: "),
        ({"amount": {"value": "1e5", "currency": "CNY"}}, "data.amount.value: "),
        ({"amount": {"value": "NaN", "currency": "CNY"}}, "data.amount.value: "),
        ({"amount": {"value": "-1", "currency": "CNY"}}, "data.amount.value: "),
        ({"modified_at": "2026-11-22T02:59:58"}, "data.modified_at: "),
        ({"modified_at": "0001-01-01T00:00:00+14:00"}, "data.modified_at: "),
        ({"modified_at": "9999-12-31T23:59:59-14:00"}, "data.modified_at: "),
        ({"modified_at": 1795316400}, "data.modified_at: "),
    ],
)
def test_what_does_not_fit_is_refused_by_field(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(UnreadableEvent, match=problem):
        order(**changed)


@pytest.mark.parametrize(
    "body", [{}, {"type": 3}, {"type": "order.paid"}, {"type": "order.paid", "timestamp": "now", "data": []}]
)
def test_what_is_no_event_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEvent):
        read_event(body)


def test_a_refusal_shows_no_value_of_the_body() -> None:
    with pytest.raises(UnreadableEvent) as caught:
        order(buyer={"nick": 13_800_000_000}, chat_id=["secret-chat"])
    assert "13800000000" not in str(caught.value)
    assert "secret" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(PAID)), inner, max_size=4),
    max_leaves=8,
)


@given(name=st.sampled_from([*sorted(PAID), "from", "text", "images"]), value=JSON, kind=st.sampled_from(TYPES))
def test_whatever_a_field_holds_is_read_or_refused(name: str, value: object, kind: str) -> None:
    body = {"type": kind, "timestamp": "2026-11-22T03:00:00Z", "data": {**PAID, "from": "b", name: value}}
    assert read_or_refused(body)


@given(JSON)
def test_whatever_is_no_event_is_refused(value: object) -> None:
    assert read_or_refused({"type": "order.paid", "timestamp": value, "data": value})


def read_or_refused(body: dict[str, Any]) -> str:
    """What became of a body."""
    try:
        return type(read_event(body)).__name__
    except UnreadableEvent:
        return "refused"
