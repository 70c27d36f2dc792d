"""The simulated open interface: its operations, its pages and what they show."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from bot.contracts.clock import Clock
from integrations.http.simulation import ANY, Answer, Asked, Route, Simulator, Weather
from integrations.lingxing.client import DAILY_SALES, FBA_STOCK, ORDERS, PRODUCTS, RESTOCK, SELLERS, STORES_AT_ONCE
from integrations.lingxing.session import ACCESS_TOKEN_PATH, REFRESH_PATH, Endpoint
from integrations.lingxing.simulator.gate import Gate, refusal
from integrations.lingxing.simulator.rows import Order, Product, Sale, Seller, Suggestion
from integrations.lingxing.simulator.stock import Stock

DEMO_APP_ID = "ak_simulated0000"
DEMO_APP_SECRET = "simulated-secret"

_BEIJING = timezone(timedelta(hours=8))
_Business = Callable[[Asked], Answer]


class LingxingSimulator(Simulator):
    """Lingxing as far as the client knows it. ``gate`` holds the white list flag, token life and capacities."""

    def __init__(self, clock: Clock, *, app_id: str = DEMO_APP_ID, app_secret: str = DEMO_APP_SECRET) -> None:
        super().__init__(clock)
        self.gate = Gate(clock, app_id, app_secret)
        self._sellers: dict[int, Seller] = {}
        self._stock: dict[tuple[int, str], Stock] = {}
        self._suggestions: dict[tuple[int, str], Suggestion] = {}
        self._products: dict[int, Product] = {}
        self._sales: dict[int, list[Sale]] = {}
        self._orders: dict[str, Order] = {}
        self._answered = 0

    def add_seller(self, seller: Seller) -> None:
        """Add a store, or replace the one with its ``sid``."""
        self._sellers[seller.sid] = seller

    def add_stock(self, stock: Stock) -> None:
        """Set the FBA units of a listing."""
        self._stock[stock.sid, stock.msku] = stock

    def add_suggestion(self, suggestion: Suggestion) -> None:
        """Set a listing's line of the suggestion list."""
        self._suggestions[suggestion.sid, suggestion.msku] = suggestion

    def put_first(self, suggestion: Suggestion) -> None:
        """Add a line at the top of the list, so that the others move down while somebody reads pages."""
        self._suggestions = {(suggestion.sid, suggestion.msku): suggestion, **self._suggestions}

    def suggestion(self, sid: int, msku: str) -> Suggestion:
        """A listing's line as it is. Raises: KeyError."""
        return self._suggestions[sid, msku]

    def add_product(self, product: Product) -> None:
        self._products[product.id] = product

    def add_sales(self, sid: int, sales: Iterable[Sale]) -> None:
        """Add a store's sales, at most one per listing and day."""
        self._sales[sid] = sorted([*self._sales.get(sid, ()), *sales])

    def put_order(self, order: Order) -> None:
        """Add an order, or replace the one with its number."""
        self._orders[order.order_id] = order

    def next_code(self, code: str, operation: str = ANY, *, times: int = 1, details: str = "") -> None:
        """Answer the next ``times`` calls with an error code in the gateway's envelope."""
        body = {"code": code, "msg": f"error {code}", "error_details": details, "data": None}
        self.set_weather(Weather(operation=operation, body=body, times=times))

    def expire_tokens(self) -> None:
        self.gate.expire()

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("token", "POST", ACCESS_TOKEN_PATH, self.gate.give_token),
            Route("refresh", "POST", REFRESH_PATH, self.gate.renew_token),
            self._listed(SELLERS, self._list_sellers),
            self._listed(FBA_STOCK, self._list_stock),
            self._listed(RESTOCK, self._list_suggestions),
            self._listed(DAILY_SALES, self._list_sales),
            self._listed(PRODUCTS, self._list_products),
            self._listed(ORDERS, self._list_orders),
        )

    def control_routes(self) -> tuple[Route, ...]:
        return (
            Route("white_list", "POST", "/_control/white_list", self._set_white_list),
            Route("second_owner", "POST", "/_control/second_owner", self._replace_token),
        )

    def begin(self, asked: Asked) -> Answer | None:
        return self.gate.enter(asked)

    def end(self, asked: Asked) -> None:
        self.gate.leave(asked)

    def _listed(self, endpoint: Endpoint, run: _Business) -> Route:
        """A list behind the gate, with the vendor's bucket capacity."""
        self.gate.capacities[endpoint.path] = endpoint.capacity

        async def handler(asked: Asked) -> Answer:
            if endpoint.method == "POST" and not isinstance(asked.body, dict):
                return refusal("102", "the body is not a JSON object")
            return self.gate.refuses(asked) or run(asked)

        return Route(endpoint.operation, endpoint.method, endpoint.path, handler)

    def _list_sellers(self, _: Asked) -> Answer:
        return self._success([seller.wire() for seller in self._sellers.values()])

    def _list_stock(self, asked: Asked) -> Answer:
        wanted = set(str(asked.body.get("sid", "")).split(",")) - {""}
        hides_empty = asked.body.get("is_hide_zero_stock") == "1"
        found = [stock for stock in self._stock.values() if not wanted or str(stock.sid) in wanted]
        shown = [stock for stock in found if not (hides_empty and stock.wire()["total"] == 0)]
        return self._page(asked, shown, least=20, most=200, default=20)

    def _list_suggestions(self, asked: Asked) -> Answer:
        wanted = asked.body.get("sid_list", [])
        if asked.body.get("data_type") != 2:
            return refusal("102", "this simulator knows data_type 2 only")
        if not isinstance(wanted, list):
            return refusal("102", "sid_list is not an array")
        found = [line for line in self._suggestions.values() if not wanted or str(line.sid) in wanted]
        return self._page(asked, found, least=1, most=50, default=20)

    def _list_sales(self, asked: Asked) -> Answer:
        try:
            start, end = (date.fromisoformat(asked.body[name]) for name in ("start_date", "end_date"))
            sales = self._sales.get(int(asked.body["sid"]), [])
        except (KeyError, TypeError, ValueError):
            return refusal("102", "sid, start_date and end_date are required")
        first = bisect_left(sales, start, key=lambda sale: sale.day)
        return self._page(
            asked, sales[first : bisect_right(sales, end, key=lambda sale: sale.day)], least=1, most=1000, default=1000
        )

    def _list_products(self, asked: Asked) -> Answer:
        return self._page(asked, list(self._products.values()), least=1, most=1000, default=1000)

    def _list_orders(self, asked: Asked) -> Answer:
        """By the day of the change in Beijing; the end's day is left out."""
        try:
            start, end = (date.fromisoformat(asked.body[name]) for name in ("start_date", "end_date"))
        except (KeyError, TypeError, ValueError):
            return refusal("102", "start_date and end_date are required")
        sids, channel = asked.body.get("sid_list", []), {1: "AFN", 2: "MFN"}.get(asked.body.get("fulfillment_channel"))
        if not isinstance(sids, list) or len(sids) > STORES_AT_ONCE or asked.body.get("date_type") != 2:
            return refusal("102", "at most 20 stores, and this simulator knows date_type 2 only")
        found = [order for order in self._orders.values() if order.sid in sids and channel in (None, order.channel)]
        days = {order.order_id: order.modified_at.astimezone(_BEIJING).date() for order in found}
        changed = [order for order in found if start <= days[order.order_id] < end]
        return self._page(asked, changed, least=1, most=5000, default=1000)

    def _page(
        self,
        asked: Asked,
        rows: Sequence[Stock | Suggestion | Sale | Product | Order],
        *,
        least: int,
        most: int,
        default: int,
    ) -> Answer:
        offset, length = asked.body.get("offset", 0), asked.body.get("length", default)
        if not isinstance(length, int) or not least <= length <= most or not isinstance(offset, int):
            return refusal("102", f"length must be between {least} and {most}")
        return self._success([row.wire() for row in rows[offset : offset + length]], len(rows))

    def _success(self, rows: list[dict[str, Any]], total: int | None = None) -> Answer:
        self._answered += 1
        now: datetime = self.clock.now().astimezone(_BEIJING)
        body: dict[str, Any] = {
            "code": 0,
            "message": "success",
            "error_details": [],
            "request_id": f"SIMULATED-{self._answered:08d}",
            "response_time": now.strftime("%Y-%m-%d %H:%M:%S"),
            "data": rows,
        }
        return Answer(body=body if total is None else {**body, "total": total})

    async def _set_white_list(self, asked: Asked) -> Answer:
        self.gate.white_listed = bool(asked.body["listed"])
        return Answer(body={"listed": self.gate.white_listed})

    async def _replace_token(self, _: Asked) -> Answer:
        self.gate.replace_token()
        return Answer(body={})
