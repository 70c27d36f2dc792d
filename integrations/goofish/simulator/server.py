"""The simulated open platform: signed calls, pages, refusals of its own, and pushes."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.goofish.client import (
    CARD_KEYS_PATH,
    COMPANIES_PATH,
    DETAIL_PATH,
    ORDERS_PATH,
    PAGE_SIZE,
    PRICE_PATH,
    SHIP_PATH,
    SHOPS_PATH,
)
from integrations.goofish.models import OTHER_COMPANY, PUSH_TAKEN
from integrations.goofish.signing import AppKey
from integrations.goofish.simulator.orders import Act, SimulatedOrder
from integrations.http.simulation import ANY, Answer, Asked, Heard, Push, Pusher, Route, Simulator, Weather

DEMO_APP_KEY = "800000000001"
DEMO_APP_SECRET = "abcdefabcdefabcdefabcdefabcdef12"
COMPANIES = {"SF": "顺丰速运", "YTO": "圆通速递", "ZTO": "中通快递", OTHER_COMPANY: "其他"}
PUSH_WAITS = (0, 5, 30, 60)
"""Units: seconds before the push and its three further tries; the reference does not tell how long they are."""

_DEADLINE_SECONDS = 3.0
_SELLER = 4242
_SENDER_GROUPS = (
    frozenset({"ship_name", "ship_mobile", "ship_district_id", "ship_address"}),
    frozenset({"ship_name", "ship_mobile", "ship_prov_name", "ship_city_name", "ship_area_name", "ship_address"}),
    frozenset({"ship_district_id", "ship_address"}),
)
_NUMBER_LENGTH = range(8, 26)
_Business = Callable[[dict[str, Any]], Answer]


class GoofishSimulator(Simulator):
    """``orders`` by number are the record; each change is pushed once ``sender.webhook_url`` is set.

    Weather of the operation ``push`` strikes pushes: ``duplicate``, ``drop``. ``wraps_detail`` False answers an
    order's detail without the envelope, as the platform's page shows it; ``names_window`` reads a window of time as
    ``{"start", "end"}`` and no other.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        seller_id: str = "",
        webhook_url: str = "",
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(clock)
        self.key = AppKey(app_key=DEMO_APP_KEY, app_secret=Secret(DEMO_APP_SECRET), seller_id=seller_id)
        self.sender = Pusher(
            clock, waits=PUSH_WAITS, deadline_seconds=_DEADLINE_SECONDS, jitter=jitter, webhook_url=webhook_url
        )
        self.orders: dict[str, SimulatedOrder] = {}
        self.card_keys: dict[str, list[tuple[str, str]]] = {}
        self.wraps_detail = True
        self.names_window = False
        self.is_granted = True

    def routes(self) -> tuple[Route, ...]:
        return (
            self._signed("shops", SHOPS_PATH, self._shops),
            self._signed("orders", ORDERS_PATH, self._list),
            self._signed("order_detail", DETAIL_PATH, self._detail),
            self._signed("ship", SHIP_PATH, self._ship),
            self._signed("card_keys", CARD_KEYS_PATH, self._card_keys),
            self._signed("change_price", PRICE_PATH, self._price),
            self._signed("companies", COMPANIES_PATH, self._companies),
        )

    def control_routes(self) -> tuple[Route, ...]:
        return (
            Route("orders", "GET", "/_control/orders", self._show_orders),
            Route("place", "POST", "/_control/place", self._on_place),
            Route("buy", "POST", "/_control/buy", self._on_buy),
            Route("change", "POST", "/_control/change", self._on_change),
            Route("webhook", "POST", "/_control/webhook", self._on_webhook),
        )

    def place(self, order_no: str, **about: Any) -> SimulatedOrder:
        """A new order, to be paid; ``about`` are fields of ``SimulatedOrder``."""
        now = self.clock.now()
        return self._keep(SimulatedOrder(order_no=order_no, created_at=now, updated_at=now, **about))

    def change(self, order_no: str, act: Act) -> SimulatedOrder | None:
        """Do what buyers and the platform do; None if it is not possible. Raises: KeyError for an unknown order."""
        order = self.orders[order_no]
        return self._keep(order.after(act, self.clock.now())) if order.allows(act) else None

    def push(self, order: SimulatedOrder) -> None:
        """Begin to push an order's last change."""
        weather = self.take_weather("push")
        raw = orjson.dumps(order.pushed(_SELLER))
        if not weather.drop:
            for _ in range(1 + weather.duplicate):
                self.sender.begin(order.order_no, lambda: self.attempt(raw), _is_taken)

    def attempt(self, raw: bytes) -> Push:
        """One attempt now, signed."""
        query = self.key.query(raw, int(self.clock.now().timestamp()))
        return Push(raw, {"Content-Type": "application/json"}, query)

    def next_code(self, code: int, operation: str = ANY, *, times: int = 1, handled: bool = False) -> None:
        """Answer the next ``times`` calls 200 with an error code inside; ``handled``: after doing what was asked."""
        body = _refusal(code, "simulated").body
        self.set_weather(Weather(operation=operation, body=body, times=times, handled=handled))

    async def stop(self) -> None:
        await self.sender.close()
        await super().stop()

    def _keep(self, order: SimulatedOrder) -> SimulatedOrder:
        self.orders[order.order_no] = order
        self.push(order)
        return order

    def _signed(self, operation: str, path: str, run: _Business) -> Route:
        async def handler(asked: Asked) -> Answer:
            if self.key.judge(asked.query, asked.raw, now=self.clock.now()) != "genuine":
                return _refusal(401, "签名错误")
            if not self.is_granted:
                return _refusal(100008, "未授权或套餐不支持")
            if not isinstance(asked.body, dict):
                return _refusal(400, "请求体不是 JSON 对象")
            return run(asked.body)

        return Route(operation, "POST", path, handler)

    def _shops(self, _: dict[str, Any]) -> Answer:
        shop = {"authorize_id": 301, "user_name": "demo-seller", "user_nick": "演示卖家", "shop_name": "演示店铺"}
        return _success({"list": [shop]})

    def _list(self, body: dict[str, Any]) -> Answer:
        page_no, page_size = body.get("page_no"), body.get("page_size")
        if not isinstance(page_no, int) or not isinstance(page_size, int) or not 1 <= page_size <= PAGE_SIZE:
            return _refusal(400, "分页参数错误")
        window = self._window(body.get("update_time"))
        if window is None:
            return _refusal(400, "update_time 格式错误")
        rows = [order.wire() for order in self.orders.values()]
        found = [row for row in rows if window[0] <= row["update_time"] <= window[1] and _fits(row, body)]
        first = (page_no - 1) * page_size
        return _success({"list": found[first : first + page_size], "count": len(found), "page_no": page_no})

    def _window(self, given: Any) -> tuple[int, int] | None:
        """None if it is written otherwise than this platform reads it."""
        if given is None:
            return 0, 10**11
        if self.names_window:
            given = [given.get("start"), given.get("end")] if isinstance(given, dict) else None
        is_pair = isinstance(given, list) and len(given) == 2 and all(isinstance(each, int) for each in given)
        return (given[0], given[1]) if is_pair else None

    def _detail(self, body: dict[str, Any]) -> Answer:
        order = self.orders.get(str(body.get("order_no")))
        if order is None:
            return _refusal(1001, "订单不存在")
        return _success(order.wire()) if self.wraps_detail else Answer(body=order.wire())

    def _ship(self, body: dict[str, Any]) -> Answer:
        order = self.orders.get(str(body.get("order_no")))
        if order is None:
            return _refusal(1001, "订单不存在")
        if fault := _fault(body):
            return _refusal(400, fault)
        if not order.allows("ship"):
            return _refusal(1002, "订单状态不允许发货")
        shipped = order.after("ship", self.clock.now())
        self._keep(replace(shipped, waybill_no=body["waybill_no"], express_code=body["express_code"]))
        return _success(None)

    def _price(self, body: dict[str, Any]) -> Answer:
        order = self.orders.get(str(body.get("order_no")))
        price, fee = body.get("order_price"), body.get("express_fee")
        if order is None:
            return _refusal(1001, "订单不存在")
        if not isinstance(price, int) or price < 1 or not isinstance(fee, int) or fee < 0:
            return _refusal(400, "价格错误")
        if order.order_status != 11:
            return _refusal(1002, "订单状态不允许改价")
        self._keep(replace(order, pay_fen=price + fee, express_fee_fen=fee, updated_at=self.clock.now()))
        return _success(None)

    def _companies(self, _: dict[str, Any]) -> Answer:
        return _success({"list": [{"express_code": code, "express_name": name} for code, name in COMPANIES.items()]})

    def _card_keys(self, body: dict[str, Any]) -> Answer:
        keys: Sequence[tuple[str, str]] = self.card_keys.get(str(body.get("order_no")), ())
        return _success({"list": [{"card_no": number, "card_pwd": word} for number, word in keys]})

    async def _show_orders(self, _: Asked) -> Answer:
        """The whole record, and what nobody took."""
        return Answer(body={"orders": list(self.orders.values()), "dead": list(self.sender.dead)})

    async def _on_place(self, asked: Asked) -> Answer:
        """``{"order_no": …}`` and fields of ``SimulatedOrder``."""
        return Answer(body=self.place(**asked.body))

    async def _on_buy(self, asked: Asked) -> Answer:
        """The same, and it is paid at once; without a number it gets one."""
        about = {"order_no": f"2{len(self.orders) + 1:018}", **(asked.body or {})}
        self.place(**about)
        return Answer(body=self.change(about["order_no"], "pay"))

    async def _on_change(self, asked: Asked) -> Answer:
        """``{"order_no": …, "act": …}``; null if it is not possible."""
        return Answer(body=self.change(asked.body["order_no"], asked.body["act"]))

    async def _on_webhook(self, asked: Asked) -> Answer:
        """Where pushes go, and optionally other ``waits`` between tries."""
        self.sender.webhook_url = str(asked.body["url"])
        self.sender.waits = tuple(asked.body.get("waits", self.sender.waits))
        return Answer(body={})


