"""The simulated platform's orders: what may happen to one, and how it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

Act = Literal[
    "pay",
    "ship",
    "complete",
    "close",
    "ask_refund",
    "agree_return",
    "send_back",
    "refuse_refund",
    "close_refund",
    "refund",
]

_NO_REFUND = frozenset({0, 4, 6})
_ASKED = frozenset({1, 2, 3, 8})
_LIVE = frozenset({12, 21, 22})


@dataclass(frozen=True, slots=True)
class _Rule:
    """When an act is possible, and the numbers it leaves."""

    statuses: frozenset[int]
    refunds: frozenset[int]
    status: int | None = None
    refund: int | None = None


_RULES: Mapping[Act, _Rule] = {
    "pay": _Rule(frozenset({11}), _NO_REFUND, 12),
    "ship": _Rule(frozenset({12}), _NO_REFUND, 21),
    "complete": _Rule(frozenset({21}), _NO_REFUND, 22),
    "close": _Rule(frozenset({11, 12}), _NO_REFUND, 24),
    "ask_refund": _Rule(_LIVE, _NO_REFUND, None, 1),
    "agree_return": _Rule(_LIVE, frozenset({1}), None, 2),
    "send_back": _Rule(_LIVE, frozenset({2}), None, 3),
    "refuse_refund": _Rule(_LIVE, frozenset({1, 3}), None, 6),
    "close_refund": _Rule(_LIVE, _ASKED, None, 4),
    "refund": _Rule(_LIVE, _ASKED, 23, 5),
}
_TIMES: Mapping[Act, str] = {
    "pay": "pay_time",
    "ship": "consign_time",
    "complete": "confirm_time",
    "close": "cancel_time",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedOrder:
    """One order. Everything about people in it is invented; ``price_fen`` is of one piece."""

    order_no: str
    item_id: str = "900000000001"
    title: str = "演示商品"
    sku_text: str = "黑色 128G"
    quantity: int = 1
    price_fen: int = 1990
    express_fee_fen: int = 0
    pay_fen: int | None = None
    order_status: int = 11
    refund_status: int = 0
    created_at: datetime
    updated_at: datetime
    moments: tuple[tuple[str, datetime], ...] = ()
    buyer_nick: str = "小**"
    waybill_no: str = ""
    express_code: str = ""

    def allows(self, act: Act) -> bool:
        """True if it is possible now."""
        return self.order_status in _RULES[act].statuses and self.refund_status in _RULES[act].refunds

    def after(self, act: Act, now: datetime) -> "SimulatedOrder":
        """The order with ``act`` done."""
        rule = _RULES[act]
        moment = ((_TIMES[act], now),) if act in _TIMES else ()
        return replace(
            self,
            order_status=rule.status or self.order_status,
            refund_status=self.refund_status if rule.refund is None else rule.refund,
            moments=self.moments + moment,
            updated_at=now,
        )

    def wire(self) -> dict[str, Any]:
        """As the list and the detail show it."""
        moments = {name: _seconds(moment) for name, moment in self.moments}
        total = self.price_fen * self.quantity + self.express_fee_fen
        return {
            "order_no": self.order_no,
            "order_status": self.order_status,
            "refund_status": self.refund_status,
            "order_type": 1,
            "total_amount": total,
            "pay_amount": total if self.pay_fen is None else self.pay_fen,
            "create_time": _seconds(self.created_at),
            **{name: moments.get(name, 0) for name in _TIMES.values()},
            "cancel_reason": "",
            "update_time": _seconds(self.updated_at),
            **_receiver(),
            "waybill_no": self.waybill_no,
            "express_code": self.express_code,
            "buyer_eid": f"eid-{self.order_no[-4:]}",
            "buyer_nick": self.buyer_nick,
            "seller_name": "演示店铺",
            "goods": self._goods(),
            "pin_group_status": 0,
        }

    def pushed(self, seller_id: int) -> dict[str, Any]:
        """The body of the push about its last change."""
        return {
            "seller_id": seller_id,
            "user_name": "demo-seller",
            "order_no": self.order_no,
            "order_type": 1,
            "order_status": self.order_status,
            "refund_status": self.refund_status,
            "modify_time": _seconds(self.updated_at),
            "product_id": int(self.item_id) + 1,
            "item_id": int(self.item_id),
            "address_status": 0,
        }

    def _goods(self) -> dict[str, Any]:
        return {
            "quantity": self.quantity,
            "price": self.price_fen,
            "product_id": int(self.item_id) + 1,
            "item_id": int(self.item_id),
            "outer_id": "",
            "sku_id": 1,
            "sku_outer_id": "",
            "sku_text": self.sku_text,
            "title": self.title,
            "images": ["https://img.example.com/1.png"],
        }


def _receiver() -> dict[str, Any]:
    return {
        "receiver_name": "张三",
        "receiver_mobile": "13800000000",
        "prov_name": "浙江省",
        "city_name": "杭州市",
        "area_name": "西湖区",
        "town_name": "",
        "address": "演示路 1 号",
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
