"""Processes over one database tell each other where something is new, also after the connection broke."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy import text

from bot.contracts.clock import SystemClock
from bot.live import Live, Signal
from bot.neighbours import Neighbours
from storage.database import Database
from tests.waiting import until

_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
async def shared(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    yield database
    await database.close()


@asynccontextmanager
async def a_process(database: Database, name: str) -> AsyncIterator[Live[str]]:
    """A process whose connection listens by the time it is used: its own greeting was marked as missed."""
    live = Live[str]()
    neighbours = Neighbours(database, [live], SystemClock(), name=name)
    with live.listen("greeting") as greeting:
        talking = asyncio.create_task(neighbours.talk())
        assert await greeting.get() is Signal.MISSED
    try:
        yield live
    finally:
        talking.cancel()
        with suppress(asyncio.CancelledError):
            await talking


async def test_a_listener_in_another_process_is_told_to_read(shared: Database) -> None:
    async with a_process(shared, "one") as one, a_process(shared, "two") as two:
        with two.listen("team") as listener, two.listen("me") as elsewhere:
            one.publish("team", "news")
            assert await listener.get() is Signal.MISSED
            assert elsewhere.empty()


async def test_a_process_does_not_hear_itself(shared: Database) -> None:
    async with a_process(shared, "one") as one, a_process(shared, "two") as two:
        with one.listen("team") as own, two.listen("team") as other:
            one.publish("team", "news")
            assert await other.get() is Signal.MISSED
            assert (own.get_nowait(), own.empty()) == ("news", True)


async def test_many_topics_at_once_all_arrive(shared: Database) -> None:
    topics = [f"chat:{number:0300}" for number in range(120)]
    async with a_process(shared, "one") as one, a_process(shared, "two") as two:
        with two.listen(*topics) as listener:
            for_all(one, topics)
            await until(lambda: listener.full() or listener.qsize() >= 1)
            assert await listener.get() is Signal.MISSED


async def test_after_a_broken_connection_everybody_reads_again_and_news_go_on(shared: Database) -> None:
    async with a_process(shared, "one") as one, a_process(shared, "two") as two:
        with two.listen("team") as listener:
            async with shared.begin() as tx:
                await tx.execute(text(_OTHERS))
            assert await listener.get() is Signal.MISSED
            await until(lambda: told_again(one, listener))


def for_all(live: Live[str], topics: list[str]) -> None:
    for topic in topics:
        live.publish(topic, "news")


def told_again(live: Live[str], listener: "asyncio.Queue[str | Signal]") -> bool:
    """Publish once more; True when it was heard."""
    live.publish("team", "again")
    return not listener.empty()
