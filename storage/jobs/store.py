"""Durable work: stored once per key, claimed in lane order, finished, retried or buried."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    literal_column,
    or_,
    select,
    update,
)

from storage.database import Reader, Transaction
from storage.jobs.rows import SUSPICIOUS_STARTS, Backlog, ClaimedJob, JobRecord, NewJob
from storage.jobs.tables import DEAD, DONE, RUNNING, WAITING, jobs, schedule_ticks
from storage.schema import Moment
from storage.upsert import insert_into

_FIRST = timedelta(minutes=1)  # how far ahead of what comes after the clock was set back
_ANY_STARTS = 32_767  # the most that the column holds
_STATE_NAMES = {WAITING: "waiting", RUNNING: "running", DONE: "done", DEAD: "dead"}
_NEW = (
    "id",
    "key",
    "task",
    "lane",
    "payload",
    "state",
    "run_at",
    "due_at",
    "holds_lane",
    "attempt",
    "starts",
    "error",
)
_IS_WAITING: ColumnElement[bool] = literal_column(
    "state = 0"
)  # spelled as in the partial indexes, which a bound value would not match

# What every event runs is built once: building a statement takes longer than SQLite takes to run it.
_DUE = (
    select(
        jobs.c.id,
        jobs.c.key,
        jobs.c.task,
        jobs.c.lane,
        jobs.c.payload,
        jobs.c.attempt,
        jobs.c.run_at,
        jobs.c.first_started_at,
        jobs.c.starts,
    )
    .where(
        _IS_WAITING,
        jobs.c.run_at <= bindparam("now"),
        jobs.c.due_at <= bindparam("now"),
        jobs.c.starts < bindparam("starts_below"),
        jobs.c.task.in_(bindparam("tasks", expanding=True)),
        or_(jobs.c.lane.is_(None), jobs.c.lane.not_in(bindparam("closed", expanding=True))),
        jobs.c.id.not_in(bindparam("taken", expanding=True)),
    )
    .order_by(jobs.c.run_at, jobs.c.id)
    .limit(bindparam("most"))
)
_START = (
    update(jobs)
    .where(jobs.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=RUNNING,
        starts=jobs.c.starts + 1,
        first_started_at=func.coalesce(jobs.c.first_started_at, bindparam("now", type_=Moment)),
    )
)
_FINISH = (
    update(jobs)
    .where(jobs.c.id.in_(bindparam("ids", expanding=True)))
    .values(state=DONE, starts=0, finished_at=bindparam("now"))
)
_IS_OPEN: ColumnElement[bool] = literal_column("state IN (1, 3)")
_BACKLOG = select(
    func.count(),
    func.min(jobs.c.due_at),
    select(func.count()).where(_IS_OPEN, jobs.c.state == RUNNING).scalar_subquery(),
    select(func.count()).where(_IS_OPEN, jobs.c.state == DEAD).scalar_subquery(),
).where(_IS_WAITING, jobs.c.due_at <= bindparam("now"))
_NEXT_DUE = select(func.min(jobs.c.due_at)).where(_IS_WAITING, jobs.c.due_at > bindparam("after"))


async def add_jobs(tx: Transaction, new: Sequence[NewJob]) -> None:
    """Store jobs; one whose key was ever seen is left out silently."""
    rows = [
        (job.id, job.key, job.task, job.lane, dict(job.payload), WAITING, job.run_at, job.run_at, False, 0, 0, "")
        for job in new
    ]
    if rows:
        await tx.insert_many(jobs, _NEW, rows, skip_known=True)
        tx.added_jobs.extend(new)


async def claim_jobs(
    tx: Transaction,
    *,
    now: datetime,
    limit: int,
    closed_lanes: Collection[str],
    room: Mapping[str, int],
    suspect_runs: bool,
) -> list[ClaimedJob]:
    """Mark up to ``limit`` due jobs as running: at most one per lane, none of a closed lane, ``room`` per task.

    Only one suspect runs at a time, so that what kills the process takes no other job into its grave.
    """
    chosen: list[ClaimedJob] = []
    closed = set(closed_lanes)
    left = {task: free for task, free in room.items() if free > 0}
    while left and len(chosen) < limit:
        page = limit * 2
        wanted = {
            "now": now,
            "starts_below": SUSPICIOUS_STARTS if suspect_runs else _ANY_STARTS,
            "tasks": list(left),
            "closed": list(closed),
            "taken": [job.id for job in chosen],
            "most": page,
        }
        rows = (await tx.execute(_DUE, wanted)).all()
        for job in map(claimed_job, rows):
            fits = job.lane not in closed and left.get(job.task) and not (suspect_runs and job.is_suspect)
            if fits and len(chosen) < limit:
                chosen.append(job)
                left[job.task] -= 1
                suspect_runs |= job.is_suspect
                if job.lane is not None:
                    closed.add(job.lane)
        left = {task: free for task, free in left.items() if free > 0}
        if len(rows) < page:
            break
    await start_jobs(tx, [job.id for job in chosen], now=now)
    return chosen


async def start_jobs(tx: Transaction, ids: Sequence[str], *, now: datetime) -> None:
    """The jobs run from now on."""
    if ids:
        await tx.execute(_START, {"ids": ids, "now": now})


def claimed_job(row: Row[*tuple[Any, ...]]) -> ClaimedJob:
    """A stored job as the one who runs it sees it."""
    return ClaimedJob(
        id=row.id,
        key=row.key,
        task=row.task,
        lane=row.lane,
        payload=row.payload,
        attempt=row.attempt,
        run_at=row.run_at,
        first_started_at=row.first_started_at,
        starts=row.starts,
    )


async def finish_jobs(tx: Transaction, ids: Sequence[str], *, now: datetime) -> None:
    """The jobs are done."""
    await tx.execute(_FINISH, {"ids": ids, "now": now})


async def retry_job(
    tx: Transaction, job: ClaimedJob, *, due_at: datetime, counts: bool, holds_lane: bool, error: str
) -> None:
    """Let the job wait until ``due_at``; it keeps its place in the lane only if it holds the lane."""
    await tx.execute(
        update(jobs)
        .where(jobs.c.id == job.id)
        .values(
            state=WAITING,
            starts=0,
            attempt=job.attempt + int(counts),
            due_at=due_at,
            run_at=jobs.c.run_at if holds_lane else due_at,
            holds_lane=holds_lane,
            error=error,
        )
    )


async def bury_job(tx: Transaction, job_id: str, *, now: datetime, error: str) -> None:
    """The job is a dead letter until somebody replays it."""
    await tx.execute(update(jobs).where(jobs.c.id == job_id).values(state=DEAD, starts=0, finished_at=now, error=error))


async def requeue_job(tx: Transaction, job_id: str, *, now: datetime) -> bool:
    """Give a dead letter a fresh start. False if it is not a dead letter (any more)."""
    result = await tx.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == DEAD)
        .values(
            state=WAITING,
            error="",
            attempt=0,
            starts=0,
            run_at=now,
            due_at=now,
            first_started_at=None,
            finished_at=None,
        )
    )
    return result.rowcount == 1


async def recover_jobs(tx: Transaction, *, most_starts: int) -> list[ClaimedJob]:
    """After a crash: what was running waits again. Returns what was started too often and should be buried."""
    await disown_jobs(tx, except_ids=())
    rows = await tx.execute(select(jobs).where(_IS_WAITING, jobs.c.starts >= most_starts))
    return [claimed_job(row) for row in rows.all()]


async def disown_jobs(tx: Transaction, *, except_ids: Collection[str]) -> list[str]:
    """Let all running jobs wait again but those that are named. Returns which of the named are running.

    PostgreSQL may still be at a commit whose answer got lost: the locks wait for what it makes of the jobs.
    """
    is_running = and_(_IS_OPEN, jobs.c.state == RUNNING)
    await tx.execute(update(jobs).where(is_running, jobs.c.id.not_in(except_ids)).values(state=WAITING))
    return list((await tx.execute(select(jobs.c.id).where(is_running).with_for_update())).scalars().all())


async def held_lanes(reader: Reader, *, now: datetime) -> dict[str, datetime]:
    """Lanes whose first job waits for a retry, and until when."""
    rows = await reader.execute(
        select(jobs.c.lane, func.max(jobs.c.due_at))
        .where(_IS_WAITING, jobs.c.holds_lane.is_(True), jobs.c.due_at > now, jobs.c.lane.is_not(None))
        .group_by(jobs.c.lane)
    )
    return {lane: due_at for lane, due_at in rows.all()}


async def next_due(reader: Reader, *, after: datetime) -> datetime | None:
    """When the next waiting job becomes due after ``after``."""
    result = await reader.execute(_NEXT_DUE, {"after": after})
    due_at: datetime | None = result.scalar()
    return due_at


async def set_back_jobs(tx: Transaction, *, before: datetime, now: datetime) -> None:
    """The clock showed ``before`` and was set back to ``now``: what was due, or tried again, does not wait for
    ``before`` to come once more. It goes first and in its order, as ids rise. Timers keep their hour.
    """
    first = now - _FIRST
    was_due = or_(jobs.c.run_at <= before + _FIRST, jobs.c.error != "")
    is_open = or_(_IS_WAITING, and_(_IS_OPEN, jobs.c.state == RUNNING))
    await tx.execute(
        update(jobs)
        .where(is_open, was_due, or_(jobs.c.run_at > first, jobs.c.due_at > now))
        .values(
            run_at=case((jobs.c.run_at > first, bindparam("first", first, Moment)), else_=jobs.c.run_at), due_at=first
        )
    )


async def backlog(reader: Reader, *, now: datetime) -> Backlog:
    """How much waits, runs and is dead."""
    waiting, oldest, running, dead = (await reader.execute(_BACKLOG, {"now": now})).one()
    return Backlog(waiting=waiting, running=running, dead=dead, oldest_due_at=oldest)


async def dead_jobs(reader: Reader, *, limit: int, except_task: str = "") -> list[JobRecord]:
    """The newest dead letters first, those of ``except_task`` left out."""
    dead = select(jobs).where(*_is_dead(except_task)).order_by(jobs.c.finished_at.desc())
    return [_record(row) for row in (await reader.execute(dead.limit(limit))).all()]


async def count_dead_jobs(reader: Reader, *, except_task: str = "") -> int:
    """How many dead letters there are, those of ``except_task`` left out."""
    counted = select(func.count()).select_from(jobs).where(*_is_dead(except_task))
    return int((await reader.execute(counted)).scalar_one())


def _is_dead(except_task: str) -> tuple[ColumnElement[bool], ...]:
    return (_IS_OPEN, jobs.c.state == DEAD, jobs.c.task != except_task)


async def running_jobs(reader: Reader, *, limit: int) -> list[JobRecord]:
    """What runs now, the longest first."""
    running = select(jobs).where(_IS_OPEN, jobs.c.state == RUNNING)
    rows = await reader.execute(running.order_by(jobs.c.first_started_at, jobs.c.id).limit(limit))
    return [_record(row) for row in rows.all()]


async def failing_jobs(reader: Reader, *, limit: int) -> list[JobRecord]:
    """What waits because it failed, the next try first."""
    failed = select(jobs).where(_IS_WAITING, jobs.c.error != "").order_by(jobs.c.due_at, jobs.c.id)
    return [_record(row) for row in (await reader.execute(failed.limit(limit))).all()]


async def count_failing_jobs(reader: Reader) -> int:
    """How many jobs wait because they failed."""
    counted = select(func.count()).select_from(jobs).where(_IS_WAITING, jobs.c.error != "")
    return int((await reader.execute(counted)).scalar_one())


async def find_jobs(reader: Reader, *, ids: Collection[str] = (), key_prefix: str = "") -> list[JobRecord]:
    """Jobs by id, or by the beginning of their key, oldest first."""
    by_key = and_(jobs.c.key >= key_prefix, jobs.c.key < key_prefix + "\uffff") if key_prefix else false()
    rows = await reader.execute(select(jobs).where(or_(jobs.c.id.in_(ids), by_key)).order_by(jobs.c.id).limit(200))
    return [_record(row) for row in rows.all()]


def _record(row: Row[*tuple[Any, ...]]) -> JobRecord:
    return JobRecord(
        id=row.id,
        key=row.key,
        task=row.task,
        lane=row.lane,
        payload=row.payload,
        state=_STATE_NAMES[row.state],
        run_at=row.run_at,
        due_at=row.due_at,
        attempt=row.attempt,
        finished_at=row.finished_at,
        error=row.error,
    )


async def forget_done_jobs(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` finished jobs. Returns how many.

    Note: their keys may come again then; schedules remember their last slot apart from their jobs.
    """
    old = select(jobs.c.id).where(literal_column("state = 2"), jobs.c.finished_at < before)
    result = await tx.execute(delete(jobs).where(jobs.c.id.in_(old.limit(limit))))
    return result.rowcount


async def last_tick(reader: Reader, schedule: str) -> datetime | None:
    """The newest slot for which ``schedule`` was submitted."""
    result = await reader.execute(select(schedule_ticks.c.slot).where(schedule_ticks.c.schedule == schedule))
    slot: datetime | None = result.scalar()
    return slot


async def record_first_tick(tx: Transaction, schedule: str, slot: datetime) -> bool:
    """The same for a schedule that was never submitted; False, and nothing written, if it was."""
    statement = insert_into(schedule_ticks, tx).values(schedule=schedule, slot=slot)
    return bool((await tx.execute(statement.on_conflict_do_nothing())).rowcount)


async def record_tick(tx: Transaction, schedule: str, slot: datetime) -> None:
    """Remember that ``schedule`` was submitted for ``slot``."""
    statement = insert_into(schedule_ticks, tx).values(schedule=schedule, slot=slot)
    await tx.execute(statement.on_conflict_do_update(index_elements=["schedule"], set_={"slot": slot}))