def _fits(row: dict[str, Any], body: dict[str, Any]) -> bool:
    """True if the filters let it pass; -1 is every refund."""
    return all(body.get(name) in (None, -1, row[name]) for name in ("order_status", "refund_status"))


def _fault(body: dict[str, Any]) -> str:
    """What is wrong with a parcel."""
    number, code = str(body.get("waybill_no", "")), body.get("express_code")
    if not (number.isascii() and number.isalnum() and len(number) in _NUMBER_LENGTH):
        return "运单号错误"
    if code not in COMPANIES:
        return "快递公司不存在"
    if code == OTHER_COMPANY and not body.get("express_name"):
        return "express_name 必填"
    sender = frozenset(name for name in body if name.startswith("ship_"))
    return "" if not sender or sender in _SENDER_GROUPS else "发货人信息不完整"


def _success(data: Any) -> Answer:
    return Answer(body={"code": 0, "msg": "OK", "data": data})


def _refusal(code: int, reason: str) -> Answer:
    return Answer(body={"code": code, "msg": reason, "data": None})


def _is_taken(heard: Heard) -> bool:
    """The platform wants exactly this answer; how it is spaced does not matter."""
    try:
        return heard.status == 200 and orjson.loads(heard.body) == orjson.loads(PUSH_TAKEN)
    except orjson.JSONDecodeError:
        return False
