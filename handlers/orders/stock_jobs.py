"""Pieces that are counted: off when a parcel goes out, back when it did not, and told when they run low; the end of a
shipment."""

from dataclasses import replace

from handlers.orders.key_jobs import release_keys
from handlers.orders.matter_jobs import settle_cause, tell_cause
from handlers.orders.ports import OrdersDeps
from handlers.orders.shipping import Effective, effective, ended_by
from storage.database import Transaction
from storage.orders.rows import Order, Shipment, ShippingSetting
from storage.orders.shipping import change_stock, put_shipment, settings_for


async def count_off(
    tx: Transaction, order: Order, shipment: Shipment, chosen: Effective, deps: OrdersDeps
) -> Shipment | None:
    """The shipment with the pieces counted off for it; None if there are too few for it to go out by itself."""
    place = chosen.counted_at
    if order.delivery_kind == "virtual" or place is None or chosen.stock is None or shipment.taken:
        return shipment
    pieces = min(order.pieces, chosen.stock) if shipment.person_id else order.pieces
    left = await change_stock(tx, place, -pieces)
    if left is None:
        return shipment if shipment.person_id else None
    if left < chosen.low_stock:
        await _tell_low(tx, place, chosen.low_stock, deps)
    return replace(shipment, taken=pieces)


async def end_shipment(tx: Transaction, order: Order, shipment: Shipment, deps: OrdersDeps) -> Shipment:
    """The shipment of an order that needs none any more; what was meant for it and did not go out is for others."""
    ended = replace(shipment, state=ended_by(order, shipment) or shipment.state)
    await release_keys(tx, order, ended, deps)
    if ended.taken and ended.state in ("refused", "cancelled"):
        place = effective(await settings_for(tx, order.account_id, order.item_id), order).counted_at
        if place is not None:
            await change_stock(tx, place, ended.taken)
        ended = replace(ended, taken=0)
    if ended != shipment:
        ended = replace(ended, changed_at=deps.clock.now())
        await put_shipment(tx, ended)
    return ended


async def watch_stock(tx: Transaction, place: ShippingSetting, chosen: Effective, deps: OrdersDeps) -> None:
    """Open the alarm of the pieces that are counted at ``place``, or end it."""
    if place.stock is not None and place.stock < chosen.low_stock:
        await _tell_low(tx, place, chosen.low_stock, deps)
    else:
        await settle_cause(tx, _cause(place), deps.clock.now())


async def _tell_low(tx: Transaction, place: ShippingSetting, limit: int, deps: OrdersDeps) -> None:
    what = f"{place.item_id or place.account_id} {place.variant}".strip()
    details = {"what": what, "limit": str(limit), "number": place.item_id or place.account_id}
    await tell_cause(tx, _cause(place), "stock_low", details, deps.clock.now())


def _cause(place: ShippingSetting) -> str:
    return f"stock:{place.account_id}:{place.item_id}:{place.variant}"
