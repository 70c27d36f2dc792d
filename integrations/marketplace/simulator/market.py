"""The simulated marketplace itself: it keeps orders, does what it is commanded, refuses, remembers every command."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.contracts.clock import Clock
from integrations.marketplace.commands import CommandAnswer
from integrations.marketplace.simulator.day import Purchase
from integrations.marketplace.simulator.demo import COMPANIES
from integrations.marketplace.simulator.orders import Act, MarketOrder, Shipment

Tell = Callable[[MarketOrder, Act], None]

_DONE, _ACCEPTED = CommandAnswer(result="done"), CommandAnswer(result="accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a command wrote in a chat."""

    command_id: str
    account_id: str
    chat_id: str
    text: str = field(repr=False)
    at: datetime


class Market:
    """``orders`` by id and ``written`` are the record: what was really shipped and said, whoever thinks otherwise.

    ``tell`` is called for what commands change. With ``is_slow`` commands are ``accepted`` instead of ``done``.
    """

    def __init__(self, clock: Clock, tell: Tell) -> None:
        self.orders: dict[str, MarketOrder] = {}
        self.written: list[Written] = []
        self.blocked_chats: set[str] = set()
        self.is_slow = False
        self._clock = clock
        self._tell = tell
        self._answers: dict[str, tuple[bytes, CommandAnswer]] = {}
        self._numbers: set[tuple[str, str]] = set()
        self._refusals: deque[CommandAnswer] = deque()
        self._forgotten = 0

    def place(self, purchase: Purchase) -> MarketOrder:
        """A new order, to be paid. Raises: ValueError for an id that was given before."""
        if purchase.order_id in self.orders:
            raise ValueError(f"there is an order {purchase.order_id}")
        order = MarketOrder(
            order_id=purchase.order_id,
            account_id=purchase.account_id,
            goods=purchase.goods,
            sku_text=purchase.sku_text,
            quantity=purchase.quantity,
            buyer_id=purchase.buyer_id,
            chat_id=purchase.chat_id,
            modified_at=self._clock.now(),
        )
        self.orders[order.order_id] = order
        return order

    def change(self, order_id: str, act: Act) -> MarketOrder | None:
        """Do what buyers and the marketplace do; None if it is not possible. Raises: KeyError for an unknown order."""
        order = self.orders[order_id]
        if not order.allows(act):
            return None
        self.orders[order_id] = order.after(act, self._clock.now())
        return self.orders[order_id]

    def refuse_next(self, reason: str, *, is_retryable: bool = False, times: int = 1) -> None:
        """Answer the next new commands 200 with this failure inside."""
        self._refusals += [CommandAnswer(result="rejected", reason=reason, retryable=is_retryable)] * times

    def forget_next(self, times: int = 1) -> None:
        """Accept the next new commands and do nothing: shipped that was not."""
        self._forgotten += times

    def obey(self, body: Mapping[str, Any], raw: bytes) -> CommandAnswer:
        """Do a command once: the same again is answered as before."""
        command_id = str(body.get("command_id") or "")
        if known := self._answers.get(command_id):
            return known[1] if known[0] == raw else _rejected("command_id_used")
        answer = self._failure() or self._do(body, command_id)
        self._answers[command_id] = (raw, answer)
        return answer

    def _failure(self) -> CommandAnswer | None:
        """What was arranged for the next command."""
        if self._refusals:
            return self._refusals.popleft()
        if not self._forgotten:
            return None
        self._forgotten -= 1
        return _ACCEPTED

    def _do(self, body: Mapping[str, Any], command_id: str) -> CommandAnswer:
        data = body.get("data")
        known = {"ship": self._ship, "reply": self._reply}.get(str(body.get("type")))
        if known is None or not command_id or not isinstance(data, dict):
            return _rejected("not_understood")
        return known(data, command_id)

    def _ship(self, data: Mapping[str, Any], command_id: str) -> CommandAnswer:
        order = self.orders.get(str(data.get("order_id")))
        if order is None or order.account_id != data.get("account_id"):
            return _rejected("unknown_order")
        if reason := _hindrance(order) or self._fault(order, data):
            return _rejected(reason)
        now = self._clock.now()
        shipment = Shipment(
            command_id=command_id,
            kind=str(data["kind"]),
            content=str(data.get("content", "")),
            waybill_no=str(data.get("waybill_no", "")),
            express_code=str(data.get("express_code", "")),
            at=now,
        )
        self._numbers.add((shipment.express_code, shipment.waybill_no))
        shipped = replace(order.after("ship", now), shipments=(*order.shipments, shipment))
        self.orders[order.order_id] = shipped
        self._tell(shipped, "ship")
        return self._success()

    def _fault(self, order: MarketOrder, data: Mapping[str, Any]) -> str:
        """What is wrong with a command to ship."""
        if data.get("kind") != order.goods.delivery_kind:
            return "wrong_kind"
        if order.goods.delivery_kind == "virtual":
            return ""
        code, number = str(data.get("express_code", "")), str(data.get("waybill_no", ""))
        if code not in COMPANIES:
            return "unknown_company"
        digits = number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if not (digits.isascii() and digits.isdigit() and len(digits) == COMPANIES[code]):
            return "number_rejected"
        return "number_used" if (code, number) in self._numbers else ""

    def _reply(self, data: Mapping[str, Any], command_id: str) -> CommandAnswer:
        chat_id, text = str(data.get("chat_id", "")), str(data.get("text", ""))
        if not chat_id or not text:
            return _rejected("not_understood")
        if chat_id in self.blocked_chats:
            return _rejected("blocked")
        account_id = str(data.get("account_id", ""))
        self.written.append(
            Written(command_id=command_id, account_id=account_id, chat_id=chat_id, text=text, at=self._clock.now())
        )
        return self._success()

    def _success(self) -> CommandAnswer:
        return _ACCEPTED if self.is_slow else _DONE


def _hindrance(order: MarketOrder) -> str:
    """Why an order cannot be shipped."""
    if order.refund == "requested":
        return "refund_requested"
    reasons = {"pending_payment": "not_paid", "shipped": "already_shipped", "completed": "already_shipped"}
    return "" if order.state == "paid" else reasons.get(order.state, order.state)


def _rejected(reason: str) -> CommandAnswer:
    return CommandAnswer(result="rejected", reason=reason)
