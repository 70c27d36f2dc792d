"""Further sessions to a simulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.http.buckets import ProcessBuckets
from integrations.http.transport import Transport
from integrations.lingxing.errors import judge
from integrations.lingxing.session import Credentials, Session
from integrations.lingxing.simulator import LingxingSimulator
from tests.integrations.http.fakes import MemoryTokens


@asynccontextmanager
async def opened(
    simulator: LingxingSimulator, tokens: MemoryTokens, clock: Clock, secret: str = ""
) -> AsyncIterator[Session]:
    """A further session to the simulator, with buckets of its own as another process has them."""
    transport = Transport("lingxing", simulator.base_url, clock=clock, judge=judge)
    credentials = Credentials(simulator.gate.app_id, Secret(secret or simulator.gate.app_secret))
    yield Session(credentials, transport, tokens=tokens, buckets=ProcessBuckets(clock), clock=clock, jitter=lambda: 0.0)
    await transport.close()
