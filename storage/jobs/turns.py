"""Turns: PgQueuer's row says that a place (a lane, or a job without one) has work, and which process has it.

PgQueuer's own statements enqueue, claim under a lease, take from the dead and finish; they run inside our
transactions, so that a turn begins and ends with the rows of the jobs it is about. Imported only where the
distributed engine runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from storage.database import Database, Transaction

SETTINGS = DBSettings(db_schema="pgqueuer", durability=Durability.balanced)
"""A schema of its own, so that our history of tables stays ours; its log need not survive a crash."""
_QUEUE = SETTINGS.qualified.queue_table
_LOG = SETTINGS.qualified.queue_table_log
_INSTALL_LOCK = 7_205_120_353
_SOONER = timedelta(seconds=-1)  # due before this transaction began, so that it may take what it offers
_BATCH = 100
_LOG_BITE = 20_000

_PLACE = "CASE WHEN jobs.lane IS NULL THEN 'job:' || jobs.id ELSE 'lane:' || jobs.lane END"
_COVERED = f"SELECT FROM {_QUEUE} turn WHERE turn.status IN ('queued', 'picked') AND turn.dedupe_key = {_PLACE}"
_DUE = """
state = 0 AND run_at <= $1 AND due_at <= $1 AND task = ANY($2::text[]) AND NOT EXISTS (
  SELECT FROM jobs ahead
  WHERE ahead.lane = jobs.lane AND ahead.state = 0 AND ahead.holds_lane AND ahead.due_at > $1
)
"""
_UNCOVERED = f"""
SELECT DISTINCT ON (place) {_PLACE} AS place, jobs.task FROM jobs
WHERE {_DUE} AND NOT EXISTS ({_COVERED})
ORDER BY place, run_at, id LIMIT 500
"""
_OPEN = f"""
INSERT INTO {_QUEUE} (priority, status, queue_manager_id, entrypoint, dedupe_key, payload)
SELECT 0, 'picked', $1, task, place, convert_to(place, 'UTF8') FROM unnest($2::text[], $3::text[]) AS new (place, task)
ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
RETURNING id, dedupe_key
"""
_MINE = f"""
SELECT id, set_config('lock_timeout', $3, true) FROM {_QUEUE}
WHERE id = ANY($1::bigint[]) AND queue_manager_id = $2 ORDER BY id FOR UPDATE
"""
_RENEW = f"""
UPDATE {_QUEUE} SET heartbeat = clock_timestamp()
WHERE id IN (
  SELECT id FROM {_QUEUE} WHERE id = ANY($1::bigint[]) AND queue_manager_id = $2 ORDER BY id FOR UPDATE SKIP LOCKED
)
"""
_END = f"""
WITH ended AS (DELETE FROM {_QUEUE} WHERE id = ANY($3::bigint[]) RETURNING id, entrypoint, priority),
told AS (
  INSERT INTO {_LOG} (job_id, status, entrypoint, priority) SELECT id, 'successful', entrypoint, priority FROM ended
)
SELECT DISTINCT ON (place) {_PLACE} AS place, jobs.task FROM jobs
WHERE {_DUE} AND (lane = ANY($4::text[]) OR (lane IS NULL AND id = ANY($5::text[])))
ORDER BY place, run_at, id
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A process works on ``place``.

    Note: a turn that is taken from a dead process keeps its ``number``; who lost it and takes it back has it anew.
    """

    number: int
    place: str
    task: str


def place_of(job_id: str, lane: str | None) -> str:
    """What a turn is about: the job's lane, or the job itself."""
    return f"job:{job_id}" if lane is None else f"lane:{lane}"


def split_places(places: Iterable[str]) -> tuple[list[str], list[str]]:
    """The lanes, and the jobs without one."""
    lanes: list[str] = []
    alone: list[str] = []
    for place in places:
        kind, _, name = place.partition(":")
        (lanes if kind == "lane" else alone).append(name)
    return lanes, alone


