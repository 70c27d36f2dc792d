"""Runs and their steps, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.contracts.quantities import StoreId
from storage.catalog.rows import ACCOUNT
from storage.database import Database
from storage.sync import store
from storage.sync.rows import Run, Step

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
RUN = Run(
    run_id="r1", kinds=("sellers", "stock"), store_ids=(StoreId("101"),), started_at=NOW, reply_key="k", language="zh"
)
STEP = Step("r1", "stock", StoreId("101"))


async def test_a_run_comes_back_as_it_was_stored(database: Database) -> None:
    async with database.begin() as tx:
        assert await store.add_run(tx, RUN)
    async with database.read() as reader:
        assert await store.load_run(reader, "r1") == RUN
        assert await store.load_run(reader, "r2") is None


async def test_a_run_is_stored_once(database: Database) -> None:
    async with database.begin() as tx:
        await store.add_run(tx, RUN)
        assert not await store.add_run(tx, replace(RUN, language="en"))
        assert await store.load_run(tx, "r1") == RUN


async def test_a_step_added_again_keeps_its_state(database: Database) -> None:
    done = replace(STEP, state="done", rows=5)
    async with database.begin() as tx:
        await store.add_run(tx, RUN)
        await store.add_steps(tx, [STEP])
        await store.save_step(tx, done)
        await store.add_steps(tx, [STEP])
        assert await store.load_steps(tx, "r1") == (done,)
        assert await store.load_step(tx, "r1", "stock", StoreId("101")) == done


async def test_open_runs_are_recent_and_not_ended(database: Database) -> None:
    async with database.begin() as tx:
        await store.add_run(tx, RUN)
        await store.add_run(tx, replace(RUN, run_id="r2", started_at=NOW - timedelta(days=1)))
        await store.add_run(tx, replace(RUN, run_id="r3"))
        await store.end_run(tx, "r3", NOW)
        assert await store.open_runs(tx, NOW - timedelta(hours=6)) == (RUN,)


async def test_only_steps_that_have_not_begun_are_failed_together(database: Database) -> None:
    running = Step("r1", "sellers", ACCOUNT, "running")
    async with database.begin() as tx:
        await store.add_run(tx, RUN)
        await store.add_steps(tx, [STEP, running])
        assert await store.fail_waiting(tx, "upstream_auth") == ("r1",)
        failed = replace(STEP, state="failed", error_code="upstream_auth")
        assert await store.load_steps(tx, "r1") == (running, failed)
        assert await store.open_steps(tx, NOW - timedelta(hours=1)) == {("sellers", ACCOUNT)}


async def test_old_runs_go_with_their_steps(database: Database) -> None:
    async with database.begin() as tx:
        await store.add_run(tx, RUN)
        await store.add_steps(tx, [STEP])
        await store.forget_runs(tx, NOW + timedelta(seconds=1))
        assert (await store.load_run(tx, "r1"), await store.load_steps(tx, "r1")) == (None, ())
