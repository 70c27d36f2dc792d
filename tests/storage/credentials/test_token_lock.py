"""One process renews a token at a time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage.credentials.cipher import Cipher
from storage.credentials.store import StoredTokens
from storage.database import Database
from tests.waiting import meanwhile


@pytest.fixture
async def stores(postgres_url: str) -> AsyncIterator[list[StoredTokens]]:
    """The tokens as two processes have them."""
    databases = [Database(postgres_url), Database(postgres_url)]
    yield [StoredTokens(database, Cipher(bytes(32))) for database in databases]
    await asyncio.gather(*(database.close() for database in databases))


async def enter(store: StoredTokens, account: str, entered: asyncio.Event) -> None:
    async with store.lock("lingxing", account):
        entered.set()


async def test_another_process_waits_for_the_one_that_renews(stores: list[StoredTokens]) -> None:
    entered = asyncio.Event()
    async with stores[0].lock("lingxing", "shop"):
        waiting = asyncio.create_task(enter(stores[1], "shop", entered))
        await meanwhile()
        assert not entered.is_set()
    await waiting
    assert entered.is_set()


async def test_accounts_do_not_wait_for_each_other(stores: list[StoredTokens]) -> None:
    entered = asyncio.Event()
    async with stores[0].lock("lingxing", "shop"), asyncio.timeout(60):
        await enter(stores[1], "other shop", entered)
    assert entered.is_set()


async def test_who_stands_still_while_it_renews_loses_its_turn(postgres_url: str) -> None:
    databases = [Database(postgres_url), Database(postgres_url)]
    stopped, other = (
        StoredTokens(each, Cipher(bytes(32)), longest_renewal=timedelta(seconds=0.2)) for each in databases
    )
    entered = asyncio.Event()
    async with stopped.lock("lingxing", "shop"), asyncio.timeout(60):
        await enter(other, "shop", entered)
    assert entered.is_set()
    await asyncio.gather(*(database.close() for database in databases))
