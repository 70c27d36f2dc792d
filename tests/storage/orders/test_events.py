"""What is delivered is kept once per id of its sender, for ever, and taken in by one job."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage.database import Database
from storage.orders.events import add_events, forget_event_bodies, load_event
from tests.storage.matters.work import Submitted
from tests.storage.orders.builders import NOW, an_event


@pytest.fixture
async def work(database: Database) -> AsyncIterator[Submitted]:
    """An engine that only notes."""
    submitted = Submitted()
    database.work = submitted
    yield submitted


async def test_new_events_are_told_from_repeated_ones(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        assert await add_events(tx, [an_event("E1", "m1"), an_event("E2", "m2")]) == [True, True]
        assert await add_events(tx, [an_event("E3", "m1"), an_event("E4", "m3")]) == [False, True]
        await tx.flush()
        assert [job.key for job in tx.added_jobs] == ["orders.event:E1", "orders.event:E2", "orders.event:E4"]


async def test_of_one_event_twice_in_a_commit_one_is_new(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        assert sum(await add_events(tx, [an_event("E1", "m1"), an_event("E2", "m1")])) == 1


async def test_two_sources_may_use_the_same_id(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        assert await add_events(tx, [an_event("E1", "m1"), an_event("E2", "m1", "taobao")]) == [True, True]


async def test_the_same_event_from_two_processes_is_new_once(database: Database, work: Submitted) -> None:
    async def offer(number: int) -> list[bool]:
        async with database.begin() as tx:
            return await add_events(tx, [an_event(f"E{number}", "m1")])

    answers = await asyncio.gather(*(offer(number) for number in range(6)))
    assert sum(is_new for (is_new,) in answers) == 1


async def test_a_forgotten_body_leaves_its_id_behind(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        await add_events(tx, [an_event("E1", "m1")])
        assert await forget_event_bodies(tx, before=NOW + timedelta(days=1), limit=9) == 1
        stored = await load_event(tx, "E1")
        assert stored is not None
        assert stored.body is None
        assert await add_events(tx, [an_event("E2", "m1")]) == [False]
