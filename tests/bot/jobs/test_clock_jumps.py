"""The machine's clock is set, by an hour or back: what waits goes on, in its order and once; timers keep their hour."""

import asyncio
from datetime import UTC, timedelta

import pytest

from bot.contracts.errors import UpstreamUnavailable
from bot.contracts.feature import Job, Schedule
from bot.contracts.retry import RetryPolicy
from bot.jobs.schedule import Ticker
from storage.jobs.store import find_jobs
from tests.bot.jobs.clocks import JumpingClock
from tests.bot.jobs.office import Gate, Office, Stumbling
from tests.waiting import until, until_true

SET = pytest.mark.parametrize("hours", [1, -1])
EVERY_MINUTE = Schedule(name="minutely", task="work", cron="* * * * *")
SLOW = RetryPolicy(tries=3, first=timedelta(seconds=30), longest=timedelta(seconds=30))


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


async def has_failed(office: Office, key: str) -> bool:
    return (await office.job(key)).attempt == 1


@SET
async def test_a_lane_goes_on_in_its_order(office: Office, clock: JumpingClock, hours: int) -> None:
    gate = Gate()
    worker = office.worker(gate)
    await office.open(worker.task())
    before = ["one", "two", "three", "four", "five"]
    await office.ask(*before, lane="chat")
    await worker.has_started(1)
    clock.set_by(hours=hours)
    await office.ask("after", lane="chat")
    gate.opened.set()
    await worker.has_ended(6)
    assert worker.keys == [*before, "after"]


@SET
async def test_a_retry_waits_no_longer_than_it_would_have(office: Office, clock: JumpingClock, hours: int) -> None:
    worker = office.worker(Stumbling([UpstreamUnavailable(platform="feishu", operation="reply")]))
    await office.open(worker.task(retry=SLOW, holds_lane="always"))
    await office.ask("stumbles", lane="chat")
    await until_true(lambda: has_failed(office, "stumbles"))
    await until(lambda: clock.sleepers == 1)
    clock.set_by(hours=hours)
    clock.move(minutes=1)
    await worker.has_ended(1)
    await office.has_state("stumbles", "done")
    assert worker.keys == ["stumbles", "stumbles"]


async def test_what_fails_after_the_clock_was_set_back_is_tried_again_first(
    office: Office, clock: JumpingClock
) -> None:
    gate, stumbling = Gate(), Stumbling([UpstreamUnavailable("down", platform="feishu", operation="send")])

    async def deed(job: Job) -> None:
        await gate(job)
        await stumbling(job)

    worker = office.worker(deed)
    await office.open(worker.task(holds_lane="always"))
    await office.ask("first", lane="chat")
    await worker.has_started(1)
    clock.set_by(hours=-1)
    await office.ask("second", lane="chat")
    gate.opened.set()
    await worker.has_ended(2)
    assert worker.keys == ["first", "first", "second"]


async def test_a_timer_is_noticed_when_the_clock_is_set_past_it(office: Office, clock: JumpingClock) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("reminder", run_at=clock.now() + timedelta(minutes=50))
    await office.ask("now")
    await office.has_state("now", "done")
    await until(lambda: clock.sleepers == 1)
    clock.set_by(hours=1)
    clock.move(minutes=1)
    await worker.has_ended(2)
    assert worker.keys == ["now", "reminder"]


async def test_a_timer_is_not_early_when_the_clock_is_set_back(office: Office, clock: JumpingClock) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("reminder", run_at=clock.now() + timedelta(minutes=50))
    await office.ask("now")
    await worker.has_ended(1)
    clock.set_by(hours=-1)
    clock.move(minutes=51)
    await office.ask("later")
    await worker.has_ended(2)
    assert worker.keys == ["now", "later"]
    clock.move(minutes=60)
    await worker.has_ended(3)
    assert worker.keys[2:] == ["reminder"]


@SET
async def test_a_slot_runs_once_when_the_clock_is_set_and_set_right_again(
    office: Office, clock: JumpingClock, hours: int
) -> None:
    worker = office.worker()
    await office.open(worker.task())
    ticker = Ticker([EVERY_MINUTE], office.database, clock, UTC)
    await ticks(ticker, clock)
    clock.set_by(hours=hours)
    await ticks(ticker, clock)
    await worker.has_ended(len(await asked_for(office)))  # else it would wait for its hour once more
    clock.set_by(hours=0)
    await ticks(ticker, clock)
    asked = await asked_for(office)
    await worker.has_ended(len(asked))
    assert sorted(worker.keys) == sorted(set(asked))
    assert len(asked) >= 5


async def asked_for(office: Office) -> list[str]:
    """The keys of all ticks so far."""
    async with office.database.read() as reader:
        return [job.key for job in await find_jobs(reader, key_prefix="tick:")]


async def ticks(ticker: Ticker, clock: JumpingClock) -> None:
    """Twice in a minute, then twice in the next one."""
    await asyncio.gather(ticker.tick(), ticker.tick())
    clock.move(minutes=1)
    await asyncio.gather(ticker.tick(), ticker.tick())


@SET
async def test_a_running_ticker_goes_on_within_minutes(office: Office, clock: JumpingClock, hours: int) -> None:
    worker = office.worker()
    await office.open(worker.task())
    ticker = Ticker([EVERY_MINUTE], office.database, clock, UTC)
    ticker.start()
    await worker.has_ended(1)
    clock.set_by(hours=hours)
    clock.move(hours=1, minutes=10)
    await worker.has_ended(2)
    await ticker.stop()
    assert len(set(worker.keys)) == len(worker.keys)
