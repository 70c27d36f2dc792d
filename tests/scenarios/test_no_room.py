"""A full or read-only database: nothing is acknowledged that is not kept; afterwards everything is answered once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection

from integrations.feishu.simulator import Said
from tests.scenarios.stage import ADMIN, Stage


@pytest.fixture
async def writer(stage: Stage) -> sqlite3.Connection:
    """The connection through which the service writes."""
    found: list[sqlite3.Connection] = []

    def look(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        found.append(driver._conn)

    async with stage.app.database.begin() as tx:
        await tx.run_sync(look)
    return found[0]


@contextmanager
def full(writer: sqlite3.Connection) -> Iterator[None]:
    """Not one page can be added; what fits into the last ones is still kept."""
    writer.execute("PRAGMA max_page_count = 1")
    yield
    writer.execute("PRAGMA max_page_count = 1000000000")


@contextmanager
def read_only(writer: sqlite3.Connection) -> Iterator[None]:
    writer.execute("PRAGMA query_only = 1")
    yield
    writer.execute("PRAGMA query_only = 0")


FAULTS = pytest.mark.parametrize("fault", [full, read_only])


def a_message(stage: Stage, number: int) -> dict[str, Any]:
    return stage.feishu.envelopes.message(Said(text="店铺", chat_id=f"oc_private_{number}", sender_id=ADMIN))


async def push_until_refused(stage: Stage) -> list[tuple[dict[str, Any], int]]:
    """Deliver messages until one finds no room; what was delivered, with the answers."""
    delivered: list[tuple[dict[str, Any], int]] = []
    while not delivered or delivered[-1][1] == 200:
        envelope = a_message(stage, len(delivered))
        delivered.append((envelope, await stage.push(envelope)))
    return delivered


@FAULTS
async def test_what_finds_no_room_is_refused_and_taken_and_answered_once_afterwards(
    stage: Stage, writer: sqlite3.Connection, fault: Any
) -> None:
    with fault(writer):
        delivered = await push_until_refused(stage)
        ready = await stage.get("/readyz")
        alive = await stage.get("/healthz")
    assert [await stage.push(envelope) for envelope, _ in delivered] == [200] * len(delivered)
    await stage.settled()
    assert (delivered[-1][1], ready[0], alive[0]) == (503, 503, 200)
    assert (await stage.get("/readyz"))[0] == 200
    asked = [envelope["event"]["message"]["message_id"] for envelope, _ in delivered]
    assert sorted(shown.quotes for shown in stage.shown()) == sorted(asked)
    assert {shown.title for shown in stage.shown()} == {"店铺"}


@FAULTS
async def test_what_was_taken_before_there_was_no_room_is_answered_afterwards(
    stage: Stage, writer: sqlite3.Connection, fault: Any
) -> None:
    stage.feishu.delay("reply", seconds=5)
    heard = await stage.say("店铺")
    await stage.until(lambda: bool(stage.feishu.calls_of("reply")))
    with fault(writer):
        await push_until_refused(stage)
    await stage.settled()
    replies = [shown for shown in stage.shown() if shown.quotes == heard.message_id]
    assert [(shown.title, shown.message.repeats) for shown in replies] == [("店铺", 0)]


async def test_a_postgres_database_that_turns_read_only_is_waited_for(postgres_stage: Stage) -> None:
    await postgres_stage.settled()
    await turn(postgres_stage, "SET default_transaction_read_only = on")
    delivered = await push_until_refused(postgres_stage)
    ready = await postgres_stage.get("/readyz")
    await turn(postgres_stage, "RESET default_transaction_read_only")
    await postgres_stage.until_true(lambda: is_taken(postgres_stage, delivered[-1][0]))
    await postgres_stage.settled()
    assert (delivered[-1][1], ready[0], (await postgres_stage.get("/readyz"))[0]) == (503, 503, 200)
    asked = [envelope["event"]["message"]["message_id"] for envelope, _ in delivered]
    assert sorted(shown.quotes for shown in postgres_stage.shown()) == sorted(asked)


async def is_taken(stage: Stage, envelope: dict[str, Any]) -> bool:
    return await stage.push(envelope) == 200


async def turn(stage: Stage, what: str) -> None:
    """Change the database for all sessions, which begin anew."""
    url = stage.app.database.url
    plain = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    await connection.execute(f'ALTER DATABASE "{url.database}" {what}')
    await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", url.database)
    await connection.close()
