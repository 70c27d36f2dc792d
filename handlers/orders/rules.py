"""What an order's state is, whatever was told of it in whatever order: the same facts always end in the same state.

Of two states the final one counts, then the one that the platform changed to later, then the one further along. So an
older, repeated or overtaken fact changes nothing, states may be skipped, and nothing reopens what is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from bot.contracts.orders import DeliveryKind, OrderState, RefundState
from storage.orders.rows import LINGXING, Channel, Order, OrderStatus, Shipment, order_key

SHIP_WITHIN = timedelta(hours=48)
"""How long after the payment the goods must be on their way."""
COUNTED_DOWN: tuple[str, ...] = (
    "order",
    "order_elsewhere",
    "order_planned",
    "order_refused",
    "order_unclear",
    "order_unconfirmed",
)
"""Kinds of matters whose cards count the time down."""
_SHORT = timedelta(hours=2)
_HOUR, _TEN_MINUTES = timedelta(hours=1), timedelta(minutes=10)
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)

TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    "unknown": frozenset({"pending_payment", "paid", "shipped", "completed", "closed", "refunded"}),
    "pending_payment": frozenset({"paid", "shipped", "completed", "closed", "refunded"}),
    "paid": frozenset({"pending_payment", "shipped", "completed", "closed", "refunded"}),
    "shipped": frozenset({"pending_payment", "paid", "completed", "closed", "refunded"}),
    "completed": frozenset({"closed", "refunded"}),
    "closed": frozenset({"refunded"}),
    "refunded": frozenset(),
}
"""What may follow each state, if it was changed to later; a step back is the platform correcting itself."""
_RANKS: Mapping[OrderStatus, int] = {status: rank for rank, status in enumerate(TRANSITIONS)}
_FINAL: Mapping[OrderStatus, int] = {"completed": 1, "closed": 2, "refunded": 3}
_REFUND_RANKS: Mapping[RefundState, int] = {"none": 0, "closed": 1, "requested": 2, "refunded": 3}

Need = Literal[
    "order",
    "order_elsewhere",
    "order_planned",
    "order_refunding",
    "order_refused",
    "order_unclear",
    "order_unconfirmed",
]
"""What an order waits for, which is the kind of its matter; planned: for nobody, it goes out by itself; elsewhere: it
cannot be shipped from here."""
CONFIRM_WITHIN = timedelta(minutes=10)
"""How long the platform may take to say itself that an order is shipped, before somebody should look."""


_NEEDS: Mapping[str, Need] = {
    "planned": "order_planned",
    "shipping": "order_planned",
    "marked": "order_planned",
    "refused": "order_refused",
    "unclear": "order_unclear",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An order as it was told of. Empty or None is not told; ``at`` is when the platform changed it, ``paid_at`` when
    it was paid if that is told by itself."""

    source: str
    account_id: str
    order_id: str
    at: datetime
    seen_at: datetime
    state: OrderState | None = None
    refund: RefundState | None = None
    raw_status: str = ""
    item_id: str = ""
    sku_text: str = ""
    title: str = ""
    quantity: int | None = None
    amount: Decimal | None = None
    currency: str = ""
    delivery_kind: DeliveryKind | None = None
    chat_id: str = ""
    buyer: str = ""
    waybill_no: str = ""
    express_code: str = ""
    paid_at: datetime | None = None

    @property
    def key(self) -> str:
        return order_key(self.source, self.account_id, self.order_id)


_DETAILS = (
    "raw_status",
    "item_id",
    "sku_text",
    "title",
    "quantity",
    "currency",
    "delivery_kind",
    "chat_id",
    "buyer",
    "waybill_no",
    "express_code",
)


def merged(order: Order | None, told: Told) -> Order:
    """The order with what was told of it."""
    if order is None:
        order = Order(
            key=told.key,
            source=told.source,
            account_id=told.account_id,
            order_id=told.order_id,
            status_at=BEFORE_ALL,
            refund_at=BEFORE_ALL,
            told_at=BEFORE_ALL,
            first_seen_at=told.seen_at,
        )
    return _with_payment(_with_details(_with_refund(_with_status(order, told), told), told), told)


