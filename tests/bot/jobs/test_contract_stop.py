"""A stop waits for what runs, but not for ever; what did not end waits for the next start."""

import asyncio
from datetime import timedelta

from bot.contracts.feature import Effect, Job
from storage.database import Transaction
from storage.jobs.store import find_jobs
from tests.bot.jobs.office import Gate, Lasting, Office
from tests.waiting import meanwhile, until


async def test_a_stop_waits_for_all_that_runs(office: Office) -> None:
    """They end one after the other: none may be forgotten because another one ended before it."""
    gates = {key: Gate() for key in "abc"}

    async def last(job: Job) -> None:
        await gates[job.key](job)

    worker = office.worker(last)
    await office.open(worker.task())
    await office.ask(*"abc")
    await worker.has_started(3)
    closing = asyncio.create_task(office.close())
    gates["a"].opened.set()
    await office.has_state("a", "done")
    gates["b"].opened.set()
    await office.has_state("b", "done")
    gates["c"].opened.set()
    await closing
    assert (await office.job("c")).state == "done"


async def test_a_stop_takes_up_no_new_work(office: Office) -> None:
    gate = Gate()
    worker = office.worker(gate)
    await office.open(worker.task(at_once=1))
    await office.ask("runs", "waits")
    await worker.has_started(1)
    closing = asyncio.create_task(office.close())
    await meanwhile()
    gate.opened.set()
    await closing
    assert (worker.keys, (await office.job("waits")).state) == (["runs"], "waiting")


async def test_a_stop_gives_up_waiting_after_its_grace(office: Office) -> None:
    worker = office.worker(Gate())
    await office.open(worker.task())
    await office.ask("endless", lane="chat")
    await worker.has_started(1)
    async with asyncio.timeout(60):
        await office.close(timedelta(milliseconds=50))
    assert (await office.job("endless")).state == "waiting"


async def test_what_a_stop_cut_off_runs_first_in_its_lane_after_the_next_start(office: Office) -> None:
    gate = Gate()
    worker = office.worker(gate)
    await office.open(worker.task())
    await office.ask("one", "two", lane="chat")
    await worker.has_started(1)
    await office.close(timedelta())
    gate.opened.set()
    await office.open(worker.task())
    await worker.has_ended(2)
    assert [(job.key, job.attempt) for job in worker.started] == [("one", 1), ("one", 1), ("two", 1)]


async def test_an_effect_of_the_last_moment_is_committed(office: Office) -> None:
    async def end_late(job: Job) -> Effect:
        await Lasting(0.05)(job)

        async def effect(tx: Transaction) -> None:
            await tx.submit("work", {}, key="for the next start", run_at=office.clock.now() + timedelta(days=1))

        return effect

    worker = office.worker(end_late)
    await office.open(worker.task())
    await office.ask("k")
    await worker.has_started(1)
    await office.close()
    assert (await office.job("for the next start")).state == "waiting"


async def test_a_stop_of_an_idle_engine_is_immediate(office: Office) -> None:
    await office.open(office.worker().task())
    began = office.clock.now()
    await office.close(timedelta(seconds=90))
    assert office.clock.now() - began < timedelta(seconds=30)


async def test_a_handler_cut_off_in_a_transaction_leaves_the_database_usable(office: Office) -> None:
    inside = asyncio.Event()

    async def hold_a_transaction(_job: Job) -> None:
        async with office.database.begin() as tx:
            await tx.submit("work", {}, key="never committed")
            inside.set()
            await asyncio.Event().wait()

    worker = office.worker(hold_a_transaction)
    await office.open(worker.task())
    await office.ask("k")
    await until(inside.is_set)
    await office.close(timedelta(milliseconds=20))
    await office.open(office.worker(name="other").task())
    await office.ask("next", task="other")
    await office.has_state("next", "done")
    async with office.database.read() as reader:
        assert await find_jobs(reader, key_prefix="never committed") == []
