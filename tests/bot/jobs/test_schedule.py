"""A schedule's tick runs once; ticks missed while nothing ran run once together."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.contracts.feature import Schedule
from bot.jobs.schedule import Ticker
from storage.database import Database
from storage.jobs.store import find_jobs
from tests.bot.jobs.clocks import MovedClock
from tests.bot.jobs.office import Office, Worker
from tests.waiting import until

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURLY = Schedule(name="hourly", task="work", cron="5 * * * *", payload={"kinds": ["stock"]})
NIGHTLY = Schedule(name="nightly", task="night", cron="10 4 * * *")


class SetClock(MovedClock):
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = datetime(2026, 3, 2, 1, 59, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, **distance: float) -> None:
        self.moment += timedelta(**distance)
        super().move()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def worker(office: Office) -> AsyncIterator[Worker]:
    """Works for both schedules."""
    worker, night = office.worker(), office.worker(name="night")
    await office.open(worker.task(), night.task())
    yield worker


def a_ticker(office: Office, *schedules: Schedule) -> Ticker:
    return Ticker(schedules, office.database, office.clock, SHANGHAI)


async def ticks(database: Database, schedule: Schedule) -> list[str]:
    """The slots for which the schedule's task was asked, in order."""
    async with database.read() as reader:
        jobs = await find_jobs(reader, key_prefix=f"tick:{schedule.name}:")
    return [job.key.removeprefix(f"tick:{schedule.name}:") for job in jobs]


async def test_a_schedule_that_never_ran_runs_at_once(office: Office, worker: Worker) -> None:
    await a_ticker(office, HOURLY).tick()
    await worker.has_ended(1)
    assert (worker.started[0].payload, worker.started[0].lane) == ({"kinds": ["stock"]}, "schedule:hourly")


async def test_the_very_first_run_of_two_processes_on_two_sides_of_a_minute_is_one(
    office: Office, worker: Worker
) -> None:
    late = SetClock()
    late.move(minutes=1)
    tickers = [Ticker([HOURLY], office.database, clock, SHANGHAI) for clock in (office.clock, late)]
    await asyncio.gather(*(ticker.tick() for ticker in tickers))
    assert len(await ticks(office.database, HOURLY)) == 1


async def test_a_slot_runs_once_however_often_it_is_looked_at(office: Office, worker: Worker, clock: SetClock) -> None:
    await a_ticker(office, HOURLY).tick()
    clock.move(minutes=6)
    ticker = a_ticker(office, HOURLY)
    await ticker.tick()
    await ticker.tick()
    await a_ticker(office, HOURLY).tick()
    assert await ticks(office.database, HOURLY) == ["2026-03-02T01:59:00+00:00", "2026-03-02T02:05:00+00:00"]


async def test_slots_missed_while_nothing_ran_run_once_together(
    office: Office, worker: Worker, clock: SetClock
) -> None:
    await a_ticker(office, HOURLY).tick()
    clock.move(days=3)
    await a_ticker(office, HOURLY).tick()
    assert await ticks(office.database, HOURLY) == ["2026-03-02T01:59:00+00:00", "2026-03-05T01:05:00+00:00"]


async def test_a_slot_is_of_the_teams_time_zone(office: Office, worker: Worker, clock: SetClock) -> None:
    await a_ticker(office, NIGHTLY).tick()
    clock.move(hours=18, minutes=10)
    await a_ticker(office, NIGHTLY).tick()
    assert await ticks(office.database, NIGHTLY) == ["2026-03-02T01:59:00+00:00"]
    clock.move(minutes=1)
    await a_ticker(office, NIGHTLY).tick()
    assert (await ticks(office.database, NIGHTLY))[1:] == ["2026-03-02T20:10:00+00:00"]


async def test_a_tick_says_when_the_next_slot_of_all_schedules_is(
    office: Office, worker: Worker, clock: SetClock
) -> None:
    upcoming = await a_ticker(office, NIGHTLY, HOURLY).tick()
    assert upcoming == datetime(2026, 3, 2, 2, 5, tzinfo=UTC)


async def test_a_tick_that_is_not_committed_is_made_up_for(office: Office, worker: Worker, clock: SetClock) -> None:
    ticker = a_ticker(office, HOURLY)
    await ticker.tick()
    clock.move(hours=1)
    office.database.work = None
    with pytest.raises(RuntimeError):
        await ticker.tick()
    office.database.work = office
    await ticker.tick()
    assert (await ticks(office.database, HOURLY))[1:] == ["2026-03-02T02:05:00+00:00"]


async def test_a_running_ticker_wakes_for_each_slot(office: Office, worker: Worker, clock: SetClock) -> None:
    ticker = a_ticker(office, HOURLY)
    ticker.start()
    await worker.has_ended(1)
    clock.move(minutes=5, seconds=30)
    await worker.has_ended(2)
    clock.move(hours=1)
    await worker.has_ended(3)
    await ticker.stop()
    clock.move(hours=1)
    assert len(await ticks(office.database, HOURLY)) == 3


async def test_ticks_of_one_schedule_do_not_overtake_each_other(office: Office, clock: SetClock) -> None:
    gate = asyncio.Event()

    async def wait(_job: object) -> None:
        await gate.wait()

    worker = office.worker(wait)
    await office.open(worker.task())
    ticker = a_ticker(office, HOURLY)
    await ticker.tick()
    clock.move(hours=1)
    await ticker.tick()
    await until(lambda: len(worker.started) == 1)
    gate.set()
    await worker.has_ended(2)
    assert worker.most_at_once == 1
