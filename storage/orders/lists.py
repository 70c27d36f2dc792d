"""Orders as lists to leaf through: of a million of them a few are read, and no more are counted than is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select, true, tuple_, union

from storage.database import Reader
from storage.orders.rows import Order
from storage.orders.store import HAS_WAYBILL, IS_PAID, begins, items_like
from storage.orders.tables import orders

View = Literal["to_ship", "refunding", "shipped", "all"]
COUNTED_TO: Final = 1000

_IS_ASKED_BACK: ColumnElement[bool] = literal_column("refund = 'requested'")  # spelled as in the partial indexes
_IS_SHIPPED: ColumnElement[bool] = literal_column("status = 'shipped'")
_NEWEST = orders.c.first_seen_at.desc()
_SHOP = (orders.c.source, orders.c.account_id)
_VIEWS: Mapping[View, tuple[ColumnElement[bool], ColumnElement[Any]]] = {
    "to_ship": (and_(IS_PAID, orders.c.refund.in_(("none", "closed"))), orders.c.ship_by.asc()),
    "refunding": (
        and_(_IS_ASKED_BACK, orders.c.status.not_in(("completed", "closed", "refunded"))),
        orders.c.refund_at.asc(),
    ),
    "shipped": (_IS_SHIPPED, orders.c.status_at.desc()),
    "all": (true(), _NEWEST),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Orders of one view; with a ``text`` those that it finds, see ``store.search_orders``; of all shops or of some
    ``shops``, which are sources with accounts."""

    view: View = "all"
    text: str = ""
    shops: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Some orders, and how many there are at least; exactly so many unless the list ``goes_on``."""

    orders: tuple[Order, ...]
    total: int
    goes_on: bool


async def list_orders(reader: Reader, wanted: Wanted, *, first: int, most: int, counted_to: int = COUNTED_TO) -> Found:
    """The orders from ``first`` on, at most ``most``: what must go first, was asked back first or is new first.

    They are counted to ``counted_to`` or behind those; a search finds so many by number and so many of each item.
    """
    limit = max(counted_to, first + most)
    beginning = counted_to if wanted.text else limit  # what is sought has no order until it is found
    found = _together(await _parts(reader, wanted), beginning + 1)
    counting = select(func.count()).select_from(found.with_only_columns(orders.c.key).limit(limit + 1).subquery())
    total = int((await reader.execute(counting)).scalar_one())
    order = _NEWEST if wanted.text else _VIEWS[wanted.view][1]
    rows = await reader.execute(found.order_by(order, orders.c.key).offset(first).limit(most))
    return Found(tuple(Order(**row._mapping) for row in rows), min(total, limit), total > beginning)


async def _parts(reader: Reader, wanted: Wanted) -> Sequence[Select[*tuple[Any, ...]]]:
    """Lists that an index serves each; together they hold what is wanted."""
    condition, _ = _VIEWS[wanted.view]
    listed = select(orders).where(condition)
    if not wanted.text:
        if wanted.shops is None:
            return [listed]
        if wanted.view == "all":
            return [listed.where(*_is_of(shop)).order_by(_NEWEST) for shop in wanted.shops] or [listed.where(~true())]
        return [listed.where(tuple_(*_SHOP).in_(wanted.shops))]
    if wanted.shops is not None:
        listed = listed.where(tuple_(*_SHOP).in_(wanted.shops))
    return [
        listed.where(begins(orders.c.order_id, wanted.text)).order_by(orders.c.order_id),
        listed.where(HAS_WAYBILL, begins(orders.c.waybill_no, wanted.text)).order_by(orders.c.waybill_no),
        *(
            listed.where(orders.c.item_id == item_id).order_by(_NEWEST)
            for item_id in await items_like(reader, wanted.text)
        ),
    ]


def _is_of(shop: tuple[str, str]) -> tuple[ColumnElement[bool], ...]:
    return tuple(column == part for column, part in zip(_SHOP, shop, strict=True))


def _together(parts: Sequence[Select[*tuple[Any, ...]]], most: int) -> Select[*tuple[Any, ...]]:
    """One list of several, of each of which the beginning is enough."""
    if len(parts) == 1:
        return parts[0].order_by(None)
    keys = (select(part.with_only_columns(orders.c.key).limit(most).subquery().c.key) for part in parts)
    return select(orders).where(orders.c.key.in_(union(*keys)))
