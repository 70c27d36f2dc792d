"""Delays are kept, over restarts too; how long a handler takes changes nothing."""

import asyncio
from datetime import timedelta

from tests.bot.jobs.office import Gate, Office
from tests.waiting import meanwhile

BUSY = timedelta(seconds=5)
"""What a machine that runs the whole suite may add."""


async def test_a_delay_is_never_early_and_at_most_a_second_late(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task(at_once=20))
    now = office.clock.now()
    due = {f"k{number}": now + timedelta(milliseconds=25 * number) for number in range(20)}
    await asyncio.gather(*(office.ask(key, run_at=run_at) for key, run_at in due.items()))
    await worker.has_ended(20)
    late = [at - due[job.key] for job, at in zip(worker.started, worker.started_at, strict=True)]
    assert timedelta() <= min(late)
    assert max(late) <= timedelta(seconds=1) + BUSY


async def test_a_sooner_job_is_not_held_up_by_a_later_one(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    now = office.clock.now()
    await office.ask("later", run_at=now + timedelta(hours=1))
    await office.ask("sooner", run_at=now + timedelta(milliseconds=50))
    await worker.has_ended(1)
    assert worker.keys == ["sooner"]


async def test_a_delay_of_weeks_is_kept_over_a_restart(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("reminder", run_at=office.clock.now() + timedelta(weeks=3))
    await office.close()
    office.clock.move(days=20)
    await office.open(worker.task())
    await office.ask("meanwhile")
    await worker.has_ended(1)
    office.clock.move(days=1, seconds=1)
    await worker.has_ended(2)
    assert worker.keys == ["meanwhile", "reminder"]


async def test_what_became_due_while_nothing_ran_runs_at_the_start(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("missed", run_at=office.clock.now() + timedelta(hours=1))
    await office.close()
    office.clock.move(hours=9)
    await office.open(worker.task())
    await worker.has_ended(1)
    assert worker.keys == ["missed"]


async def test_a_handler_longer_than_any_lease_runs_once(office: Office) -> None:
    gate = Gate()
    slow, quick = office.worker(gate, "slow"), office.worker(name="quick")
    await office.open(slow.task(), quick.task())
    await office.ask("long", task="slow")
    await slow.has_started(1)
    office.clock.move(days=1)
    await office.ask("next day", task="quick")
    await quick.has_ended(1)
    office.clock.move(days=1)
    await office.ask("day after", task="quick")
    await quick.has_ended(2)
    gate.opened.set()
    await office.has_state("long", "done")
    assert slow.keys == ["long"]


async def test_an_idle_engine_wakes_for_what_is_asked_now(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("far away", run_at=office.clock.now() + timedelta(days=400))
    await meanwhile()
    await office.ask("now")
    await worker.has_ended(1)
    assert worker.started_at[0] - worker.started[0].first_started_at < timedelta(seconds=1) + BUSY
