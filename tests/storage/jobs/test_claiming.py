"""Which jobs are claimed next, compared with the rule spelled out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from storage.database import Database, Transaction
from storage.jobs.rows import SUSPICIOUS_STARTS, NewJob
from storage.jobs.store import add_jobs, backlog, claim_jobs, disown_jobs, finish_jobs, recover_jobs, retry_job
from storage.jobs.tables import WAITING, jobs

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ROOMY = {"a": 99, "b": 99}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored job; its number is its id and its place among those of the same second."""

    number: int
    task: str
    lane: str | None
    due_in_seconds: int
    starts: int

    @property
    def key(self) -> str:
        return f"{self.number:03}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a claim allows."""

    limit: int
    closed: frozenset[str]
    room: Mapping[str, int]
    suspect_runs: bool


LANES = st.sampled_from([None, "x", "y", "z"])
TRAITS = st.tuples(st.sampled_from("abc"), LANES, st.integers(-3, 1), st.integers(0, 3))
JOBS = st.lists(TRAITS, max_size=40).map(lambda found: [Waiting(n, *traits) for n, traits in enumerate(found)])
ASKED = st.builds(
    Asked,
    st.integers(1, 8),
    st.frozensets(st.sampled_from("xyz"), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.integers(-1, 5)),
    st.booleans(),
)


def by_the_book(waiting: Sequence[Waiting], asked: Asked) -> list[str]:
    """One after the other in order of time: taken if it fits."""
    closed, room, suspect_runs = set(asked.closed), dict(asked.room), asked.suspect_runs
    taken: list[str] = []
    for job in sorted(waiting, key=lambda job: (job.due_in_seconds, job.key)):
        suspect = job.starts >= SUSPICIOUS_STARTS
        fits = job.lane not in closed and room.get(job.task, 0) > 0 and not (suspect and suspect_runs)
        if job.due_in_seconds <= 0 and fits and len(taken) < asked.limit:
            taken.append(job.key)
            room[job.task] -= 1
            suspect_runs |= suspect
            closed |= {job.lane} if job.lane else set()
    return taken


async def store(tx: Transaction, waiting: Sequence[Waiting]) -> None:
    await tx.execute(delete(jobs))
    rows: list[dict[str, object]] = [
        {
            "id": job.key,
            "key": job.key,
            "task": job.task,
            "lane": job.lane,
            "payload": {},
            "state": WAITING,
            "run_at": NOW + timedelta(seconds=job.due_in_seconds),
            "due_at": NOW + timedelta(seconds=job.due_in_seconds),
            "holds_lane": False,
            "attempt": 0,
            "starts": job.starts,
            "error": "",
        }
        for job in waiting
    ]
    if rows:
        await tx.execute(insert(jobs), rows)


@given(waiting=JOBS, asked=ASKED)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_jobs_are_claimed_in_order_within_lanes_room_and_limit(
    database: Database, waiting: list[Waiting], asked: Asked
) -> None:
    async with database.begin() as tx:
        await store(tx, waiting)
        claimed = await claim_jobs(
            tx,
            now=NOW,
            limit=asked.limit,
            closed_lanes=asked.closed,
            room=asked.room,
            suspect_runs=asked.suspect_runs,
        )
    assert [job.key for job in claimed] == by_the_book(waiting, asked)


async def test_a_long_queue_in_a_busy_lane_hides_no_other_lane(database: Database) -> None:
    crowd = [Waiting(number, "a", "busy", -2, 0) for number in range(300)]
    async with database.begin() as tx:
        await store(tx, [*crowd, Waiting(999, "a", "free", -1, 0)])
        claimed = await claim_jobs(tx, now=NOW, limit=4, closed_lanes=(), room=ROOMY, suspect_runs=False)
    assert [job.key for job in claimed] == ["000", "999"]


def a_job(key: str, lane: str | None = "lane") -> NewJob:
    return NewJob(id=key, key=key, task="a", lane=lane, payload={"n": 1}, run_at=NOW)


async def claim(tx: Transaction) -> list[str]:
    claimed = await claim_jobs(tx, now=NOW, limit=9, closed_lanes=(), room=ROOMY, suspect_runs=False)
    return [job.key for job in claimed]


async def test_what_is_claimed_is_claimed_once(database: Database) -> None:
    async with database.begin() as tx:
        await add_jobs(tx, [a_job("1", None), a_job("2", None), a_job("1", None)])
        assert (await claim(tx), await claim(tx)) == (["1", "2"], [])


async def test_a_crash_lets_what_was_running_wait_and_names_what_crashed_too_often(database: Database) -> None:
    async with database.begin() as tx:
        await add_jobs(tx, [a_job("1", None), a_job("2", None)])
        await claim(tx)
        assert await recover_jobs(tx, most_starts=2) == []
        await claim(tx)
        assert [job.key for job in await recover_jobs(tx, most_starts=2)] == ["1", "2"]


async def test_an_orderly_end_forgives_earlier_crashes(database: Database) -> None:
    async with database.begin() as tx:
        await add_jobs(tx, [a_job("1", None)])
        await claim(tx)
        await recover_jobs(tx, most_starts=9)
        (job,) = await claim_jobs(tx, now=NOW, limit=9, closed_lanes=(), room=ROOMY, suspect_runs=False)
        await retry_job(tx, job, due_at=NOW, counts=True, holds_lane=False, error="")
        (again,) = await claim_jobs(tx, now=NOW, limit=9, closed_lanes=(), room=ROOMY, suspect_runs=False)
    assert (job.starts, again.starts, again.attempt) == (1, 0, 1)


async def test_disowned_jobs_wait_again_and_the_others_are_named_if_they_run(database: Database) -> None:
    async with database.begin() as tx:
        await add_jobs(tx, [a_job(key, None) for key in "123"])
        await claim(tx)
        await finish_jobs(tx, ["3"], now=NOW)
        assert await disown_jobs(tx, except_ids=["2", "3"]) == ["2"]
        assert await claim(tx) == ["1"]


async def test_the_backlog_counts_what_is_due_runs_and_is_dead(database: Database) -> None:
    async with database.begin() as tx:
        await store(tx, [Waiting(0, "a", None, -3, 0), Waiting(1, "b", None, -1, 0), Waiting(2, "a", None, 1, 0)])
        await claim_jobs(tx, now=NOW, limit=1, closed_lanes=(), room=ROOMY, suspect_runs=False)
        left = await backlog(tx, now=NOW)
    assert (left.waiting, left.running, left.dead) == (1, 1, 0)
    assert left.oldest_due_at == NOW - timedelta(seconds=1)
