"""Orders by key; lists and searches that touch a few rows however many there are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, literal_column, or_, select, tuple_

from storage.database import Reader, Transaction
from storage.orders.rows import TOPIC, Channel, Line, Order, Shipment
from storage.orders.tables import order_channels, order_items, order_lines, order_polls, orders
from storage.upsert import insert_into

_MOST_ITEMS = 10  # whose orders a search shows
_BEHIND_ALL = "\U0010ffff"
IS_PAID: ColumnElement[bool] = literal_column("status = 'paid'")  # spelled as in the partial indexes
HAS_WAYBILL: ColumnElement[bool] = literal_column("waybill_no <> ''")
_HAS_CHAT: ColumnElement[bool] = literal_column("chat_id <> ''")
_BY_KEY = select(orders).where(orders.c.key == bindparam("key"))  # asked by every event: building it costs most
_LOCKED = _BY_KEY.with_for_update()
_CHANNEL = select(order_channels).where(
    order_channels.c.source == bindparam("source"), order_channels.c.account_id == bindparam("account_id")
)
_ITEM = ("source", "account_id", "item_id", "title")


async def load_order(reader: Reader, key: str) -> Order | None:
    """The order; within a transaction nobody else changes it until the commit."""
    statement = _LOCKED if isinstance(reader, Transaction) else _BY_KEY
    row = (await reader.execute(statement, {"key": key})).one_or_none()
    return None if row is None else _order(row)


async def put_order(tx: Transaction, order: Order, *, before: Order | None = None) -> None:
    """Keep the order as it now stands, and what its item is called unless that stood in the order ``before`` too."""
    tx.tell(TOPIC)
    await tx.put_many(orders, Order.__slots__, [values_of(order)])
    is_named = before is not None and (before.item_id, before.title) == (order.item_id, order.title)
    if order.item_id and order.title and not is_named:
        item = (order.source, order.account_id, order.item_id, order.title)
        await tx.put_many(order_items, _ITEM, [item])


async def find_orders(reader: Reader, order_id: str) -> tuple[Order, ...]:
    """The orders with exactly this number, one per source and account that has it."""
    return await _listed(reader, select(orders).where(orders.c.order_id == order_id).order_by(orders.c.key).limit(9))


async def told_when(reader: Reader, source: str, order_ids: Sequence[str]) -> Mapping[str, datetime]:
    """When the platform last changed those of a source's orders that are known, by their numbers."""
    statement = select(orders.c.order_id, orders.c.told_at)
    same = statement.where(orders.c.order_id.in_(order_ids), orders.c.source == source)
    return {order_id: told_at for order_id, told_at in (await reader.execute(same)).all()}


async def read_until(reader: Reader, source: str) -> datetime | None:
    """Up to when a source's changes were read out of its list, or None if they never were."""
    known = select(order_polls.c.read_until).where(order_polls.c.source == source)
    return (await reader.execute(known)).scalar_one_or_none()


async def note_read(tx: Transaction, source: str, until: datetime) -> None:
    """Remember up to when a source's changes were read."""
    row = {"source": source, "read_until": until}
    statement = insert_into(order_polls, tx).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["source"], set_=row))


async def newest_orders(reader: Reader, *, limit: int) -> tuple[Order, ...]:
    """The ``limit`` orders that were first seen last."""
    return await _listed(reader, select(orders).order_by(orders.c.first_seen_at.desc()).limit(limit))


async def orders_to_ship(reader: Reader, *, limit: int) -> tuple[Order, ...]:
    """Up to ``limit`` paid orders, those that must go first; some of them may be asked back."""
    return await _listed(reader, select(orders).where(IS_PAID).order_by(orders.c.ship_by).limit(limit))


