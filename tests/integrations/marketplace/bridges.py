"""A client in front of the simulated marketplace, and something to buy there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.http.transport import Transport
from integrations.marketplace.client import PLATFORM, MarketplaceClient
from integrations.marketplace.commands import Ship
from integrations.marketplace.errors import judge
from integrations.marketplace.signing import Signer
from integrations.marketplace.simulator import (
    COMMANDS_PATH,
    DEMO_COMMAND_SECRET,
    DEMO_GOODS,
    Goods,
    MarketplaceSimulator,
    Purchase,
)

VIRTUAL, PHONE, _ = DEMO_GOODS
ORDER_ID = "1000000000000000001"


def a_purchase(goods: Goods = PHONE, *, order_id: str = ORDER_ID) -> Purchase:
    """One piece of the first variant."""
    return Purchase(
        order_id=order_id,
        account_id="shop-a",
        goods=goods,
        sku_text=goods.variants[0],
        quantity=1,
        buyer_id="buyer-1",
        chat_id="shop-a-1",
    )


def a_parcel(command_id: str = "C1", *, number: str = "SF000000000001", order_id: str = ORDER_ID) -> Ship:
    """The command that ships the phone."""
    return Ship(
        command_id=command_id,
        account_id="shop-a",
        order_id=order_id,
        kind="express",
        waybill_no=number,
        express_code="SF",
    )


@asynccontextmanager
async def opened(
    simulator: MarketplaceSimulator, clock: Clock, *, secret: str = DEMO_COMMAND_SECRET, path: str = COMMANDS_PATH
) -> AsyncIterator[MarketplaceClient]:
    transport = Transport(PLATFORM, simulator.base_url, clock=clock, judge=judge)
    yield MarketplaceClient(Signer([Secret(secret)]), transport, path=path, clock=clock)
    await transport.close()
