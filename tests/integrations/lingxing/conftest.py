"""A Lingxing simulator with one store, and a client that knows its secret."""

from collections.abc import AsyncIterator

import pytest

from integrations.lingxing.client import LingxingClient
from integrations.lingxing.session import Session
from integrations.lingxing.simulator import LingxingSimulator
from tests.integrations.http.fakes import MemoryTokens, SteppingClock
from tests.integrations.lingxing.builders import a_seller
from tests.integrations.lingxing.sessions import opened


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
def tokens() -> MemoryTokens:
    return MemoryTokens()


@pytest.fixture
async def session(simulator: LingxingSimulator, tokens: MemoryTokens, clock: SteppingClock) -> AsyncIterator[Session]:
    async with opened(simulator, tokens, clock) as session:
        yield session


@pytest.fixture
def client(session: Session, clock: SteppingClock) -> LingxingClient:
    return LingxingClient(session, clock)