async def keys_to_ship(
    reader: Reader, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[tuple[datetime, str]]:
    """When each of up to ``limit`` paid orders must go, and its key: those behind ``after``, the most urgent first."""
    place = (orders.c.ship_by, orders.c.key)
    statement = select(*place).where(IS_PAID, orders.c.ship_by.is_not(None)).order_by(*place).limit(limit)
    if after is not None:
        statement = statement.where(orders.c.ship_by >= after[0], tuple_(*place) > after)
    return [(ship_by, key) for ship_by, key in (await reader.execute(statement)).all()]


async def orders_waiting_for(
    reader: Reader, *, account_ids: Collection[str], item_ids: Collection[str], limit: int
) -> tuple[Order, ...]:
    """Up to ``limit`` paid orders of some shops and some items, those that must go first; without either, of all."""
    of_any = or_(orders.c.account_id.in_(account_ids), orders.c.item_id.in_(item_ids))
    concerned = (of_any,) if account_ids or item_ids else ()
    return await _listed(reader, select(orders).where(IS_PAID, *concerned).order_by(orders.c.ship_by).limit(limit))


async def count_paid(reader: Reader) -> int:
    """How many orders are paid and not shipped."""
    return int((await reader.execute(select(func.count()).select_from(orders).where(IS_PAID))).scalar_one())


async def search_orders(reader: Reader, text: str, *, limit: int) -> tuple[Order, ...]:
    """Up to ``limit`` orders whose number, waybill number or item's number begins with ``text``, or whose item's title
    holds it; the newest first."""
    by_number = select(orders).where(begins(orders.c.order_id, text)).order_by(orders.c.order_id)
    by_waybill = select(orders).where(HAS_WAYBILL, begins(orders.c.waybill_no, text)).order_by(orders.c.waybill_no)
    found = [*await _listed(reader, by_number.limit(limit)), *await _listed(reader, by_waybill.limit(limit))]
    for item_id in await items_like(reader, text):
        of_item = select(orders).where(orders.c.item_id == item_id).order_by(orders.c.first_seen_at.desc())
        found += await _listed(reader, of_item.limit(limit))
    each = {order.key: order for order in found}
    return tuple(sorted(each.values(), key=lambda order: order.first_seen_at, reverse=True)[:limit])


async def items_like(reader: Reader, text: str) -> Sequence[str]:
    """Numbers of some items whose number begins with ``text`` or whose title holds it."""
    is_meant = or_(begins(order_items.c.item_id, text), order_items.c.title.icontains(text, autoescape=True))
    return (
        (await reader.execute(select(order_items.c.item_id).distinct().where(is_meant).limit(_MOST_ITEMS)))
        .scalars()
        .all()
    )


def begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """True for what begins with ``text``, byte by byte: an index serves it."""
    return and_(column >= text, column < text + _BEHIND_ALL)


async def is_account(reader: Reader, account_id: str) -> bool:
    """True if the shop has sold something."""
    one = select(order_items.c.item_id).where(order_items.c.account_id == account_id).limit(1)
    return (await reader.execute(one)).first() is not None


async def is_item(reader: Reader, item_id: str) -> bool:
    """True if any order is of the item."""
    one = select(orders.c.key).where(orders.c.item_id == item_id).limit(1)
    return (await reader.execute(one)).first() is not None


async def order_of_chat(reader: Reader, source: str, account_id: str, chat_id: str) -> Order | None:
    """The newest order that was made in a chat, or None."""
    here = (_HAS_CHAT, orders.c.chat_id == chat_id, orders.c.source == source, orders.c.account_id == account_id)
    found = await _listed(reader, select(orders).where(*here).order_by(orders.c.first_seen_at.desc()).limit(1))
    return found[0] if found else None


async def add_line(tx: Transaction, line: Line) -> None:
    """Add a line to an order's timeline."""
    tx.tell(TOPIC)
    await tx.insert_many(order_lines, Line.__slots__, [values_of(line)])


async def list_lines(reader: Reader, key: str, *, limit: int) -> tuple[Line, ...]:
    """The newest ``limit`` lines of an order's timeline, oldest first."""
    mine = select(order_lines).where(order_lines.c.order_key == key).order_by(order_lines.c.id.desc()).limit(limit)
    rows = (await reader.execute(mine)).all()
    return tuple(Line(**row._mapping) for row in reversed(rows))


async def load_channel(reader: Reader, source: str, account_id: str) -> Channel | None:
    """How a shop's channel stands, or None if nobody told."""
    row = (await reader.execute(_CHANNEL, {"source": source, "account_id": account_id})).one_or_none()
    return None if row is None else Channel(**row._mapping)


async def put_channel(tx: Transaction, channel: Channel) -> None:
    """Remember how a shop's channel stands."""
    row = asdict(channel)
    statement = insert_into(order_channels, tx).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["source", "account_id"], set_=row))


def values_of(row: Order | Line | Shipment) -> tuple[Any, ...]:
    """The row's values in the order of its slots, which are the names of its columns."""
    return tuple(getattr(row, name) for name in row.__slots__)


async def _listed(reader: Reader, statement: Select[*tuple[object, ...]]) -> tuple[Order, ...]:
    return tuple(_order(row) for row in await reader.execute(statement))


def _order(row: Row[*tuple[object, ...]]) -> Order:
    return Order(**row._mapping)
