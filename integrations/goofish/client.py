"""What can be asked of 闲管家's open platform, and done there: ship a parcel, change an unpaid order's price."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import orjson

from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamRateLimited, UpstreamRejected
from bot.contracts.feature import JsonValue
from integrations.goofish.models import (
    OTHER_COMPANY,
    CardKey,
    Company,
    Order,
    Parcel,
    Pulled,
    Row,
    Shop,
    Unreadable,
    read_row,
    read_rows,
)
from integrations.goofish.signing import EMPTY_BODY, AppKey
from integrations.http.answers import Response
from integrations.http.buckets import BucketStore, Limit
from integrations.http.transport import Transport

PLATFORM = "goofish"
SHOPS_PATH = "/api/open/user/authorize/list"
ORDERS_PATH = "/api/open/order/list"
DETAIL_PATH = "/api/open/order/detail"
SHIP_PATH = "/api/open/order/ship"
CARD_KEYS_PATH = "/api/open/order/kam/list"
PRICE_PATH = "/api/open/order/modify/price"
COMPANIES_PATH = "/api/open/express/companies"
PAGE_SIZE = 100

_MOST_PAGES = 1000
_PER_SECOND = 5

_R = TypeVar("_R", bound=Row)


class GoofishClient:
    """One app's orders. Every method raises UpstreamError classes only; whoever gets UpstreamAuthError stops."""

    def __init__(self, key: AppKey, transport: Transport, *, buckets: BucketStore, clock: Clock) -> None:
        self._key = key
        self._transport = transport
        self._buckets = buckets
        self._clock = clock
        self._names_window = False

    async def list_shops(self) -> Pulled[Shop]:
        """The shops that authorised the app."""
        return _rows(Shop, await self._ask("shops", SHOPS_PATH))

    async def list_orders(self, since: datetime, until: datetime) -> Pulled[Order]:
        """All orders that changed from ``since`` to ``until``. Those that change meanwhile may leave the list and shift
        others into pages that were read: the next window has to begin before this one's end.

        Note: the window is ``[start, end]``; where that is refused it is ``{"start", "end"}``, as one client sends it.
        """
        try:
            return await self._pages(since, until)
        except UpstreamRejected as error:
            if error.platform_code != "400":
                raise
            self._names_window = not self._names_window
            return await self._pages(since, until)

    async def _pages(self, since: datetime, until: datetime) -> Pulled[Order]:
        found: dict[str, Order] = {}
        misfits: list[str] = []
        start, end = int(since.timestamp()), int(until.timestamp())
        window: JsonValue = {"start": start, "end": end} if self._names_window else [start, end]
        for page_no in range(1, _MOST_PAGES + 1):
            asked: dict[str, JsonValue] = {"page_no": page_no, "page_size": PAGE_SIZE, "update_time": window}
            response = await self._ask("orders", ORDERS_PATH, asked)
            page = _rows(Order, response)
            found |= {order.order_no: order for order in page.rows}
            misfits += page.misfits
            if page_no * PAGE_SIZE >= _count(response):
                return Pulled(tuple(found.values()), tuple(misfits))
        raise response.call.misfit(f"more than {_MOST_PAGES} pages", response.request_id)

    async def order_detail(self, order_no: str) -> Order:
        """One order as it is now, also when the answer is not wrapped."""
        response = await self._ask("order_detail", DETAIL_PATH, {"order_no": order_no})
        try:
            return read_row(Order, _payload(response))
        except Unreadable as error:
            raise response.call.misfit(str(error), response.request_id) from error

    async def ship(self, parcel: Parcel) -> None:
        """Tell that a parcel is on its way.

        Raises: ValueError for ``other`` without a name. UpstreamUnclear if it may have been told: the order's detail
        says whether it was, and with which number.
        """
        if parcel.express_code == OTHER_COMPANY and not parcel.express_name:
            raise ValueError("a company that is in no table needs its name")
        asked: dict[str, JsonValue] = {
            "order_no": parcel.order_no,
            "waybill_no": parcel.waybill_no,
            "express_code": parcel.express_code,
            **({"express_name": parcel.express_name} if parcel.express_name else {}),
            **parcel.sender,
        }
        await self._ask("ship", SHIP_PATH, asked, idempotent=False)

    async def change_price(self, order_no: str, *, price_fen: int, express_fee_fen: int = 0) -> None:
        """Set what an unpaid order costs, in 分. Again it changes nothing. Raises: ValueError for less than 1 分."""
        if price_fen < 1 or express_fee_fen < 0:
            raise ValueError("an order costs at least 1 分")
        asked: dict[str, JsonValue] = {"order_no": order_no, "order_price": price_fen, "express_fee": express_fee_fen}
        await self._ask("change_price", PRICE_PATH, asked)

    async def list_companies(self) -> Pulled[Company]:
        """The table of express companies."""
        return _rows(Company, await self._ask("companies", COMPANIES_PATH))

    async def list_card_keys(self, order_no: str) -> Pulled[CardKey]:
        """The cards that the platform itself gave out for an order."""
        return _rows(CardKey, await self._ask("card_keys", CARD_KEYS_PATH, {"order_no": order_no}))

    async def check(self) -> None:
        """Prove with one real call that address and credentials are right."""
        await self._ask("shops", SHOPS_PATH)

    async def _ask(
        self, operation: str, path: str, asked: Mapping[str, JsonValue] | None = None, *, idempotent: bool = True
    ) -> Response:
        body = orjson.dumps(asked) if asked else EMPTY_BODY
        bucket = f"{PLATFORM}:{self._key.app_key}"
        async with self._buckets.admit(Limit(bucket, _PER_SECOND, 1.0)):
            query = self._key.query(body, int(self._clock.now().timestamp()))
            try:
                return await self._transport.call(
                    operation, "POST", path, idempotent=idempotent, query=query, body=body
                )
            except UpstreamRateLimited as error:
                self._buckets.pause(bucket, error.retry_after)
                raise


def _payload(response: Response) -> Any:
    """What is inside the wrapping, if there is one."""
    answer = response.json
    return answer["data"] if "code" in answer and "data" in answer else answer


def _rows(model: type[_R], response: Response) -> Pulled[_R]:
    """The rows of a list, which may be ``data`` itself or in its ``list``; null stands for none."""
    payload = _payload(response)
    rows = payload.get("list") if isinstance(payload, dict) else payload
    if rows is not None and not isinstance(rows, list):
        raise response.call.misfit("rows that are not a list", response.request_id)
    pulled = read_rows(model, rows or ())
    if pulled.misfits and not pulled.rows:
        raise response.call.misfit(pulled.misfits[0], response.request_id)
    return pulled


def _count(response: Response) -> int:
    payload = _payload(response)
    count = payload.get("count", 0) if isinstance(payload, dict) else 0
    return int(count) if isinstance(count, int | str) and str(count).isdigit() else 0