def _with_status(order: Order, told: Told) -> Order:
    status, at = _status_told(told)
    if _weight(status, at) <= _weight(order.status, order.status_at):
        return order
    return replace(order, status=status, status_at=at)


def _status_told(told: Told) -> tuple[OrderStatus, datetime]:
    if told.refund == "refunded":
        return "refunded", told.at
    return told.state or "unknown", told.at if told.state else BEFORE_ALL


def _weight(status: OrderStatus, at: datetime) -> tuple[bool, int, datetime, int]:
    return (status != "unknown", _FINAL.get(status, 0), at, _RANKS[status])


def _with_refund(order: Order, told: Told) -> Order:
    refund = "refunded" if told.state == "refunded" else told.refund
    if refund is None or _refund_weight(refund, told.at) <= _refund_weight(order.refund, order.refund_at):
        return order
    return replace(order, refund=refund, refund_at=told.at)


def _refund_weight(refund: RefundState, at: datetime) -> tuple[bool, datetime, int]:
    return (refund == "refunded", at, _REFUND_RANKS[refund])


def _with_details(order: Order, told: Told) -> Order:
    """The newest word counts; what it leaves out stays as it was."""
    is_newer = told.at >= order.told_at
    new = {name: getattr(told, name) for name in _DETAILS if getattr(told, name)}
    if not is_newer:
        new = {name: value for name, value in new.items() if not getattr(order, name)}
    if told.amount is not None and (is_newer or order.amount is None):
        new["amount"] = told.amount
    return replace(order, told_at=max(order.told_at, told.at), **new)


def _with_payment(order: Order, told: Told) -> Order:
    paid_at = told.paid_at or told.at
    if told.state != "paid" or (order.paid_at is not None and order.paid_at <= paid_at):
        return order
    return replace(order, paid_at=paid_at, ship_by=paid_at + SHIP_WITHIN)


def need_of(order: Order, shipment: Shipment | None = None, *, now: datetime = BEFORE_ALL) -> Need | None:
    """What the order waits for ``now``, None if for nothing."""
    if order.refund == "requested" and order.status not in _FINAL:
        return "order_refunding"
    if not order.is_to_ship:
        return None
    if order.source == LINGXING:
        return "order_elsewhere"
    if shipment is None or shipment.is_shadow:
        return "order"
    if shipment.state == "marked" and now - shipment.changed_at >= CONFIRM_WITHIN:
        return "order_unconfirmed"
    return _NEEDS.get(shipment.state, "order")


def end_of(order: Order) -> str:
    """The kind of matter that tells how it ended for an order that needs nobody."""
    return "order_shipped" if order.status in ("shipped", "completed") else "order_ended"


def fingerprint_of(order: Order) -> str:
    """One matter at a time per order."""
    return f"order:{order.key}"


def details_of(order: Order, shipment: Shipment | None, now: datetime) -> dict[str, str]:
    """What the sentences of the order's matter are filled with."""
    variant = f" {order.sku_text}" if order.sku_text else ""
    return {
        "order": order.order_id,
        "item": f"{order.title or order.item_id}{variant}",
        "quantity": str(order.pieces),
        "amount": amount_text(order),
        "account": order.account_id or order.source,
        "error": shipment.error if shipment else "",
        "delivery": order.delivery_kind or "express",
        "left": left_told(order.ship_by, now),
    }


def left_told(due_at: datetime | None, now: datetime) -> str:
    """What a card that tells the time left stands for: so many hours, or tens of minutes once it is short."""
    if due_at is None:
        return ""
    left = due_at - now
    return f"{left // _TEN_MINUTES}*10m" if abs(left) < _SHORT else f"{left // _HOUR}h"


def amount_text(order: Order) -> str:
    """What the buyer pays, digit for digit; a dash if it was not told."""
    return "—" if order.amount is None else f"{order.amount} {order.currency}"


def is_cut_off(channel: Channel) -> bool:
    """The bridge cannot act in the shop's name."""
    return channel.status != "online"


def time_left(order: Order, now: datetime) -> timedelta | None:
    """How long until the goods must be on their way, negative if they are late; None if nobody waits for them."""
    return order.ship_by - now if order.ship_by is not None and order.is_to_ship else None
