"""Card keys in the order's transaction: reserved, handed over, released; the alarms of pools; and what is done when the
database may be older than what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.contracts.errors import ConflictError
from handlers.orders.content import filled, masked_key
from handlers.orders.matter_jobs import settle_cause, tell_cause
from handlers.orders.ports import OrdersDeps
from handlers.orders.shipping import BUT_TIME, Effective, KeyStock, Situation, checks, effective, first_stop, pool_for
from storage.credentials.cipher import UnreadableSecretError
from storage.database import Reader, Transaction
from storage.matters.store import find_unsettled
from storage.orders import keys
from storage.orders.key_witness import home_of, is_older
from storage.orders.rows import REPLAN_TASK, KeyPool, KeysAdded, Order, Shipment
from storage.orders.shipping import settings_for

Reserved = Literal["reserved", "none", "held", "short"]
"""none: the item has no pool; held: nothing leaves it; short: it has too few."""
_HOME = "home"


@dataclass(frozen=True, slots=True)
class Handed:
    """What a command hands to the buyer, and the id of that delivery; both empty if it carries nothing."""

    delivery_id: str = ""
    content: str = field(default="", repr=False)


async def stock_for(reader: Reader, order: Order) -> KeyStock:
    """Card keys for an order; nothing is asked for goods that need none."""
    if order.delivery_kind != "virtual":
        return KeyStock()
    pool = pool_for(await keys.pools_of(reader, order.item_id), order)
    own = [key for key in await keys.keys_of(reader, order.key) if key.unit_no <= order.pieces]
    lacking = order.pieces - len(own)
    free = await keys.count_free(reader, pool.id, most=lacking) if pool and lacking > 0 else 0
    return KeyStock(pool=pool, own=len(own), free=free)


async def reserve_keys(tx: Transaction, order: Order, chosen: Effective, deps: OrdersDeps) -> Reserved:
    """Let the locked order have one key for each of its pieces, or no more than it has; goods without keys have all."""
    if order.delivery_kind != "virtual":
        return "reserved"
    pool = pool_for(await keys.pools_of(tx, order.item_id), order)
    if pool is None or pool.held_since is not None:
        return "none" if pool is None else "held"
    now, own = deps.clock.now(), {key.unit_no for key in await keys.keys_of(tx, order.key)}
    missing = [unit_no for unit_no in range(1, order.pieces + 1) if unit_no not in own]
    if missing and not await keys.reserve(tx, pool, order.key, missing, now=now):
        await _tell_empty(tx, pool, order, deps)
        return "short"
    if len(own) + len(missing) > order.pieces:
        await keys.release(tx, order.key, now=now, above=order.pieces)
    if missing:
        await _tell_low(tx, pool, chosen.low_stock, deps)
    return "reserved"


async def let_go(
    tx: Transaction, order: Order, shipment: Shipment | None, situation: Situation, deps: OrdersDeps
) -> None:
    """Of an order that does not go out by itself now: what it had reserved is free, and too few keys are told."""
    pool, stop = situation.keys.pool, first_stop(checks(situation), ignoring=BUT_TIME)
    if pool is None:
        return
    if shipment is not None and shipment.state == "cancelled" and situation.keys.own:
        await release_keys(tx, order, shipment, deps)
    if stop is not None and stop.name == "keys" and pool.held_since is None:
        await _tell_empty(tx, pool, order, deps)


async def reserve_by_hand(tx: Transaction, order: Order, deps: OrdersDeps) -> None:
    """The same for somebody who ships; without a pool the order will only be marked. Raises: ConflictError."""
    chosen = effective(await settings_for(tx, order.account_id, order.item_id), order)
    found = await reserve_keys(tx, order, chosen, deps)
    if found in ("held", "short"):
        raise ConflictError(code=f"keys_{found}", values={"order": order.order_id, "item": order.item_id})


async def release_keys(tx: Transaction, order: Order, shipment: Shipment, deps: OrdersDeps) -> None:
    """The order waits for no key any more: what nobody was told of is free, what it was shipped with is confirmed."""
    if order.delivery_kind != "virtual":
        return
    now = deps.clock.now()
    if shipment.state == "confirmed":
        await keys.move_keys(tx, order.key, "sent", "confirmed", now=now)
    if await keys.release(tx, order.key, now=now) and await _is_missed(tx, order):
        await tx.submit(REPLAN_TASK, {}, key=f"replan:keys:{order.key}:{shipment.round}")


async def _is_missed(reader: Reader, order: Order) -> bool:
    """Others wait for keys of the order's item."""
    told = [await find_unsettled(reader, _cause(pool)) for pool in await keys.pools_of(reader, order.item_id)]
    return any(matter is not None and matter.kind == "keys_empty" for matter in told)


