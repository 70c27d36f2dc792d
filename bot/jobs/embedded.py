"""The engine inside one process, on either database: the database is the queue, and nobody else takes from it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import perf_counter

from bot.jobs.engine import ProcessDied
from bot.jobs.pump import CROWD_CLAIM_PAUSE_SECONDS, Ended, Pump
from storage.database import Transaction
from storage.jobs import store
from storage.jobs.rows import ClaimedJob

_CLAIM_LIMIT = 64


class EmbeddedEngine(Pump):
    """``bot.jobs.engine.Engine`` for one process on either database."""

    async def start(self) -> None:
        now = self._clock.now()
        async with self._database.begin() as tx:
            for job in await store.recover_jobs(tx, most_starts=self._most_starts):
                await self._bury(tx, job, ProcessDied(f"in {job.starts} starts of this job"), now)
            self._held_lanes = await store.held_lanes(tx, now=now)
        self._begin_to_work()

    async def _believe(self, tx: Transaction, ended: Sequence[Ended], now: datetime) -> list[Ended]:
        """After a failed cycle, whose commit may have happened all the same, believe the database, not our memory."""
        if not self._in_doubt:
            return list(ended)
        running = await store.disown_jobs(tx, except_ids=self._running.keys())
        self._held_lanes = await store.held_lanes(tx, now=now)
        return [end for end in ended if end.job.id in running]

    async def _claim(
        self, tx: Transaction, now: datetime, over: set[str], held: dict[str, datetime], *, crowded: bool
    ) -> list[ClaimedJob]:
        if self._stopping or (crowded and perf_counter() - self._claimed_at < CROWD_CLAIM_PAUSE_SECONDS):
            self._next_due = now + timedelta(seconds=CROWD_CLAIM_PAUSE_SECONDS)
            return []
        self._claimed_at = perf_counter()
        running = [job for job, _ in self._running.values() if job.id not in over]
        per_task = Counter(job.task for job in running)
        limit = 1 if crowded else _CLAIM_LIMIT
        claimed = await store.claim_jobs(
            tx,
            now=now,
            limit=limit,
            closed_lanes={job.lane for job in running if job.lane} | self._held_lanes.keys() | held.keys(),
            room={name: task.at_once - per_task[name] for name, task in self._tasks.items()},
            suspect_runs=any(job.is_suspect for job in running),
        )
        if len(claimed) < limit:
            self._next_due = await store.next_due(tx, after=now)
        else:
            self.wake()
        return claimed
