"""闲管家's numbers for states, as ours. Pure. Source: reference section 1."""

from collections.abc import Mapping

from bot.contracts.orders import OrderState, RefundState

_ORDER: Mapping[int, OrderState] = {
    11: "pending_payment",
    12: "paid",
    21: "shipped",
    22: "completed",
    23: "refunded",
    24: "closed",
}
_REFUND: Mapping[int, RefundState] = {
    0: "none",
    1: "requested",
    2: "requested",
    3: "requested",
    4: "closed",
    5: "refunded",
    6: "closed",
    8: "requested",
}


def order_state(order_status: int, refund_status: int = 0) -> OrderState | None:
    """The order's state; None for a number nobody knows. A refund that was paid ends the order."""
    return "refunded" if refund_status == 5 else _ORDER.get(order_status)


def refund_state(order_status: int, refund_status: int) -> RefundState | None:
    """How far a refund is; None for a number nobody knows. Closed and refused ones let the order go on as before."""
    return "refunded" if order_status == 23 else _REFUND.get(refund_status)
