"""A key runs once; what was committed runs, what was not does not."""

import pytest

from bot.contracts.feature import Effect, Job
from storage.database import Transaction
from tests.bot.jobs.office import Office


async def test_a_key_asked_for_twice_runs_once(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("same", "same")
    await office.ask("same", "last")
    await worker.has_ended(2)
    assert sorted(worker.keys) == ["last", "same"]


async def test_a_key_that_has_run_is_not_run_again(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("same")
    await office.has_state("same", "done")
    await office.ask("same", "last")
    await worker.has_ended(2)
    assert worker.keys == ["same", "last"]


async def test_a_key_that_has_run_is_not_run_again_after_a_restart(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("same")
    await worker.has_ended(1)
    await office.close()
    await office.open(worker.task())
    await office.ask("same", "last")
    await worker.has_ended(2)
    assert worker.keys == ["same", "last"]


async def test_a_handler_gets_its_key_its_lane_and_what_was_asked(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    await office.ask("k-1", lane="a lane")
    await worker.has_ended(1)
    job = worker.started[0]
    assert (job.task, job.key, job.lane, job.payload, job.attempt) == ("work", "k-1", "a lane", {"asked": "k-1"}, 1)


async def test_rolled_back_work_does_not_run_and_may_be_asked_for_later(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    with pytest.raises(ZeroDivisionError):
        async with office.database.begin() as tx:
            await tx.submit("work", {"asked": "in vain"}, key="undone")
            raise ZeroDivisionError
    await office.ask("after")
    await worker.has_ended(1)
    await office.ask("undone")
    await worker.has_ended(2)
    assert [job.payload["asked"] for job in worker.started] == ["after", "undone"]


async def test_work_does_not_run_before_its_commit(office: Office) -> None:
    worker = office.worker()
    await office.open(worker.task())
    async with office.database.begin() as tx:
        await tx.submit("work", {}, key="soon")
        office.clock.move(seconds=5)
        assert worker.started == []
    await worker.has_ended(1)


async def test_a_job_asks_for_more_work_in_the_commit_that_ends_it(office: Office) -> None:
    async def follow(job: Job) -> Effect:
        async def effect(tx: Transaction) -> None:
            await tx.submit("second", {}, key=f"after {job.key}")

        return effect

    first, second = office.worker(follow, "first"), office.worker(name="second")
    await office.open(first.task(), second.task())
    await office.ask("k", task="first")
    await second.has_ended(1)
    assert second.keys == ["after k"]
    assert (await office.job("k")).state == "done"
