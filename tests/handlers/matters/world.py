"""Matters on a database, without an engine: what would be submitted and sent is noted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.contracts.feature import Asking, Effect, Job
from handlers.matters.jobs import fire
from handlers.matters.ports import MattersDeps
from storage.database import Database, Transaction
from storage.matters import ladder, store
from storage.matters.rows import NewMatter, Step
from storage.people.grants import grant_roles
from storage.people.store import add_identity, add_person
from tests.handlers.asking import an_asking, some_words
from tests.storage.matters.work import Submitted

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DETAILS = {"name": "仓库断网", "summary": "打不了单", "labels": ""}


class StandingClock:
    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        """Nothing waits here."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The matters' deps and what was asked for."""

    database: Database
    deps: MattersDeps
    work: Submitted

    async def run(self, effect: Effect) -> None:
        async with self.database.begin() as tx:
            await effect(tx)

    async def fire(self, matter: int, position: int = 0) -> None:
        """Let the engine fire one step."""
        payload = {"matter": matter, "position": position}
        job = Job(id="J", task="matters.step", key="k", payload=payload, attempt=1, first_started_at=NOW)
        await self.run(await fire(job, deps=self.deps))


@asynccontextmanager
async def a_desk(database: Database) -> AsyncIterator[Desk]:
    """With one operator, who writes in Feishu."""
    work = Submitted()
    database.work = work
    deps = MattersDeps(
        database=database,
        clock=StandingClock(),
        words=some_words,
        zone=ZoneInfo("Asia/Shanghai"),
        language="zh",
        channels=lambda: frozenset({"feishu", "web", "sms"}),
    )
    async with database.begin() as tx:
        await add_person(tx, person_id="P1", name="林", now=NOW)
        await add_identity(tx, person_id="P1", channel="feishu", external_id="ou_1")
        await grant_roles(tx, person_id="P1", roles=["operator"], by="test", now=NOW)
    yield Desk(database, deps, work)


async def open_with_step(tx: Transaction, name: str, step: Step) -> int:
    """A matter whose only step is ``step``; its number."""
    matter = await store.open_matter(tx, NewMatter(kind="alertmanager", fingerprint=name, details=DETAILS), now=NOW)
    assert matter is not None
    await ladder.add_steps(tx, [replace(step, matter=matter.number)])
    return matter.number


PRIVATE = Step(matter=0, position=0, how="private", target="duty", channel="", needs="acknowledged", due_at=NOW)


def asking() -> Asking:
    return an_asking(now=NOW)
