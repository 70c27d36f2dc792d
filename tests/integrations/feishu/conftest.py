"""A Feishu simulator, and a client that knows its secret."""

from collections.abc import AsyncIterator

import pytest

from integrations.feishu.client import FeishuClient
from integrations.feishu.simulator import FeishuSimulator
from tests.integrations.feishu.clients import opened
from tests.integrations.http.fakes import SteppingClock

Both = tuple[FeishuClient, FeishuSimulator]


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def both(clock: SteppingClock) -> AsyncIterator[Both]:
    async with opened(clock) as both:
        yield both


@pytest.fixture
def client(both: Both) -> FeishuClient:
    return both[0]


@pytest.fixture
def simulator(both: Both) -> FeishuSimulator:
    return both[1]
