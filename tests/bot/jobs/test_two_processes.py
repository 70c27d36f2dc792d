"""Two processes over one PostgreSQL database: what both could do is done once, and what one leaves the other does."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle

import pytest
from sqlalchemy import text

from bot.contracts.clock import Clock, id_source
from bot.contracts.feature import Job, Schedule, Task
from bot.jobs.distributed import DistributedEngine, Pace
from bot.jobs.engine import Engine
from bot.jobs.schedule import Ticker
from storage.database import Database
from storage.jobs.store import find_jobs
from tests.bot.jobs.clocks import MovedClock
from tests.bot.jobs.engines import LEASE, POLL, distributed
from tests.bot.jobs.lives import Lives, traces_in
from tests.bot.jobs.office import Gate, Lasting, Office
from tests.bot.jobs.process import LANE_JOBS, Process, traced
from tests.waiting import until, until_true

STEPS = Task(name="step", run=traced(0.01), at_once=8)
TICKING = Schedule(name="ticking", task="work", cron="* * * * *")


def storing(database: Database, clock: Clock) -> Engine:
    """A process that takes no work, as one of the role web."""
    rare = Pace(lease=LEASE, poll=timedelta(minutes=1))
    return DistributedEngine(database, clock, id_source(clock), pace=rare, works=False)


def listening(database: Database, clock: Clock) -> Engine:
    """A process that hears of work or does not: it looks once a minute."""
    return DistributedEngine(database, clock, id_source(clock), pace=Pace(lease=LEASE, poll=timedelta(minutes=1)))


@pytest.fixture
def setup() -> str:
    return "distributed on postgres"


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """The same database as another process has it."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def other(elsewhere: Database, clock: MovedClock) -> AsyncIterator[Office]:
    """The second process; not yet open."""
    office = Office(elsewhere, clock, distributed)
    yield office
    await office.close()


async def ask_in_turn(offices: list[Office], keys: list[str], lane: str) -> None:
    """One process after the other asks for one job."""
    for key, office in zip(keys, cycle(offices), strict=False):
        await office.ask(key, lane=lane)


async def test_a_lane_runs_in_order_over_two_processes(office: Office, other: Office) -> None:
    worker = office.worker(Lasting(0.002))
    await office.open(worker.task())
    await other.open(worker.task())
    asked = [f"{number:02}" for number in range(24)]
    await ask_in_turn([office, other], asked, lane="chat")
    await worker.has_ended(24)
    assert (worker.keys, worker.most_at_once) == (asked, 1)


async def test_a_key_offered_to_two_processes_runs_once(office: Office, other: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await other.open(worker.task())
    await office.ask("same")
    await other.ask("same", "same")
    await other.ask("last")
    await worker.has_ended(2)
    assert sorted(worker.keys) == ["last", "same"]


async def test_a_process_that_only_stores_is_served_at_once_by_one_that_works(
    database: Database, elsewhere: Database, clock: MovedClock
) -> None:
    web, worker_process = Office(database, clock, storing), Office(elsewhere, clock, listening)
    worker = web.worker()
    await web.open()
    await worker_process.open(worker.task())
    await worker_process.ask("first")
    await worker.has_ended(1)
    await web.ask("told", "in a lane", lane="chat")
    await worker.has_ended(3)
    await web.close()
    await worker_process.close()
    assert worker.keys == ["first", "told", "in a lane"]


async def tick_all(tickers: list[Ticker]) -> None:
    """All at the same time."""
    await asyncio.gather(*(ticker.tick() for ticker in tickers))


async def test_a_tick_runs_once_over_two_processes_and_so_do_missed_ones(office: Office, other: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await other.open(worker.task())
    tickers = [Ticker([TICKING], each.database, each.clock, UTC) for each in (office, other)]
    await tick_all(tickers)
    office.clock.move(hours=3)
    await tick_all(tickers)
    async with office.database.read() as reader:
        ticks = await find_jobs(reader, key_prefix="tick:")
    assert len(ticks) == 2
    await worker.has_ended(2)


async def test_a_job_longer_than_the_lease_runs_once_while_its_process_lives(office: Office, other: Office) -> None:
    gate = Gate()
    worker = office.worker(gate)
    await office.open(worker.task())
    await office.ask("long", lane="chat")
    await worker.has_started(1)
    await other.open(worker.task())
    begun = datetime.now(UTC)

    async def is_kept_alive() -> bool:
        async with other.database.read() as reader:
            beat = (await reader.execute(text("SELECT max(heartbeat) FROM pgqueuer.pgqueuer"))).scalar_one()
        return bool(beat > begun + LEASE + POLL)

    await until_true(is_kept_alive)
    gate.opened.set()
    await office.has_state("long", "done")
    assert worker.keys == ["long"]


async def test_a_peer_takes_over_in_order_what_a_killed_process_was_doing(office: Office, database_url: str) -> None:
    lives = Lives(["distributed", database_url])
    peer = partial(office.open, STEPS)
    await lives.pause("lane", until="started step 07", meanwhile=peer, then=signal.SIGKILL)
    await office.has_state(LANE_JOBS[-1], "done")
    assert await traces_in(database_url) == dict.fromkeys(LANE_JOBS, 1)


async def test_a_process_that_was_stopped_and_resumed_has_no_effect_where_a_peer_took_over(
    office: Office, database_url: str
) -> None:
    lives = Lives(["distributed", database_url])

    async def take_over() -> None:
        await office.open(STEPS)
        await office.has_state(LANE_JOBS[-1], "done")

    await lives.pause("lane", until="started step 05", meanwhile=take_over)
    assert await traces_in(database_url) == dict.fromkeys(LANE_JOBS, 1)


async def test_where_all_that_ran_has_ended_together_the_next_begin_without_another_look(
    database: Database, clock: MovedClock
) -> None:
    engine = listening(database, clock)
    done: list[str] = []

    async def run(job: Job) -> None:
        done.append(job.key)

    engine.register([Task(name="step", run=run, at_once=2)])
    database.work = process = Process(engine, database)
    await engine.start()
    in_lanes = [f"{key} in a lane" for key in LANE_JOBS]
    await asyncio.gather(process.ask("step", LANE_JOBS), *(process.ask("step", [key], lane=key) for key in in_lanes))
    await until(lambda: len(done) >= len(LANE_JOBS) + len(in_lanes))
    await engine.stop(timedelta(seconds=1))
    assert sorted(done) == sorted([*LANE_JOBS, *in_lanes])
