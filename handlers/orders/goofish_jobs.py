"""Taking in what 闲管家 tells: pushes, whose orders are asked for, and its list, where lost pushes are found."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.contracts.errors import UpstreamAuthError, UpstreamContractError, UpstreamUnavailable
from bot.contracts.feature import Effect, Job
from handlers.orders.jobs import take_told
from handlers.orders.matter_jobs import settle_cause
from handlers.orders.ports import OrdersDeps
from handlers.orders.translating import CLOCKS_APART, goofish_buyer, goofish_told
from integrations.goofish.models import Order, read_push, read_row
from storage.database import Reader, Transaction
from storage.matters.rows import NewMatter
from storage.matters.store import find_unsettled, open_matter
from storage.orders import store
from storage.orders.buyers import open_text, seal_buyer, seal_text
from storage.orders.events import add_events, load_event
from storage.orders.rows import GOOFISH, GOOFISH_TASK, LISTED, NewEvent, StoredEvent, order_key

POLL_TASK = "orders.goofish_poll"
STOPPED = "goofish:stopped"
"""The cause of the matter that stands while 闲管家 is asked nothing more."""
_SILENT = "goofish:silent"
_SILENT_AFTER = timedelta(minutes=30)
_FIRST_LOOK = timedelta(days=7)
_OVERLAP = timedelta(minutes=10)
_AT_ONCE = 100  # orders in one commit


async def take_goofish(job: Job, *, deps: OrdersDeps) -> Effect | None:
    """Take in one stored event: a whole order, or the one that a push names. What was forgotten, or cannot be opened
    any more, is left out; while the platform is asked nothing, the list brings it later. Raises: UpstreamError."""
    async with deps.database.glance() as reader:
        stored = await load_event(reader, str(job.payload["event"]))
        is_stopped = await find_unsettled(reader, STOPPED) is not None
    text = open_text(deps.cipher, stored.id, stored.body or "") if stored is not None else ""
    if stored is None or not text or deps.goofish is None:
        return None
    order = _listed(stored, text)
    if order is None and is_stopped:
        return None
    if order is None:
        named = json.loads(text)
        order_no = read_push(named).order_no
        order = await deps.goofish.order_detail(order_no)
    return partial(_take, order, stored.received_at, deps)


def _listed(stored: StoredEvent, text: str) -> Order | None:
    """The order out of the list, unless it is a push, or the list does not tell how many were bought."""
    order = read_row(Order, json.loads(text)) if stored.kind == LISTED else None
    return order if order is not None and order.goods.quantity is not None else None


async def _take(order: Order, seen_at: datetime, deps: OrdersDeps, tx: Transaction) -> None:
    account_id = await _account(tx, order)
    key = order_key(GOOFISH, account_id, order.order_no)
    buyer = seal_buyer(deps.cipher, key, goofish_buyer(order))
    told = goofish_told(order, account_id, buyer=buyer, seen_at=seen_at)
    await take_told(tx, told, deps, unknown="" if told.state else told.raw_status)


async def _account(reader: Reader, order: Order) -> str:
    """The shop: a known order stays in its own, whatever that is called now."""
    known = [each for each in await store.find_orders(reader, order.order_no) if each.source == GOOFISH]
    return known[0].account_id if known else order.seller_name


async def poll_goofish(job: Job, *, deps: OrdersDeps) -> Effect | None:
    """Look for orders that changed since the last look, and store those whose change nobody told.

    A look that fails begins anew with the next one. Raises: UpstreamAuthError, UpstreamRateLimited, UpstreamRejected.
    """
    if deps.goofish is None:
        return None
    async with deps.database.read() as reader:
        last = await store.read_until(reader, GOOFISH)
        if await find_unsettled(reader, STOPPED) is not None:
            return None
    now = deps.clock.now()
    since = last - _OVERLAP if last else now - _FIRST_LOOK
    try:
        found = (await deps.goofish.list_orders(since, now + CLOCKS_APART)).rows
    except (UpstreamUnavailable, UpstreamContractError):
        return partial(_tell_silence, last, deps) if last is not None and now - last > _SILENT_AFTER else None
    for start in range(0, len(found), _AT_ONCE):
        async with deps.database.begin() as tx:
            await _store_new(tx, found[start : start + _AT_ONCE], deps)

    async def effect(tx: Transaction) -> None:
        await store.note_read(tx, GOOFISH, now)
        await settle_cause(tx, _SILENT, now)

    return effect


async def _tell_silence(since: datetime, deps: OrdersDeps, tx: Transaction) -> None:
    details = {"since": f"{since.astimezone(deps.zone):%m-%d %H:%M}"}
    await open_matter(tx, NewMatter(kind="goofish_silent", fingerprint=_SILENT, details=details), now=deps.clock.now())


async def _store_new(tx: Transaction, orders: Sequence[Order], deps: OrdersDeps) -> None:
    known = await store.told_when(tx, GOOFISH, [order.order_no for order in orders])
    new = [order for order in orders if _is_newer(order, known.get(order.order_no))]
    await add_events(tx, [_event(order, deps) for order in new])


def _is_newer(order: Order, told_at: datetime | None) -> bool:
    return told_at is None or order.update_time is None or order.update_time > told_at


def _event(order: Order, deps: OrdersDeps) -> NewEvent:
    our_id = deps.new_id()
    changed_at = int(order.update_time.timestamp()) if order.update_time else 0
    return NewEvent(
        id=our_id,
        source=GOOFISH,
        event_id=f"{order.order_no}-{order.order_status}-{order.refund_status}-{changed_at}-listed",
        kind=LISTED,
        subject=order.order_no,
        body=seal_text(deps.cipher, our_id, order.model_dump_json()),
        received_at=deps.clock.now(),
        task=GOOFISH_TASK,
    )


def stop_goofish(_job: Job, error: BaseException, *, deps: OrdersDeps) -> Effect | None:
    """Somebody must mend what the platform refuses: until the matter is settled it is asked nothing more."""
    if not isinstance(error, UpstreamAuthError):
        return None
    kind = "goofish_grant" if error.code == "goofish_grant" else "goofish_key"
    details = {"code": error.values.get("platform_code", "")}
    stopped = NewMatter(kind=kind, fingerprint=STOPPED, details=details, is_urgent=True)

    async def effect(tx: Transaction) -> None:
        await open_matter(tx, stopped, now=deps.clock.now())

    return effect
