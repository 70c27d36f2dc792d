"""Arrivals are written in groups and acknowledged once they are on disk; one that cannot be stored fails alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.clock import SystemClock
from storage.database import Database, Transaction
from storage.jobs.store import last_tick
from storage.jobs.tables import schedule_ticks
from tests.bot.jobs.office import Gate, Office
from tests.waiting import meanwhile

_NOW = SystemClock().now


@dataclass(slots=True)
class Ledger:
    """Writes names down, each once for ever; notes how many came together."""

    groups: list[int] = field(default_factory=list)

    async def write(self, tx: Transaction, names: Sequence[str]) -> list[str]:
        self.groups.append(len(names))
        await tx.execute(insert(schedule_ticks), [{"schedule": name, "slot": _NOW()} for name in names])
        return [f"wrote {name}" for name in names]


async def is_written(database: Database, name: str) -> bool:
    async with database.read() as reader:
        return await last_tick(reader, name) is not None


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """The same database as another process has it."""
    database = Database(database_url)
    yield database
    await database.close()


Locked = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
def locked(elsewhere: Database) -> Locked:
    """Another process keeps everybody else from writing."""

    @asynccontextmanager
    async def hold() -> AsyncIterator[None]:
        lock = "SELECT 1" if elsewhere.is_sqlite else "LOCK TABLE jobs, schedule_ticks IN EXCLUSIVE MODE"
        async with elsewhere.begin() as tx:
            await tx.execute(text(lock))
            yield

    return hold


async def test_each_arrival_gets_its_own_answer_and_many_share_a_commit(office: Office, ledger: Ledger) -> None:
    await office.open()
    names = [f"n{number}" for number in range(200)]
    answers = await asyncio.gather(*(office.engine.commit(ledger.write, name) for name in names))
    assert answers == [f"wrote {name}" for name in names]
    assert len(ledger.groups) < 20


async def test_an_arrival_is_on_disk_when_it_is_answered(office: Office, ledger: Ledger, elsewhere: Database) -> None:
    await office.open()
    await office.engine.commit(ledger.write, "a")
    assert await is_written(elsewhere, "a")


@pytest.mark.parametrize("poison", ["taken", "half a pair \ud800"])
async def test_one_arrival_that_cannot_be_stored_fails_alone(office: Office, ledger: Ledger, poison: str) -> None:
    await office.open()
    await office.engine.commit(ledger.write, "taken")
    names = [*"abcdefg", poison, *"hijklmn"]
    commits = (office.engine.commit(ledger.write, name) for name in names)
    answers = await asyncio.gather(*commits, return_exceptions=True)
    assert [name for name, answer in zip(names, answers, strict=True) if isinstance(answer, Exception)] == [poison]
    assert [await is_written(office.database, name) for name in "anh"] == [True] * 3


async def test_arrivals_of_different_kinds_do_not_spoil_each_other(office: Office, ledger: Ledger) -> None:
    async def refuse(_tx: Transaction, _items: Sequence[int]) -> list[None]:
        raise ValueError("never")

    await office.open()
    bad, good = await asyncio.gather(
        office.engine.commit(refuse, 1), office.engine.commit(ledger.write, "a"), return_exceptions=True
    )
    assert (str(bad), good) == ("never", "wrote a")


async def test_an_arrival_whose_sender_hung_up_is_stored_all_the_same(office: Office, ledger: Ledger) -> None:
    await office.open()
    hasty = asyncio.ensure_future(office.engine.commit(ledger.write, "hasty"))
    await asyncio.sleep(0)
    hasty.cancel()
    await office.engine.commit(ledger.write, "patient")
    assert hasty.cancelled()
    assert await is_written(office.database, "hasty")


async def test_arrivals_wait_while_another_process_has_the_database_locked(
    office: Office, ledger: Ledger, locked: Locked
) -> None:
    worker = office.worker()
    await office.open(worker.task())
    async with locked():
        arriving = asyncio.gather(*(office.engine.commit(ledger.write, name) for name in "abc"))
        await meanwhile()
        assert not arriving.done()
    assert await arriving == ["wrote a", "wrote b", "wrote c"]
    await office.ask("next")
    await worker.has_ended(1)


async def test_a_job_that_ended_while_the_database_was_locked_is_settled_afterwards(
    office: Office, locked: Locked
) -> None:
    gate = Gate()
    worker = office.worker(gate)
    await office.open(worker.task())
    await office.ask("k")
    await worker.has_started(1)
    async with locked():
        gate.opened.set()
        await worker.has_ended(1)
        await meanwhile()
    await office.has_state("k", "done")
    assert worker.keys == ["k"]


async def break_all_connections(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND datname = current_database()"
            )
        )


@pytest.mark.parametrize("setup", ["embedded on postgres", "distributed on postgres"], indirect=True)
async def test_broken_connections_cost_nothing_that_was_acknowledged(
    office: Office, ledger: Ledger, elsewhere: Database
) -> None:
    worker = office.worker()
    await office.open(worker.task())

    async def arrive(name: str) -> str:
        try:
            return await office.engine.commit(ledger.write, name)
        except SQLAlchemyError:
            return "refused"

    arriving = {name: asyncio.ensure_future(arrive(name)) for name in "abcdefgh"}
    await break_all_connections(elsewhere)
    acknowledged = {name for name, answer in arriving.items() if await answer != "refused"}
    await office.ask("next")
    await worker.has_ended(1)
    assert acknowledged <= {name for name in arriving if await is_written(elsewhere, name)}


@pytest.mark.parametrize("setup", ["embedded on sqlite"], indirect=True)
async def test_arrivals_get_an_error_if_the_database_stays_locked(
    office: Office, ledger: Ledger, locked: Locked
) -> None:
    await office.open()
    async with locked():
        with pytest.raises(SQLAlchemyError):
            await office.engine.commit(ledger.write, "in vain")
    assert await office.engine.commit(ledger.write, "after") == "wrote after"
    assert not await is_written(office.database, "in vain")
