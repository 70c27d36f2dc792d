"""The simulated marketplace's orders: what may happen to one, and what is then told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.contracts.orders import OrderState, RefundState
from integrations.marketplace.simulator.demo import Goods

Act = Literal["create", "pay", "ship", "complete", "close", "ask_refund", "close_refund", "refund"]

_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Rule:
    """When an act is possible, what it changes, and the type of the event that tells it."""

    states: frozenset[OrderState]
    refunds: frozenset[RefundState]
    event: str
    state: OrderState | None = None
    refund: RefundState | None = None


_NO_REFUND: frozenset[RefundState] = frozenset({"none", "closed"})
_ASKED: frozenset[RefundState] = frozenset({"requested"})
_LIVE: frozenset[OrderState] = frozenset({"paid", "shipped", "completed"})
_RULES: Mapping[Act, _Rule] = {
    "pay": _Rule(frozenset({"pending_payment"}), _NO_REFUND, "order.paid", "paid"),
    "ship": _Rule(frozenset({"paid"}), _NO_REFUND, "order.shipped", "shipped"),
    "complete": _Rule(frozenset({"shipped"}), _NO_REFUND, "order.completed", "completed"),
    "close": _Rule(frozenset({"pending_payment", "paid"}), _NO_REFUND, "order.closed", "closed"),
    "ask_refund": _Rule(_LIVE, _NO_REFUND, "order.refund_requested", None, "requested"),
    "close_refund": _Rule(_LIVE, _ASKED, "order.refund_closed", None, "closed"),
    "refund": _Rule(_LIVE, _ASKED, "order.refunded", "refunded", "refunded"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """One accepted command to ship; ``content`` is what a buyer of virtual goods got with it."""

    command_id: str
    kind: str
    content: str = field(default="", repr=False)
    waybill_no: str = ""
    express_code: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketOrder:
    """One order as the marketplace has it. ``shipments`` can hold at most one: the record shows that it does."""

    order_id: str
    account_id: str
    goods: Goods
    sku_text: str
    quantity: int = 1
    buyer_id: str = "buyer-1"
    nick: str = "小**"
    chat_id: str
    state: OrderState = "pending_payment"
    refund: RefundState = "none"
    modified_at: datetime
    shipments: tuple[Shipment, ...] = ()

    def allows(self, act: Act) -> bool:
        """True if it is possible now."""
        rule = _RULES.get(act)
        return rule is not None and self.state in rule.states and self.refund in rule.refunds

    def after(self, act: Act, now: datetime) -> "MarketOrder":
        """The order with ``act`` done, always later than before. Raises: KeyError for what is no change of an order."""
        rule = _RULES[act]
        modified_at = max(now, self.modified_at + _TICK)
        return replace(self, state=rule.state or self.state, refund=rule.refund or self.refund, modified_at=modified_at)

    def told(self, act: Act, *, is_thin: bool = False) -> dict[str, Any]:
        """The body of the event about ``act``; a thin one names the order only."""
        return {
            "type": _RULES[act].event if act in _RULES else "order.created",
            "timestamp": _written(self.modified_at),
            "data": {**self._named(), **({} if is_thin else self._details())},
        }

    def _named(self) -> dict[str, Any]:
        return {
            "channel": "xianyu",
            "account_id": self.account_id,
            "order_id": self.order_id,
            "status": self.state,
            "refund_status": self.refund,
            "modified_at": _written(self.modified_at),
        }

    def _details(self) -> dict[str, Any]:
        goods = self.goods
        return {
            "raw_status": self.state,
            "item": {
                "item_id": goods.item_id,
                "sku_text": self.sku_text,
                "title": goods.title,
                "quantity": self.quantity,
            },
            "amount": {"value": str(goods.price * self.quantity), "currency": "CNY"},
            "buyer": {"id": self.buyer_id, "nick": self.nick},
            "chat_id": self.chat_id,
            "delivery_kind": goods.delivery_kind,
        }


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
