"""A failed job is tried again with growing waits, then it is a dead letter until somebody replays it."""

import asyncio
from datetime import timedelta

import pytest

from bot.contracts.errors import UpstreamRateLimited, UserInputError
from bot.contracts.feature import Effect, Job
from storage.database import Transaction
from storage.jobs.store import dead_jobs, last_tick, record_tick, requeue_job
from tests.bot.jobs.office import QUICK, Office, Stumbling

FAILS = [ConnectionError("no line")] * 99


def wrote(office: Office, name: str) -> "asyncio.Future[bool]":
    """Whether an effect that records a tick under ``name`` was committed."""

    async def look() -> bool:
        async with office.database.read() as reader:
            return await last_tick(reader, name) is not None

    return asyncio.ensure_future(look())


async def test_waits_grow_and_tries_are_counted_until_the_job_is_a_dead_letter(office: Office) -> None:
    worker = office.worker(Stumbling(FAILS))
    await office.open(worker.task())
    await office.ask("hopeless")
    job = await office.has_state("hopeless", "dead")
    waits = [after - before for before, after in zip(worker.started_at, worker.started_at[1:], strict=False)]
    assert [wait >= QUICK.first * 2**number for number, wait in enumerate(waits)] == [True, True]
    assert [job.attempt for job in worker.started] == [1, 2, 3]
    assert job.error == "ConnectionError: no line"


async def test_an_error_that_no_try_can_mend_is_a_dead_letter_at_once(office: Office) -> None:
    worker = office.worker(Stumbling([UserInputError("wrong")]))
    await office.open(worker.task())
    await office.ask("wrong")
    await office.has_state("wrong", "dead")
    assert len(worker.started) == 1


async def test_a_rate_limit_is_waited_for_and_counts_as_no_try(office: Office) -> None:
    pause = timedelta(milliseconds=5)
    busy = UpstreamRateLimited("busy", platform="feishu", operation="send", retry_after=pause)
    worker = office.worker(Stumbling([busy] * 9))
    await office.open(worker.task())
    await office.ask("paced")
    await office.has_state("paced", "done")
    assert [job.attempt for job in worker.started] == [1] * 10


async def test_a_replayed_dead_letter_gets_a_fresh_start(office: Office) -> None:
    worker = office.worker(Stumbling(FAILS[: QUICK.tries + 1]))
    await office.open(worker.task())
    await office.ask("mended later")
    job = await office.has_state("mended later", "dead")

    async def replay(tx: Transaction) -> None:
        assert await requeue_job(tx, job.id, now=office.clock.now())

    await office.do(replay)
    await office.has_state("mended later", "done")
    assert [job.attempt for job in worker.started] == [1, 2, 3, 1, 2]


async def test_only_one_of_two_replays_takes_the_dead_letter(office: Office) -> None:
    worker = office.worker(Stumbling(FAILS[: QUICK.tries]))
    await office.open(worker.task())
    await office.ask("once")
    job = await office.has_state("once", "dead")
    async with office.database.begin() as tx:
        answers = [await requeue_job(tx, job.id, now=office.clock.now()) for _ in range(2)]
    assert answers == [True, False]


async def test_dead_letters_are_listed_newest_first(office: Office) -> None:
    worker = office.worker(Stumbling(FAILS))
    await office.open(worker.task())
    await office.ask("older")
    await office.has_state("older", "dead")
    await office.ask("newer")
    await office.has_state("newer", "dead")
    async with office.database.read() as reader:
        assert [job.key for job in await dead_jobs(reader, limit=9)] == ["newer", "older"]


async def test_an_effect_is_committed_with_the_end_of_its_job(office: Office) -> None:
    async def leave_a_trace(job: Job) -> Effect:
        async def effect(tx: Transaction) -> None:
            await record_tick(tx, job.key, office.clock.now())

        return effect

    worker = office.worker(leave_a_trace)
    await office.open(worker.task())
    await office.ask("k")
    await office.has_state("k", "done")
    assert await wrote(office, "k")


async def test_an_effect_that_raises_leaves_nothing_and_its_job_is_tried_again(office: Office) -> None:
    async def leave_half(job: Job) -> Effect:
        async def effect(tx: Transaction) -> None:
            await record_tick(tx, f"try {job.attempt}", office.clock.now())
            await tx.submit("work", {}, key=f"child of {job.attempt}")
            if job.attempt == 1:
                raise ConnectionError

        return effect if job.key == "k" else nothing_more

    async def nothing_more(_tx: Transaction) -> None: ...

    worker = office.worker(leave_half)
    await office.open(worker.task())
    await office.ask("k")
    await worker.has_ended(3)
    assert (await wrote(office, "try 1"), await wrote(office, "try 2")) == (False, True)
    assert worker.keys == ["k", "k", "child of 2"]


async def test_one_effect_that_raises_does_not_touch_those_committed_beside_it(office: Office) -> None:
    async def work(job: Job) -> Effect:
        async def effect(tx: Transaction) -> None:
            await record_tick(tx, job.key, office.clock.now())
            if job.key == "bad":
                raise UserInputError("bad")

        return effect

    worker = office.worker(work)
    await office.open(worker.task(at_once=9))
    await office.ask("good 1", "bad", "good 2")
    await office.has_state("bad", "dead")
    await office.has_state("good 2", "done")
    assert [await wrote(office, key) for key in ("good 1", "bad", "good 2")] == [True, False, True]


async def test_last_words_are_committed_with_the_burial(office: Office) -> None:
    def last_words(job: Job, error: BaseException) -> Effect:
        async def effect(tx: Transaction) -> None:
            await record_tick(tx, f"{job.key}: {error}", office.clock.now())

        return effect

    worker = office.worker(Stumbling([UserInputError("wrong")]))
    await office.open(worker.task(on_giving_up=last_words))
    await office.ask("k")
    await office.has_state("k", "dead")
    assert await wrote(office, "k: wrong")


def no_words(_job: Job, _error: BaseException) -> Effect:
    raise KeyError("the payload lacks what the last words need")


def failing_words(_job: Job, _error: BaseException) -> Effect:
    async def effect(_tx: Transaction) -> None:
        raise ConnectionError

    return effect


@pytest.mark.parametrize("last_words", [no_words, failing_words])
async def test_last_words_that_fail_keep_nothing_from_going_on(office: Office, last_words: object) -> None:
    worker = office.worker(Stumbling([UserInputError("wrong")]))
    await office.open(worker.task(on_giving_up=last_words))
    await office.ask("k")
    await office.has_state("k", "dead")
    await office.ask("next")
    await worker.has_ended(1)
    assert worker.keys == ["k", "next"]


@pytest.mark.parametrize("text", ["half a pair \ud800", "nothing \0 here", "长" * 5000])
async def test_an_error_may_say_anything(office: Office, text: str) -> None:
    worker = office.worker(Stumbling([UserInputError(text)]))
    await office.open(worker.task())
    await office.ask("k")
    assert (await office.has_state("k", "dead")).error.startswith(f"UserInputError: {text[:4]}")


async def test_a_handler_that_is_cancelled_by_its_own_doing_failed(office: Office) -> None:
    worker = office.worker(Stumbling([asyncio.CancelledError()] * 99))
    await office.open(worker.task())
    await office.ask("k")
    await office.has_state("k", "dead")
    assert len(worker.started) == QUICK.tries
