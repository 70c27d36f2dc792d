"""A bare simulator and a transport to it."""

from collections.abc import AsyncIterator

import pytest

from integrations.http.transport import Transport
from tests.integrations.http.fakes import Echo, SteppingClock


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def echo(clock: SteppingClock) -> AsyncIterator[Echo]:
    async with Echo(clock) as simulator:
        yield simulator


@pytest.fixture
async def transport(echo: Echo, clock: SteppingClock) -> AsyncIterator[Transport]:
    transport = Transport("echo", echo.base_url, clock=clock)
    yield transport
    await transport.close()
