"""Another process keeps the database locked for a while: a backup, a shell that somebody forgot."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.faults.town import Town, message_id, open_town
from tests.waiting import meanwhile, until_true


@pytest.fixture
async def town(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    async with open_town(tmp_path, sqlite_url) as town:
        await town.service.start()
        await until_true(town.is_quiet, seconds=20, pause=0.02)
        yield town


@contextmanager
def locked(town: Town) -> Iterator[None]:
    with closing(sqlite3.connect(town.service.folder / "zhanggui.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_what_is_written_while_the_database_is_locked_is_taken_afterwards_and_answered_once(town: Town) -> None:
    envelopes = [town.envelope(words, f"oc_{words}") for words in ("帮助", "店铺", "状态")]
    with locked(town):
        delivering = asyncio.gather(*map(town.deliver, envelopes))
        await meanwhile()
        assert not delivering.done()
    assert await delivering == [200, 200, 200]
    await asyncio.gather(*(town.answered(message_id(envelope)) for envelope in envelopes))
    assert [len(town.replies(message_id(envelope))) for envelope in envelopes] == [1, 1, 1]
