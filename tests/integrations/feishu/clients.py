"""A client and its own simulator, for tests that set the pace or the clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.feishu.client import Credentials, FeishuClient, Pace
from integrations.feishu.errors import judge
from integrations.feishu.simulator import FeishuSimulator, Limits
from integrations.http.buckets import ProcessBuckets
from integrations.http.transport import Transport
from tests.integrations.http.fakes import MemoryTokens


@asynccontextmanager
async def opened(
    clock: Clock, *, limits: Limits | None = None, pace: Pace | None = None, secret: str = ""
) -> AsyncIterator[tuple[FeishuClient, FeishuSimulator]]:
    """Both sides, with the platform's real rates unless others are given."""
    async with FeishuSimulator(clock, limits=limits) as simulator:
        transport = Transport("feishu", simulator.base_url, clock=clock, judge=judge)
        credentials = Credentials(simulator.app.app_id, Secret(secret or simulator.app.app_secret))
        buckets = ProcessBuckets(clock)
        client = FeishuClient(credentials, transport, tokens=MemoryTokens(), buckets=buckets, clock=clock, pace=pace)
        yield client, simulator
        await transport.close()
