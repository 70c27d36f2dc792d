"""The jobs of a few places (lanes, or jobs without one), for the process whose turn it is there."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    and_,
    any_,
    bindparam,
    exists,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from storage.database import Transaction
from storage.jobs.rows import ClaimedJob
from storage.jobs.store import claimed_job
from storage.jobs.tables import RUNNING, WAITING, jobs
from storage.jobs.turns import split_places
from storage.schema import Moment

_ahead = jobs.alias("ahead")
_ALONE: ColumnElement[Any] = literal_column("CASE WHEN jobs.lane IS NULL THEN jobs.id END")
_LANES, _JOBS = bindparam("lanes", type_=ARRAY(Text)), bindparam("alone", type_=ARRAY(Text))
_AT: ColumnElement[bool] = or_(jobs.c.lane == any_(_LANES), and_(jobs.c.lane.is_(None), jobs.c.id == any_(_JOBS)))
_NOW = bindparam("now", type_=Moment)
# States are written out where a partial index says the same: a prepared statement could not use it otherwise.
_NEXT = (
    select(jobs)
    .where(
        literal_column("jobs.state = 0"),
        jobs.c.run_at <= _NOW,
        jobs.c.due_at <= _NOW,
        jobs.c.task == any_(bindparam("tasks", type_=ARRAY(Text))),
        _AT,
        ~exists().where(
            _ahead.c.lane == jobs.c.lane, literal_column("ahead.state = 0"), _ahead.c.holds_lane, _ahead.c.due_at > _NOW
        ),
    )
    .ext(distinct_on(jobs.c.lane, _ALONE))
    .order_by(jobs.c.lane, _ALONE, jobs.c.run_at, jobs.c.id)
)


async def next_jobs(
    tx: Transaction, places: Collection[str], *, now: datetime, tasks: Iterable[str]
) -> list[ClaimedJob]:
    """The first due job of each place that has one, oldest first. A lane that waits for a retry has none."""
    if not places:
        return []
    rows = await tx.execute(_NEXT, _named(places) | {"now": now, "tasks": list(tasks)})
    return sorted(map(claimed_job, rows.all()), key=lambda job: (job.run_at, job.id))


async def let_go(tx: Transaction, places: Collection[str], *, except_ids: Collection[str] = ()) -> list[ClaimedJob]:
    """Let what runs at these places wait again: whoever ran it lost its turn or never began. Returns those jobs."""
    if not places:
        return []
    is_running = and_(literal_column("jobs.state IN (1, 3)"), jobs.c.state == RUNNING)
    left = update(jobs).where(is_running, _AT, ~_one_of(jobs.c.id, except_ids)).values(state=WAITING)
    return [claimed_job(row) for row in (await tx.execute(left.returning(jobs), _named(places))).all()]


async def still_running(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Which of these jobs are marked as running."""
    rows = await tx.execute(select(jobs.c.id).where(_one_of(jobs.c.id, ids), jobs.c.state == RUNNING))
    return set(rows.scalars().all())


def _named(places: Collection[str]) -> dict[str, Any]:
    lanes, alone = split_places(places)
    return {"lanes": lanes, "alone": alone}


def _one_of(column: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """The values as one array: the statement is the same for any number of them, and prepared once."""
    return column == any_(literal(list(values), ARRAY(Text)))
