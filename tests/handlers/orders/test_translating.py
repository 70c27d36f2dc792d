"""What a bridge says of an order, and how far its clock is believed."""

from datetime import UTC, datetime, timedelta

from handlers.orders.rules import Told, merged
from handlers.orders.translating import CLOCKS_APART, told_of
from integrations.marketplace.models import OrderEvent

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def told(status: str, modified_at: datetime, seen_at: datetime = NOW) -> Told:
    data = {"channel": "xianyu", "order_id": "1", "status": status, "modified_at": modified_at.isoformat()}
    event = OrderEvent.model_validate({"type": "order.paid", "timestamp": NOW.isoformat(), "data": data})
    return told_of(event, "xianyu", buyer="", seen_at=seen_at)


def test_a_clock_that_is_a_little_ahead_is_believed() -> None:
    assert told("paid", NOW + timedelta(seconds=2)).at == NOW + timedelta(seconds=2)


def test_a_bridge_whose_clock_is_years_ahead_blocks_no_later_event() -> None:
    wrong = told("paid", NOW + timedelta(days=800))
    later = NOW + 2 * CLOCKS_APART
    order = merged(merged(None, wrong), told("shipped", later, seen_at=later))
    assert (wrong.at, order.status, order.told_at) == (NOW + CLOCKS_APART, "shipped", later)
