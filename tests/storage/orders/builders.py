"""Orders and events with only what matters named."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ClauseElement, Executable, text
from sqlalchemy.dialects import sqlite

from storage.database import Database, Reader, Rows
from storage.orders.rows import NewEvent, Order, order_key

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_ORDER = Order(
    key="",
    source="xianyu",
    account_id="shop-a",
    order_id="",
    status="paid",
    status_at=NOW,
    refund_at=NOW,
    told_at=NOW,
    item_id="900000000001",
    sku_text="黑色 128G",
    title="演示商品",
    amount=Decimal("19.90"),
    currency="CNY",
    ship_by=NOW,
    first_seen_at=NOW,
)


def an_order(order_id: str = "1000000000000000001", **changed: Any) -> Order:
    """A paid order, ``changed``."""
    order = replace(_ORDER, order_id=order_id, **changed)
    return replace(order, key=order_key(order.source, order.account_id, order_id))


def an_event(our_id: str, event_id: str, source: str = "xianyu") -> NewEvent:
    """A delivery about one order."""
    return NewEvent(
        id=our_id,
        source=source,
        event_id=event_id,
        kind="order.paid",
        subject="shop-a/1",
        body="sealed",
        received_at=NOW,
    )


class Explained(Reader):
    """A reader that also notes how SQLite finds what it is asked for."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.plans: list[str] = []

    @property
    def dialect(self) -> str:
        return self._reader.dialect

    async def execute(self, statement: Executable, parameters: Any = None) -> Rows:
        named = sqlite.dialect(paramstyle="named")
        compiled = cast(ClauseElement, statement).compile(dialect=named, compile_kwargs={"render_postcompile": True})
        bound = {name: 0 if isinstance(value, datetime) else value for name, value in compiled.params.items()}
        plan = await self._reader.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), bound)
        self.plans += [str(row.detail) for row in plan]
        return await self._reader.execute(statement, parameters)


async def plans_of(database: Database, asked: Sequence[Any]) -> list[str]:
    """How SQLite finds what each of ``asked`` asks a reader for."""
    async with database.read() as reader:
        explained = Explained(reader)
        for ask in asked:
            await ask(explained)
    return explained.plans
