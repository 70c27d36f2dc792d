"""Reading and writing runs and their steps."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.contracts.quantities import StoreId
from storage.catalog.rows import DataKind
from storage.database import Reader, Transaction
from storage.sync.rows import Run, Step
from storage.sync.tables import sync_runs, sync_steps
from storage.upsert import insert_into

_OPEN_STATES = ("waiting", "running")


async def add_run(tx: Transaction, run: Run) -> bool:
    """Store a new run; False if it is there already."""
    statement = insert_into(sync_runs, tx).values(asdict(run)).on_conflict_do_nothing()
    return (await tx.execute(statement)).rowcount == 1


async def add_steps(tx: Transaction, steps: Iterable[Step]) -> None:
    """Store new steps; those that are there already stay as they are."""
    rows = [asdict(step) for step in steps]
    if rows:
        await tx.execute(insert_into(sync_steps, tx).on_conflict_do_nothing(), rows)


async def load_run(reader: Reader, run_id: str) -> Run | None:
    """The run; within a transaction nobody else changes it until the commit."""
    statement = select(sync_runs).where(sync_runs.c.run_id == run_id)
    if isinstance(reader, Transaction):
        statement = statement.with_for_update()
    row = (await reader.execute(statement)).one_or_none()
    return _to_run(row) if row else None


async def open_runs(reader: Reader, since: datetime) -> tuple[Run, ...]:
    """Runs begun after ``since`` that have not ended, the oldest first."""
    statement = select(sync_runs).where(sync_runs.c.ended_at.is_(None), sync_runs.c.started_at > since)
    return tuple(map(_to_run, await reader.execute(statement.order_by(sync_runs.c.started_at, sync_runs.c.run_id))))


async def load_steps(reader: Reader, run_id: str) -> tuple[Step, ...]:
    """The run's steps, by kind and store."""
    statement = select(sync_steps).where(sync_steps.c.run_id == run_id)
    ordered = statement.order_by(sync_steps.c.kind, sync_steps.c.store_id)
    return tuple(Step(*row) for row in await reader.execute(ordered))


async def load_step(reader: Reader, run_id: str, kind: DataKind, store_id: StoreId) -> Step | None:
    """One step, or None if the run does not have it."""
    row = (await reader.execute(select(sync_steps).where(*_same(run_id, kind, store_id)))).one_or_none()
    return Step(*row) if row else None


async def open_steps(reader: Reader, since: datetime) -> set[tuple[DataKind, StoreId]]:
    """What is still to be pulled by any open run begun after ``since``."""
    statement = (
        select(sync_steps.c.kind, sync_steps.c.store_id)
        .join(sync_runs)
        .where(sync_runs.c.ended_at.is_(None), sync_runs.c.started_at > since, sync_steps.c.state.in_(_OPEN_STATES))
    )
    return {(kind, store_id) for kind, store_id in await reader.execute(statement)}


async def save_step(tx: Transaction, step: Step) -> None:
    """Replace a step by its newer state."""
    values = asdict(step)
    await tx.execute(update(sync_steps).where(*_same(step.run_id, step.kind, step.store_id)).values(values))


async def fail_waiting(tx: Transaction, error_code: str) -> tuple[str, ...]:
    """Close every step that has not begun, in all runs; the runs that had some."""
    waiting = sync_steps.c.state == "waiting"
    touched = (await tx.execute(select(sync_steps.c.run_id).where(waiting).distinct())).scalars().all()
    await tx.execute(update(sync_steps).where(waiting).values(state="failed", error_code=error_code))
    return tuple(touched)


async def mark_shown(tx: Transaction, run_id: str, *, shown_at: datetime | None, show_at: datetime | None) -> None:
    """Note when the run's card was renewed and when it will be again."""
    values = {"shown_at": shown_at, "show_at": show_at}
    await tx.execute(update(sync_runs).where(sync_runs.c.run_id == run_id).values(values))


async def end_run(tx: Transaction, run_id: str, at: datetime) -> None:
    await tx.execute(update(sync_runs).where(sync_runs.c.run_id == run_id).values(ended_at=at))


async def forget_runs(tx: Transaction, before: datetime) -> None:
    """Delete runs begun before ``before`` with their steps."""
    await tx.execute(delete(sync_runs).where(sync_runs.c.started_at < before))


def _same(run_id: str, kind: DataKind, store_id: StoreId) -> tuple[Any, ...]:
    return (sync_steps.c.run_id == run_id, sync_steps.c.kind == kind, sync_steps.c.store_id == store_id)


def _to_run(row: Any) -> Run:
    values = dict(row._mapping)
    return Run(**values | {"kinds": tuple(values["kinds"]), "store_ids": tuple(values["store_ids"])})
