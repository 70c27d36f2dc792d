"""Clients of two processes over one PostgreSQL database: one renews a token, the other reads it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest

from bot.contracts.secret import Secret
from integrations.http.buckets import ProcessBuckets
from integrations.http.transport import Transport
from integrations.lingxing.client import LingxingClient
from integrations.lingxing.errors import judge
from integrations.lingxing.session import Credentials, Session
from integrations.lingxing.simulator import LingxingSimulator
from storage.credentials.cipher import Cipher
from storage.credentials.store import StoredTokens
from storage.database import Database
from tests.integrations.http.fakes import SteppingClock
from tests.integrations.lingxing.builders import a_seller


@asynccontextmanager
async def a_process(url: str, simulator: LingxingSimulator, clock: SteppingClock) -> AsyncIterator[LingxingClient]:
    """A client with a database, a transport and buckets of its own."""
    database = Database(url)
    transport = Transport("lingxing", simulator.base_url, clock=clock, judge=judge)
    credentials = Credentials(simulator.gate.app_id, Secret(simulator.gate.app_secret))
    tokens = StoredTokens(database, Cipher(bytes(32)))
    session = Session(credentials, transport, tokens=tokens, buckets=ProcessBuckets(clock), clock=clock)
    yield LingxingClient(session, clock)
    await transport.close()
    await database.close()


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def simulator(clock: SteppingClock) -> AsyncIterator[LingxingSimulator]:
    simulator = LingxingSimulator(clock)
    simulator.add_seller(a_seller())
    async with simulator:
        yield simulator


@pytest.fixture
async def clients(
    postgres_url: str, simulator: LingxingSimulator, clock: SteppingClock
) -> AsyncIterator[list[LingxingClient]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(a_process(postgres_url, simulator, clock)) for _ in range(2)]


async def test_the_first_token_is_fetched_once(clients: list[LingxingClient], simulator: LingxingSimulator) -> None:
    await asyncio.gather(*(client.check() for client in clients * 3))
    assert simulator.counts["token"] == 1


async def test_a_token_that_runs_out_is_renewed_once(
    clients: list[LingxingClient], simulator: LingxingSimulator, clock: SteppingClock
) -> None:
    await asyncio.gather(*(client.check() for client in clients))
    clock.moment += timedelta(minutes=119)
    await asyncio.gather(*(client.check() for client in clients * 3))
    assert simulator.counts["token"] + simulator.counts["refresh"] == 2


async def test_a_token_that_is_refused_is_replaced_once(
    clients: list[LingxingClient], simulator: LingxingSimulator
) -> None:
    await asyncio.gather(*(client.check() for client in clients))
    simulator.expire_tokens()
    await asyncio.gather(*(client.check() for client in clients))
    assert simulator.counts["token"] + simulator.counts["refresh"] == 2
