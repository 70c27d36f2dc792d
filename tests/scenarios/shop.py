"""A shop on a simulated marketplace, whose orders the service is told of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientSession

from integrations.http.simulation import Push
from integrations.marketplace.simulator import (
    DEMO_COMMAND_SECRET,
    DEMO_GOODS,
    DEMO_SECRET,
    Act,
    MarketOrder,
    MarketplaceSimulator,
    Purchase,
)
from tests.scenarios.clock import MORNING, StoryClock
from tests.scenarios.conftest import AFTER_FIRST_PULL
from tests.scenarios.shown import Shown
from tests.scenarios.stage import TEAM, Stage, open_stage, small_world

MEMBERSHIP, PHONE, FILM = DEMO_GOODS
ORDER = "1000000000000000001"
NO_ROOM = "CREATE TRIGGER no_room BEFORE INSERT ON order_events BEGIN SELECT RAISE(ABORT, 'no room'); END"
"""Lets the database keep no event of an order."""


class Shop:
    """The marketplace beside a running service."""

    def __init__(self, stage: Stage, market: MarketplaceSimulator) -> None:
        self.stage = stage
        self.simulator = market
        self.market = market.market

    def order(self, order_id: str = ORDER, **changed: Any) -> MarketOrder:
        """Somebody buys a phone, or what is ``changed``; nobody is told yet."""
        bought: dict[str, Any] = {
            "account_id": "shop-a",
            "goods": PHONE,
            "sku_text": "黑色 128G",
            "quantity": 1,
            "buyer_id": "buyer-77",
            "chat_id": f"chat-{order_id}",
        }
        return self.market.place(Purchase(order_id=order_id, **bought | changed))

    async def happens(self, act: Act, order_id: str = ORDER, *, copies: int = 1) -> dict[str, Any]:
        """Something happens to an order and is told; the event's body."""
        changed = self.market.orders[order_id] if act == "create" else self.market.change(order_id, act)
        assert changed is not None
        body = changed.told(act)
        self.simulator.send(body, copies=copies)
        await self.told()
        return body

    async def pays(self, order_id: str = ORDER, **changed: Any) -> dict[str, Any]:
        """Somebody buys and pays."""
        self.order(order_id, **changed)
        return await self.happens("pay", order_id)

    async def told(self) -> None:
        """Returns once everything was delivered and taken in."""
        await self.simulator.settled()
        await self.stage.quiet()

    async def post(self, body: Any, *, event_id: str = "msg_1", path: str = "xianyu") -> int:
        """Deliver one signed body; the status of the answer."""
        return await self.deliver(self.simulator.attempt(event_id, orjson.dumps(body)), path)

    async def deliver(self, push: Push, path: str = "xianyu") -> int:
        """Deliver what may be signed; the status of the answer."""
        return (await self.answered(push, path))[0]

    async def answered(self, push: Push, path: str = "xianyu") -> tuple[int, str | None]:
        """The same; the status, and when it may be tried again."""
        url = f"{self.stage.url}/webhooks/orders/{path}"
        async with ClientSession() as session, session.post(url, data=push.body, headers=push.headers) as answer:
            return answer.status, answer.headers.get("Retry-After")

    async def card(self, words: str) -> Shown:
        """The living card whose title holds ``words``, as it stands once it does."""
        return await self.stage.first(lambda shown: shown.title.startswith("#") and words in shown.title)


@asynccontextmanager
async def open_shop(database_url: str, folder: Path, /, **settings: str) -> AsyncIterator[Shop]:
    """The service told of a shop's orders; the team's group gets the cards."""
    clock = StoryClock(AFTER_FIRST_PULL, pace=3)  # a delay of a minute is not over before a busy machine has answered
    market = MarketplaceSimulator(clock, jitter=lambda: 0.0)
    async with market:
        own = {
            "ORDERS_WEBHOOK_SECRET_XIANYU": DEMO_SECRET,
            "ORDERS_COMMAND_URL_XIANYU": market.command_url,
            "ORDERS_COMMAND_SECRET_XIANYU": DEMO_COMMAND_SECRET,
        }
        world = small_world(MORNING.date())
        async with open_stage(database_url, folder, clock, world, **own | settings) as stage:
            market.sender.webhook_url = f"{stage.url}/webhooks/orders/xianyu"
            for what in ("stockout:", "authorisation:"):
                await stage.ask(f"静音 {what} 300天 样例里总有")
            await stage.execute("DELETE FROM silences WHERE fingerprint = ''")
            await stage.ask("提醒群", chat_id=TEAM, is_group=True)
            yield Shop(stage, market)
