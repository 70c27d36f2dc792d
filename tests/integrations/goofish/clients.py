"""A client in front of the simulated open platform."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.goofish.client import PLATFORM, GoofishClient
from integrations.goofish.errors import judge
from integrations.goofish.models import Parcel
from integrations.goofish.signing import AppKey
from integrations.goofish.simulator import DEMO_APP_KEY, DEMO_APP_SECRET, GoofishSimulator
from integrations.http.buckets import ProcessBuckets
from integrations.http.transport import Transport

ORDER_NO = "1000000000000000001"
PARCEL = Parcel(order_no=ORDER_NO, waybill_no="SF0000000001", express_code="SF")


@asynccontextmanager
async def opened(
    simulator: GoofishSimulator, clock: Clock, *, secret: str = DEMO_APP_SECRET, seller_id: str = ""
) -> AsyncIterator[GoofishClient]:
    transport = Transport(PLATFORM, simulator.base_url, clock=clock, judge=judge)
    key = AppKey(app_key=DEMO_APP_KEY, app_secret=Secret(secret), seller_id=seller_id)
    yield GoofishClient(key, transport, buckets=ProcessBuckets(clock), clock=clock)
    await transport.close()
