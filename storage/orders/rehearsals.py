"""What shadow mode would have shipped, beside what people did with the same orders."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select

from storage.database import Reader
from storage.orders.tables import order_lines, orders

_IS_SHADOW: ColumnElement[bool] = literal_column("kind = 'shadow'")  # spelled as in the partial index
_SHIPPED = ("shipped", "completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """An order that would have gone out ``at``, by ``express_code``. ``done_at`` is when people shipped it, by
    ``done_code`` (empty: without a parcel, or not told); None if they have not."""

    source: str
    account_id: str
    item_id: str
    title: str
    at: datetime
    express_code: str
    done_at: datetime | None
    done_code: str

    @property
    def account(self) -> str:
        """The shop, as grants name it."""
        return f"{self.source}:{self.account_id}"


async def list_rehearsals(reader: Reader, *, since: datetime, limit: int) -> tuple[Rehearsal, ...]:
    """Up to ``limit`` rehearsals since then, the newest first; of an order that was rehearsed again, the first one."""
    newest = select(order_lines.c.order_key).where(_IS_SHADOW, order_lines.c.at >= since)
    keys = newest.order_by(order_lines.c.at.desc()).limit(limit).subquery()
    lines = select(order_lines).where(order_lines.c.order_key.in_(select(keys.c.order_key))).subquery()
    is_shadow, is_by_hand = lines.c.kind == "shadow", lines.c.kind == "by_hand"
    when = (
        select(
            lines.c.order_key,
            func.min(lines.c.id).filter(is_shadow).label("first"),
            func.min(lines.c.at).filter(is_by_hand).label("by_hand_at"),
        )
        .group_by(lines.c.order_key)
        .subquery()
    )
    columns = (
        *(orders.c[name] for name in ("source", "account_id", "item_id", "title", "status", "status_at")),
        orders.c.express_code.label("done_code"),
        order_lines.c.at,
        order_lines.c.text.label("express_code"),
        when.c.by_hand_at,
    )
    joined = (
        select(*columns)
        .join_from(when, orders, orders.c.key == when.c.order_key)
        .join(order_lines, (order_lines.c.order_key == when.c.order_key) & (order_lines.c.id == when.c.first))
    )
    rows = await reader.execute(joined.order_by(order_lines.c.at.desc()))
    return tuple(
        Rehearsal(
            source=row.source,
            account_id=row.account_id,
            item_id=row.item_id,
            title=row.title,
            at=row.at,
            express_code=row.express_code,
            done_at=(row.by_hand_at or row.status_at) if row.status in _SHIPPED else None,
            done_code=row.done_code,
        )
        for row in rows
    )
