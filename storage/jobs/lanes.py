"""The jobs of a few places (lanes, or jobs without one), for the process whose turn it is there."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, exists, literal, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from storage.database import Transaction
from storage.jobs.rows import ClaimedJob
from storage.jobs.store import claimed_job
from storage.jobs.tables import RUNNING, WAITING, jobs

_IS_WAITING: ColumnElement[bool] = literal_column("jobs.state = 0")


async def next_jobs(
    tx: Transaction, places: Collection[str], *, now: datetime, tasks: Iterable[str]
) -> list[ClaimedJob]:
    """The first due job of each place that has one, oldest first. A lane that waits for a retry has none."""
    if not places:
        return []
    ahead = jobs.alias("ahead")
    is_held = exists().where(
        ahead.c.lane == jobs.c.lane, ahead.c.state == WAITING, ahead.c.holds_lane, ahead.c.due_at > now
    )
    due = and_(_IS_WAITING, jobs.c.run_at <= now, jobs.c.due_at <= now, _one_of(jobs.c.task, tasks))
    first = (
        select(jobs)
        .where(due, _at(places), ~is_held)
        .ext(distinct_on(jobs.c.lane, _alone()))
        .order_by(jobs.c.lane, _alone(), jobs.c.run_at, jobs.c.id)
    )
    found = [claimed_job(row) for row in (await tx.execute(first)).all()]
    return sorted(found, key=lambda job: (job.run_at, job.id))


async def let_go(tx: Transaction, places: Collection[str], *, except_ids: Collection[str] = ()) -> list[ClaimedJob]:
    """Let what runs at these places wait again: whoever ran it lost its turn or never began. Returns those jobs."""
    if not places:
        return []
    is_running = and_(literal_column("jobs.state IN (1, 3)"), jobs.c.state == RUNNING)
    left = update(jobs).where(is_running, _at(places), ~_one_of(jobs.c.id, except_ids)).values(state=WAITING)
    return [claimed_job(row) for row in (await tx.execute(left.returning(jobs))).all()]


async def still_running(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Which of these jobs are marked as running."""
    rows = await tx.execute(select(jobs.c.id).where(_one_of(jobs.c.id, ids), jobs.c.state == RUNNING))
    return set(rows.scalars().all())


def _at(places: Collection[str]) -> ColumnElement[bool]:
    lanes = [place.removeprefix("lane:") for place in places if place.startswith("lane:")]
    alone = [place.removeprefix("job:") for place in places if place.startswith("job:")]
    return or_(_one_of(jobs.c.lane, lanes), and_(jobs.c.lane.is_(None), _one_of(jobs.c.id, alone)))


def _one_of(column: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """The values as one array: the statement is the same for any number of them, and prepared once."""
    return column == any_(literal(list(values), ARRAY(Text)))


def _alone() -> ColumnElement[Any]:
    """The job's id if it has no lane."""
    return literal_column("CASE WHEN jobs.lane IS NULL THEN jobs.id END")
