"""Orders that stores in Lingxing fulfil themselves: read out of its list, shipped there."""

from datetime import datetime, timedelta

from bot.contracts.errors import UpstreamAuthError, UpstreamContractError, UpstreamUnavailable
from bot.contracts.feature import Effect, Job
from bot.contracts.quantities import StoreId
from handlers.orders.jobs import take_told
from handlers.orders.ports import OrdersDeps
from handlers.orders.rules import Told
from handlers.orders.translating import amazon_told
from storage.catalog.rows import ACCOUNT
from storage.catalog.store import age_of, list_stores
from storage.database import Transaction
from storage.orders import store
from storage.orders.rows import LINGXING

LINGXING_POLL_TASK = "orders.lingxing_poll"
_FIRST_LOOK = timedelta(days=3)
_OVERLAP = timedelta(hours=1)
_WORKING = 1


async def poll_lingxing(_job: Job, *, deps: OrdersDeps) -> Effect | None:
    """Look for orders that changed since the last look. What fails is looked for again by the next look: the pulls of
    stock and sales tell of a Lingxing that is gone. Raises: UpstreamRateLimited, UpstreamRejected."""
    now, since, store_ids = deps.clock.now(), *await _where_to_look(deps)
    if deps.lingxing is None or not store_ids:
        return None
    begin = since - _OVERLAP if since else now - _FIRST_LOOK
    try:
        found = (await deps.lingxing.list_own_orders(store_ids, begin, now)).rows
    except (UpstreamAuthError, UpstreamUnavailable, UpstreamContractError):
        return None
    for order in found:
        if order.gmt_modified_utc >= begin:
            await _take(amazon_told(order, seen_at=now), deps)

    async def effect(tx: Transaction) -> None:
        await store.note_read(tx, LINGXING, now)

    return effect


async def _where_to_look(deps: OrdersDeps) -> tuple[datetime | None, list[StoreId]]:
    """Up to when was read, and the stores that work; none while Lingxing refuses us."""
    async with deps.database.read() as reader:
        sellers = await age_of(reader, ACCOUNT, "sellers")
        stores = () if sellers.last_error_code else await list_stores(reader)
        since = await store.read_until(reader, LINGXING)
    return since, [each.store_id for each in stores if each.status == _WORKING]


async def _take(told: Told, deps: OrdersDeps) -> None:
    """Keep what is new; an order that nobody waits for and nobody knows stays out."""
    async with deps.database.begin() as tx:
        known = await store.load_order(tx, told.key)
        is_news = told.state in ("pending_payment", "paid") if known is None else told.at > known.told_at
        if is_news:
            await take_told(tx, told, deps, unknown="" if told.state else told.raw_status)