class Turns:
    """The turns of one process, under a name that no other has. A turn not kept alive for ``lease`` may be taken."""

    def __init__(self, lease: timedelta) -> None:
        self._lease = lease
        self._me = QueueManagerId(uuid4())
        self._builders: dict[str, Any] = {
            "qbe": QueryBuilderEnvironment(SETTINGS),
            "qbq": QueryQueueBuilder(SETTINGS),
            "qbs": QuerySchedulerBuilder(SETTINGS),
        }

    async def offer(self, tx: Transaction, offers: Mapping[str, str]) -> dict[str, int | None]:
        """Let somebody work on each place (with its task). Returns the new turns' numbers, None where one is on.

        Note: call it once per transaction: two that offer the same places then meet in the same order.
        """
        places = sorted(offers)
        if not places:
            return {}
        numbers = await self._queries(tx).enqueue(
            [offers[place] for place in places],
            [place.encode() for place in places],
            [0] * len(places),
            [_SOONER] * len(places),
            list(places),
            on_conflict="skip",
        )
        return dict(zip(places, numbers, strict=True))

    async def open(self, tx: Transaction, places: Mapping[str, str]) -> dict[str, int | None]:
        """Take the turn at each place (with its task) at once. Returns the new turns' numbers, None where one is on."""
        if not places:
            return {}
        names = sorted(places)
        rows = await tx.execute_plain(_OPEN, (self._me, names, [places[name] for name in names]))
        numbers = {row.dedupe_key: row.id for row in rows}
        return {name: numbers.get(name) for name in names}

    async def take(self, tx: Transaction, room: Mapping[str, int]) -> tuple[list[Turn], bool]:
        """Claim turns that wait or whose process died, as many as there is ``room``; True if there may be more."""
        tasks: defaultdict[int, list[str]] = defaultdict(list)
        for task, free in room.items():
            tasks[min(free, _BATCH)].append(task)
        taken: list[Turn] = []
        may_be_more = False
        for free, names in tasks.items():
            if free > 0:
                jobs = await self._queries(tx).dequeue(
                    batch_size=free,
                    entrypoints={QueueEntrypoint(name): EntrypointExecutionParameter(0) for name in names},
                    queue_manager_id=self._me,
                    global_concurrency_limit=None,
                    heartbeat_timeout=self._lease,
                )
                taken += [Turn(job.id, (job.payload or b"").decode(), job.entrypoint) for job in jobs]
                may_be_more |= len(jobs) >= free
        return taken, may_be_more

    async def still_mine(self, tx: Transaction, numbers: Iterable[int]) -> set[int]:
        """Which of these turns are this process's own; they cannot be taken until the transaction ends.

        Nor may that wait for others' locks for long: what runs in our turns is ours for a lease only.
        """
        patience = f"{round(self._lease.total_seconds() * 1000 / 3)}ms"
        rows = await tx.execute_plain(_MINE, (sorted(numbers), self._me, patience))
        return {row.id for row in rows}

    async def all_mine(self, tx: Transaction) -> list[Turn]:
        """What the database says this process holds."""
        mine = f"SELECT id, dedupe_key, entrypoint FROM {_QUEUE} WHERE queue_manager_id = $1 AND status = 'picked'"
        rows = await tx.execute_plain(mine, (self._me,))
        return [Turn(row.id, row.dedupe_key, row.entrypoint) for row in rows]

    async def end(
        self, tx: Transaction, turns: Sequence[Turn], *, now: datetime, tasks: Iterable[str]
    ) -> dict[str, str]:
        """The places are free. Returns those (with a task) where work has come that nobody looked for any more.

        Whoever offers one of them while this commits waits and then gets a new turn. What is offered in the instant
        between this statement's look and its deletion is found by ``uncovered``.
        """
        lanes, alone = split_places(turn.place for turn in turns)
        rows = await tx.execute_plain(_END, (now, list(tasks), [turn.number for turn in turns], lanes, alone))
        return {row.place: row.task for row in rows}

    async def keep_alive(self, tx: Transaction, turns: Sequence[Turn]) -> None:
        """Renew the leases of those that are still ours. What a cycle has locked, nobody else can take."""
        await tx.execute_plain(_RENEW, ([turn.number for turn in turns], self._me))

    async def bound_stops(self, tx: Transaction) -> None:
        """A process that is stopped inside a transaction loses this session, and its locks, after a lease."""
        limit = round(self._lease.total_seconds() * 1000)
        await tx.execute_plain(f"SET idle_in_transaction_session_timeout = {limit}", ())

    async def uncovered(self, tx: Transaction, *, now: datetime, tasks: Iterable[str]) -> dict[str, str]:
        """Places (with a task) that have a due job and no turn: delays, retries, and what a death left between."""
        rows = await tx.execute_plain(_UNCOVERED, (now, list(tasks)))
        return {row.place: row.task for row in rows}

    async def release_orphans(self, tx: Transaction) -> None:
        """Let jobs wait again that run in no turn: the embedded engine died over this database."""
        await tx.execute_plain(f"UPDATE jobs SET state = 0 WHERE state = 1 AND NOT EXISTS ({_COVERED})", ())

    async def forget_log(self, tx: Transaction) -> None:
        """PgQueuer writes three rows per turn and deletes none: keep an hour of them."""
        oldest = f"SELECT id FROM {_LOG} ORDER BY id LIMIT {_LOG_BITE}"
        await tx.execute_plain(f"DELETE FROM {_LOG} WHERE id IN ({oldest}) AND created < now() - interval '1 hour'", ())

    def _queries(self, tx: Transaction) -> Queries:
        return Queries(_Within(tx), **self._builders)  # type: ignore[arg-type]


class _Within:
    """As much of PgQueuer's driver as its statements need, inside one of our transactions."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row._mapping) for row in await self._tx.execute_plain(query, args)]

    async def execute(self, query: str, *args: object) -> str:
        await self._tx.execute_plain(query, args)
        return ""


async def install(database: Database, *, upgrade: bool) -> bool:
    """Make PgQueuer's tables, once however many processes try; with ``upgrade`` bring old ones up to date.

    False if they are of another release and were not upgraded.
    """
    async with database.session() as session:
        await session.execute("SELECT pg_advisory_lock($1)", _INSTALL_LOCK)
        queries = Queries(
            AsyncpgDriver(session), qbe=QueryBuilderEnvironment(SETTINGS), qbq=QueryQueueBuilder(SETTINGS)
        )
        if not await queries.schema_is_installed():
            await queries.install()
        elif upgrade:
            await queries.upgrade()
        else:
            return not (await queries.plan_upgrade()).statements
        return True


def channel() -> str:
    """Where PostgreSQL tells that turns were offered or ended."""
    return SETTINGS.channel