async def hand_over(
    tx: Transaction, order: Order, shipment: Shipment, chosen: Effective, deps: OrdersDeps
) -> Handed | None:
    """Fix what the shipment's command hands to the buyer; None if that cannot be all of it."""
    if order.delivery_kind != "virtual" or shipment.has_own_way:
        return Handed()
    found = await reserve_keys(tx, order, chosen, deps)
    if found != "reserved":
        return Handed() if found == "none" and shipment.person_id else None
    now = deps.clock.now()
    opened = [keys.open_key(deps.cipher, key) for key in await keys.keys_of(tx, order.key)]
    if not all(opened):  # encrypted with a key that was lost
        await keys.hold_pools(tx, now=now)
        await tell_held(tx, deps)
        return None
    handed = Handed(deps.new_id(), filled(chosen.template, opened, order))
    await keys.move_keys(tx, order.key, "reserved", "sent", now=now)
    await keys.put_delivery(
        tx,
        deps.cipher,
        order.key,
        handed.content,
        command_id=shipment.command_id,
        delivery_id=handed.delivery_id,
        now=now,
    )
    return handed


async def handed_over(tx: Transaction, order: Order, shipment: Shipment, deps: OrdersDeps) -> Handed | None:
    """What the shipment's command was to hand over; None if it must not be repeated now: what became of the keys is not
    certain."""
    if order.delivery_kind != "virtual":
        return Handed()
    try:
        found = await keys.load_delivery(tx, deps.cipher, order.key, shipment.command_id)
    except UnreadableSecretError:
        return None
    if found is None:
        return Handed()
    pool = pool_for(await keys.pools_of(tx, order.item_id), order)
    return None if pool is not None and pool.held_since is not None else Handed(*found)


async def masked_keys(reader: Reader, order: Order, deps: OrdersDeps) -> tuple[str, ...]:
    """What tells the order's keys apart, and no more."""
    if order.delivery_kind != "virtual":
        return ()
    return tuple(masked_key(keys.open_key(deps.cipher, key)) for key in await keys.keys_of(reader, order.key))


async def take_back(tx: Transaction, order: Order, deps: OrdersDeps) -> None:
    """The platform refused the command: nothing of it was done, the keys are the order's still."""
    if order.delivery_kind == "virtual":
        await keys.move_keys(tx, order.key, "sent", "reserved", now=deps.clock.now())


async def take_in_keys(
    tx: Transaction, place: KeyPool, found: Sequence[str], deps: OrdersDeps, *, is_delivered: bool = False
) -> KeysAdded:
    """Put keys into the pool at ``place`` (its ``id`` does not matter), which is made if need be; with ``is_delivered``
    they are never given to anybody. Its alarm ends if there are enough now; orders that wait are looked at again."""
    now, pool_id = deps.clock.now(), deps.new_id()
    pool = await keys.make_pool(tx, replace(place, id=pool_id, held_since=None))
    put = keys.set_aside if is_delivered else keys.add_keys
    added = await put(tx, deps.cipher, pool, found, new_id=deps.new_id, now=now)
    await watch_pool(tx, pool, deps)
    await tell_held(tx, deps)
    await tx.submit(REPLAN_TASK, {}, key=f"replan:keys:{pool_id}")
    return added


