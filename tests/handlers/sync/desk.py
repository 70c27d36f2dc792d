"""Works off submitted jobs in order of their time, one after the other, as an engine would."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.contracts.cards import Card
from bot.contracts.feature import Effect, Feature, Job, Payload, Task
from bot.contracts.messages import Message
from bot.contracts.retry import GiveUp, decide_retry
from storage.database import Database, Transaction
from tests.integrations.http.fakes import SteppingClock


@dataclass
class Desk:
    """Keeps what transactions submit and send. ``keys`` remembers every job for ever."""

    clock: SteppingClock
    waiting: list[tuple[datetime, Job]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    sent: list[tuple[datetime, Message]] = field(default_factory=list)
    buried: list[Job] = field(default_factory=list)
    lanes: set[str | None] = field(default_factory=set)

    async def submit(
        self, tx: Transaction, task: str, payload: Payload, *, key: str, lane: str | None, run_at: datetime | None
    ) -> None:
        if key in self.keys:
            return
        self.keys.add(key)
        self.lanes.add(lane)
        now = self.clock.now()
        job = Job(id=key, task=task, key=key, payload=payload, attempt=1, first_started_at=now, lane=lane)
        self.waiting.append((run_at or now, job))

    async def send(self, tx: Transaction, message: Message) -> None:
        self.sent.append((self.clock.now(), message))

    @property
    def cards(self) -> list[Card]:
        return [message.card for _, message in self.sent]

    def tasks(self) -> Iterator[str]:
        return (job.task for _, job in self.waiting)


async def work_off(desk: Desk, database: Database, feature: Feature, *, jobs: int = 10_000) -> None:
    """Run up to ``jobs`` waiting jobs with their retries, and commit their effects."""
    tasks = {task.name: task for task in feature.tasks}
    for _ in range(jobs):
        if not desk.waiting:
            return
        due, job = min(desk.waiting, key=lambda entry: entry[0])
        desk.waiting.remove((due, job))
        desk.clock.moment = max(desk.clock.moment, due)
        await _commit(database, await _run(desk, tasks[job.task], job))


async def commit(database: Database, *effects: Effect) -> None:
    """Write effects as the router does."""
    for effect in effects:
        await _commit(database, effect)


async def _run(desk: Desk, task: Task, job: Job) -> Effect | None:
    try:
        return await task.run(job)
    except Exception as error:
        decision = decide_retry(error, job.attempt, task.retry)
        if isinstance(decision, GiveUp):
            desk.buried.append(job)
            return task.on_giving_up(job, error) if task.on_giving_up else None
        desk.waiting.append((desk.clock.now() + decision.wait, replace(job, attempt=job.attempt + 1)))
        return None


async def _commit(database: Database, effect: Effect | None) -> None:
    if effect is not None:
        async with database.begin() as tx:
            await effect(tx)
