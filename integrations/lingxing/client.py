"""What can be asked of Lingxing. All of it reads; nothing here changes anything there."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar

from bot.contracts.clock import Clock
from bot.contracts.feature import JsonValue
from bot.contracts.quantities import StoreId
from integrations.lingxing.models import (
    AmazonOrder,
    DailySales,
    FbaStock,
    Product,
    Pulled,
    Quarantined,
    RestockSuggestion,
    Row,
    Seller,
    fit,
    sorted_out,
)
from integrations.lingxing.session import Endpoint, Progress, Session

SELLERS = Endpoint(operation="sellers", method="GET", path="/erp/sc/data/seller/lists")
FBA_STOCK = Endpoint(
    operation="fba_stock", method="POST", path="/basicOpen/openapi/storage/fbaWarehouseDetail", length=200
)
RESTOCK = Endpoint(
    operation="restock", method="POST", path="/erp/sc/routing/restocking/analysis/getSummaryList", length=50
)
DAILY_SALES = Endpoint(
    operation="daily_sales", method="POST", path="/erp/sc/data/sales_report/sales", capacity=5, length=1000
)
PRODUCTS = Endpoint(
    operation="products", method="POST", path="/erp/sc/routing/data/local_inventory/productList", length=1000
)
ORDERS = Endpoint(operation="orders", method="POST", path="/erp/sc/data/mws/orders", length=1000)
STORES_AT_ONCE = 20
"""How many stores the list of orders takes in one call."""

_BEIJING = timezone(timedelta(hours=8))
_BY_CHANGE, _OWN_FULFILMENT = 2, 2

_R = TypeVar("_R", bound=Row)
_Unique = Callable[[dict[str, Any]], object]


class LingxingClient:
    """One account's data, page by page and one call at a time per operation.

    Every method raises UpstreamError classes only. A row that does not fit is set aside; if none of a pull's rows
    fits, the platform has changed and UpstreamContractError is raised.
    """

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def list_sellers(self) -> Pulled[Seller]:
        """All stores of the account."""
        return _checked(SELLERS, (fit(Seller, row) for row in await self._session.whole(SELLERS)))

    async def list_fba_stock(self, store_ids: Sequence[StoreId], progress: Progress | None = None) -> Pulled[FbaStock]:
        """FBA units of the stores' listings, those without stock included; one row per warehouse and listing."""
        parameters: dict[str, JsonValue] = {
            "sid": ",".join(store_ids),
            "fulfillment_channel_type": "FBA",
            "is_hide_zero_stock": "0",
            "query_fba_storage_quantity_list": True,
        }
        unique = _by("sid", "name", "asin", "seller_sku", "fnsku")
        return await self._listed(FBA_STOCK, FbaStock, parameters, unique=unique, progress=progress)

    async def list_restock_suggestions(
        self,
        store_ids: Sequence[StoreId],
        mode: int = 0,
        data_type: int = 2,
        progress: Progress | None = None,
    ) -> Pulled[RestockSuggestion]:
        """Lingxing's suggestions. ``mode`` 0 normal, 1 through overseas warehouses; ``data_type`` 1 ASIN, 2 MSKU."""
        parameters: dict[str, JsonValue] = {"sid_list": list(store_ids), "data_type": data_type, "mode": mode}
        return await self._listed(RESTOCK, RestockSuggestion, parameters, unique=_hash_id, progress=progress)

    async def list_daily_sales(
        self, store_id: StoreId, start: date, end: date, progress: Progress | None = None
    ) -> Pulled[DailySales]:
        """Sales per listing and day from ``start`` to ``end``, both included; days that sold nothing have no row."""
        parameters: dict[str, JsonValue] = {
            "sid": int(store_id),
            "start_date": start.isoformat(),
            "end_date": end.isoformat(),
        }
        unique = _by("r_date", "seller_sku", "asin", "currency_code")
        return await self._listed(DAILY_SALES, DailySales, parameters, unique=unique, progress=progress)

    async def list_products(self, progress: Progress | None = None) -> Pulled[Product]:
        """All products of the warehouse."""
        return await self._listed(PRODUCTS, Product, {}, unique=_by("id"), progress=progress)

    async def list_own_orders(
        self, store_ids: Sequence[StoreId], since: datetime, until: datetime
    ) -> Pulled[AmazonOrder]:
        """Orders that the stores fulfil themselves and that changed on the days from ``since`` to ``until``."""
        parameters: dict[str, JsonValue] = {
            "start_date": since.astimezone(_BEIJING).date().isoformat(),
            "end_date": (until.astimezone(_BEIJING).date() + timedelta(days=1)).isoformat(),
            "date_type": _BY_CHANGE,
            "fulfillment_channel": _OWN_FULFILMENT,
        }
        rows: list[AmazonOrder] = []
        misfits: list[Quarantined] = []
        for start in range(0, len(store_ids), STORES_AT_ONCE):
            sids: list[JsonValue] = [int(store_id) for store_id in store_ids[start : start + STORES_AT_ONCE]]
            asked = {**parameters, "sid_list": sids}
            unique = _by("sid", "amazon_order_id")
            pulled = await self._listed(ORDERS, AmazonOrder, asked, unique=unique, progress=None)
            rows += (row for row in pulled.rows if row.fulfillment_channel != "AFN" and not row.is_mcf_order)
            misfits += pulled.quarantined
        return Pulled(tuple(rows), tuple(misfits))

    async def check(self) -> float:
        """Prove with one real call that address, credentials and white list are right; the seconds it took."""
        started = self._clock.now()
        await self._session.once(SELLERS, {})
        return (self._clock.now() - started).total_seconds()

    async def _listed(
        self,
        endpoint: Endpoint,
        model: type[_R],
        parameters: dict[str, JsonValue],
        *,
        unique: _Unique,
        progress: Progress | None,
    ) -> Pulled[_R]:
        """All pages, parsed as they come. Rows shift meanwhile: of those alike, the last stays."""
        rows: dict[object, _R | Quarantined] = {}

        def take(page: Sequence[Any]) -> None:
            rows.update((unique(row) if isinstance(row, dict) else object(), fit(model, row)) for row in page)

        async for page in self._session.pages(endpoint, parameters, progress):
            await asyncio.to_thread(take, page)  # a page of a thousand rows takes tens of milliseconds
        return _checked(endpoint, rows.values())


def _by(*names: str) -> _Unique:
    """The values that tell rows apart; a row without them is like no other."""

    def key(row: dict[str, Any]) -> object:
        return tuple(str(row[name]) for name in names) if all(name in row for name in names) else object()

    return key


def _hash_id(row: dict[str, Any]) -> object:
    basics = row.get("basic_info")
    return basics["hash_id"] if isinstance(basics, dict) and "hash_id" in basics else object()


def _checked(endpoint: Endpoint, rows: Iterable[_R | Quarantined]) -> Pulled[_R]:
    pulled = sorted_out(rows)
    if pulled.quarantined and not pulled.rows:
        raise endpoint.misfit(pulled.quarantined[0].reason)
    return pulled
