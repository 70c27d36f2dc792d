"""The team's own alarm rules by number."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from storage.alerts.rows import Watch, WatchState
from storage.alerts.tables import watches
from storage.database import Reader, Transaction
from storage.upsert import insert_into


async def next_number(reader: Reader) -> int:
    """The number of the next rule; somebody may take it before the transaction."""
    newest = (await reader.execute(select(func.max(watches.c.number)))).scalar_one()
    return int(newest or 0) + 1


async def add_watch(tx: Transaction, watch: Watch) -> bool:
    """Store a new rule; False if its number is taken."""
    row = asdict(watch) | {"store_ids": list(watch.store_ids)}
    return (await tx.execute(insert_into(watches, tx).values(row).on_conflict_do_nothing())).rowcount == 1


async def load_watch(reader: Reader, number: int) -> Watch | None:
    """The rule, ended or not; within a transaction nobody else changes it until the commit."""
    statement = select(watches).where(watches.c.number == number)
    if isinstance(reader, Transaction):
        statement = statement.with_for_update()
    row = (await reader.execute(statement)).one_or_none()
    return None if row is None else _watch(row)


async def list_watches(reader: Reader, *, ended: int = 0) -> tuple[Watch, ...]:
    """All that have not ended, by number, then the ``ended`` that ended last."""
    present = select(watches).where(watches.c.state != "ended").order_by(watches.c.number)
    gone = select(watches).where(watches.c.state == "ended").order_by(watches.c.changed_at.desc()).limit(ended)
    found = [(await reader.execute(statement)).all() for statement in (present, gone)]
    return tuple(_watch(row) for rows in found for row in rows)


async def set_watch_state(tx: Transaction, number: int, state: WatchState, *, by: str, now: datetime) -> None:
    """Switch a locked rule on or off, or end it."""
    values = {"state": state, "changed_by": by, "changed_at": now}
    await tx.execute(update(watches).where(watches.c.number == number).values(values))


async def forget_watches(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` rules that ended, or were only tried, before ``before``. Returns how many.

    Note: the newest stays, so that its number is not given again.
    """
    newest = select(func.max(watches.c.number)).scalar_subquery()
    is_old = (watches.c.state.in_(("ended", "tried")), watches.c.changed_at < before, watches.c.number != newest)
    old = select(watches.c.number).where(*is_old).limit(limit)
    return (await tx.execute(delete(watches).where(watches.c.number.in_(old)))).rowcount


def _watch(row: Row[*tuple[Any, ...]]) -> Watch:
    return Watch(**{**row._mapping, "store_ids": tuple(row.store_ids)})
