"""Shipments as a list to leaf through, each with its order: of 100,000 a few are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select, true, union

from storage.database import Reader
from storage.orders.rows import Order, Shipment, order_key
from storage.orders.store import HAS_WAYBILL, begins
from storage.orders.tables import orders, shipments

TaskView = Literal["planned", "under_way", "unclear", "refused", "shadow", "all"]
COUNTED_TO: Final = 1000

_IS_SHADOW: ColumnElement[bool] = literal_column("is_shadow")  # spelled as in the partial indexes
_HAS_NUMBER: ColumnElement[bool] = literal_column("waybill_no <> ''")
_OLDEST, _NEWEST = shipments.c.run_at.asc(), shipments.c.run_at.desc()
_VIEWS: Mapping[TaskView, tuple[ColumnElement[bool], ColumnElement[Any]]] = {
    "planned": (shipments.c.state == "planned", _OLDEST),
    "under_way": (shipments.c.state.in_(("shipping", "marked")), _OLDEST),
    "unclear": (shipments.c.state == "unclear", _OLDEST),
    "refused": (shipments.c.state == "refused", _NEWEST),
    "shadow": (_IS_SHADOW, _NEWEST),
    "all": (true(), _NEWEST),
}
_OF_SHIPMENT, _OF_ORDER = ([each.name for each in fields(kind)] for kind in (Shipment, Order))


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTasks:
    """Shipments of one view; with a ``text`` those whose order's number begins with it or whose waybill number it is;
    of all shops or of some ``shops``, which are sources with accounts."""

    view: TaskView = "all"
    text: str = ""
    shops: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class ShippingTask:
    """A shipment and the order it is of."""

    shipment: Shipment
    order: Order


@dataclass(frozen=True, slots=True)
class FoundTasks:
    """Some shipments, and how many there are at least; exactly so many unless the list ``goes_on``."""

    tasks: tuple[ShippingTask, ...]
    total: int
    goes_on: bool


async def list_tasks(reader: Reader, wanted: WantedTasks, *, first: int, most: int) -> FoundTasks:
    """The shipments from ``first`` on, at most ``most``: what runs first, or what ran last, at the top."""
    limit = max(COUNTED_TO, first + most)
    condition, order = _VIEWS[wanted.view]
    keys = select(shipments.c.order_key).where(condition, *_of_shops(wanted), *_sought(wanted))
    counting = select(func.count()).select_from(keys.limit(limit + 1).subquery())
    total = int((await reader.execute(counting)).scalar_one())
    part = keys.order_by(order, shipments.c.order_key).offset(first).limit(most)
    listed = (await reader.execute(part)).scalars().all()
    found = {task.order.key: task for task in await _tasks(reader, listed)}
    return FoundTasks(tuple(found[key] for key in listed), min(total, limit), total > limit)


async def load_task(reader: Reader, key: str) -> ShippingTask | None:
    """An order's shipment with the order, or None."""
    return next(iter(await _tasks(reader, [key])), None)


async def _tasks(reader: Reader, keys: Sequence[str]) -> tuple[ShippingTask, ...]:
    columns = (*(shipments.c[name] for name in _OF_SHIPMENT), *(orders.c[name] for name in _OF_ORDER))
    joined = select(*columns).join_from(shipments, orders, shipments.c.order_key == orders.c.key)
    rows = (await reader.execute(joined.where(shipments.c.order_key.in_(keys)))).all()
    apart = len(_OF_SHIPMENT)
    return tuple(
        ShippingTask(
            Shipment(**dict(zip(_OF_SHIPMENT, row[:apart], strict=True))),
            Order(**dict(zip(_OF_ORDER, row[apart:], strict=True))),
        )
        for row in rows
    )


def _of_shops(wanted: WantedTasks) -> Sequence[ColumnElement[bool]]:
    """An order's key begins with its shop."""
    if wanted.shops is None:
        return ()
    starts = (order_key(source, account_id, "") for source, account_id in wanted.shops)
    return (or_(~true(), *(func.substr(shipments.c.order_key, 1, len(start)) == start for start in starts)),)


def _sought(wanted: WantedTasks) -> Sequence[ColumnElement[bool]]:
    """What three indexes find; of each the beginning is enough."""
    if not wanted.text:
        return ()
    parts: Sequence[Select[*tuple[Any, ...]]] = (
        select(orders.c.key).where(begins(orders.c.order_id, wanted.text)).order_by(orders.c.order_id),
        select(orders.c.key).where(HAS_WAYBILL, begins(orders.c.waybill_no, wanted.text)).order_by(orders.c.waybill_no),
        select(shipments.c.order_key).where(and_(_HAS_NUMBER, shipments.c.waybill_no == wanted.text.upper())),
    )
    found = union(*(select(part.limit(COUNTED_TO + 1).subquery().c[0]) for part in parts))
    return (shipments.c.order_key.in_(found),)