async def watch_pool(tx: Transaction, pool: KeyPool, deps: OrdersDeps) -> None:
    """Open the pool's alarm if it has fewer keys than is set, end it if it has enough."""
    limit = await limit_of(tx, pool, deps)
    if await keys.count_free(tx, pool.id, most=max(limit, 1)) >= max(limit, 1):
        await settle_cause(tx, _cause(pool), deps.clock.now())
    else:
        await _tell_low(tx, pool, limit, deps)


async def limit_of(reader: Reader, pool: KeyPool, deps: OrdersDeps) -> int:
    """Below how many free keys the pool is told of."""
    settings = await settings_for(reader, pool.account_id, pool.item_id)
    return effective(settings, _any_order(pool, deps)).low_stock


async def watch_pools(tx: Transaction, deps: OrdersDeps) -> None:
    """The same for all pools, after a setting changed."""
    for stock in await keys.list_pools(tx):
        await watch_pool(tx, stock.pool, deps)


def _any_order(pool: KeyPool, deps: OrdersDeps) -> Order:
    """An order that the pool serves, to see what goes for it."""
    now = deps.clock.now()
    return Order(
        key="",
        source="",
        account_id=pool.account_id,
        order_id="",
        item_id=pool.item_id,
        sku_text=pool.variant,
        status_at=now,
        refund_at=now,
        told_at=now,
        first_seen_at=now,
    )


async def _tell_low(tx: Transaction, pool: KeyPool, limit: int, deps: OrdersDeps) -> None:
    if limit and await keys.count_free(tx, pool.id, most=limit) < limit:
        details = {**_shown(pool), "limit": str(limit)}
        await tell_cause(tx, _cause(pool), "keys_low", details, deps.clock.now())


async def _tell_empty(tx: Transaction, pool: KeyPool, order: Order, deps: OrdersDeps) -> None:
    """An order waits for keys."""
    details = {**_shown(pool), "item": order.title or order.item_id}
    await tell_cause(tx, _cause(pool), "keys_empty", details, deps.clock.now())


def _cause(pool: KeyPool) -> str:
    return f"keys:{pool.id}"


def _shown(pool: KeyPool) -> dict[str, str]:
    variant = f" {pool.variant}" if pool.variant else ""
    return {"pool": f"{pool.item_id}{variant}", "number": pool.item_id}


async def look_back(deps: OrdersDeps) -> None:
    """Once per process, before any key leaves: if the database may be older than what was sent, every pool is held."""
    if deps.witness.is_checked:
        return
    noted = await deps.witness.noted()
    async with deps.database.begin() as tx:
        now, unknown = deps.clock.now(), await keys.unknown_deliveries(tx, noted or ())
        home, last_home = await home_of(tx), await keys.load_mark(tx, _HOME)
        is_file, has_delivered = deps.database.is_sqlite, await keys.has_delivered(tx)
        is_elsewhere = bool(home) and last_home is not None and home != last_home
        if is_elsewhere or is_older(noted, unknown, has_delivered=has_delivered, is_file=is_file):
            await keys.hold_pools(tx, now=now)
            await keys.note_gaps(tx, unknown, now=now)
        if home and home != last_home:
            await keys.put_mark(tx, _HOME, home)
        await tell_held(tx, deps)
    await deps.witness.begin()
    deps.witness.is_checked = True


async def tell_held(tx: Transaction, deps: OrdersDeps) -> None:
    """Every pool that is held is a matter."""
    for stock in await keys.list_pools(tx):
        if stock.pool.held_since is not None:
            await tell_cause(tx, held_cause(stock.pool), "keys_held", _shown(stock.pool), deps.clock.now())


def held_cause(pool: KeyPool) -> str:
    """One matter at a time for a pool that is held."""
    return f"keys_held:{pool.id}"
