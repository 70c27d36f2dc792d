"""A bridge's words as what was told of an order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from handlers.orders.rules import Told

if TYPE_CHECKING:
    from integrations.marketplace import models

CLOCKS_APART: Final = timedelta(minutes=5)
"""How far ahead a bridge's clock is believed: one that is years ahead would make whatever it tells the last word."""


def told_of(event: models.OrderEvent, source: str, *, buyer: str, seen_at: datetime) -> Told:
    """What the event tells; ``buyer`` is encrypted already."""
    data = event.data
    return Told(
        source=source,
        account_id=data.account_id,
        order_id=data.order_id,
        at=min(event.modified_at, seen_at + CLOCKS_APART),
        seen_at=seen_at,
        state=event.state,
        refund=event.refund,
        raw_status=data.raw_status or data.status,
        item_id=data.item.item_id,
        sku_text=data.item.sku_text,
        title=data.item.title,
        quantity=data.item.quantity,
        amount=data.amount.value if data.amount else None,
        currency=data.amount.currency if data.amount else "",
        delivery_kind=event.delivery,
        chat_id=data.chat_id,
        buyer=buyer,
    )
