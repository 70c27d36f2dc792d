"""A shop in 闲管家, whose orders the service is told of by pushes and finds in the list."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from integrations.courier.simulator import DEMO_ACCESS_KEY, DEMO_SECRET, CourierSimulator
from integrations.goofish.simulator import DEMO_APP_KEY, DEMO_APP_SECRET, Act, GoofishSimulator, SimulatedOrder
from integrations.http.simulation import Push
from tests.scenarios.clock import MORNING, StoryClock
from tests.scenarios.conftest import AFTER_FIRST_PULL
from tests.scenarios.shown import Shown
from tests.scenarios.stage import TEAM, Stage, open_stage, small_world

ORDER = "2000000000000000001"


class GoofishShop:
    """The open platform beside a running service."""

    def __init__(self, stage: Stage, platform: GoofishSimulator, courier: CourierSimulator) -> None:
        self.stage = stage
        self.platform = platform
        self.courier = courier

    async def pays(self, order_no: str = ORDER, **about: Any) -> SimulatedOrder:
        """Somebody buys and pays, and both are pushed."""
        self.platform.place(order_no, **about)
        return await self.happens("pay", order_no)

    async def happens(self, act: Act, order_no: str = ORDER) -> SimulatedOrder:
        """Something happens to an order and is pushed."""
        changed = self.platform.change(order_no, act)
        assert changed is not None
        await self.told()
        return changed

    async def told(self) -> None:
        """Returns once everything was pushed and taken in."""
        await self.platform.sender.settled()
        await self.stage.quiet()

    async def later(self, **distance: float) -> None:
        """Time passes, and what then has to be done is done."""
        await self.told()
        self.stage.clock.move(**distance)
        await self.told()

    async def deliver(self, push: Push) -> tuple[int, str, str]:
        """Deliver what may be signed; status, body and type of the answer."""
        url = f"{self.stage.url}/webhooks/goofish"
        async with (
            ClientSession() as session,
            session.post(url, data=push.body, headers=push.headers, params=push.query) as answer,
        ):
            return answer.status, await answer.text(), answer.content_type

    async def card(self, words: str) -> Shown:
        """The living card whose title holds ``words``, as it stands once it does."""
        return await self.stage.first(lambda shown: shown.title.startswith("#") and words in shown.title)

    async def one(self, query: str) -> Any:
        """The only value of the only row."""
        ((value,),) = await self.stage.rows(query)
        return value


@asynccontextmanager
async def open_goofish(database_url: str, folder: Path, /, **settings: str) -> AsyncIterator[GoofishShop]:
    """The service told of a shop's orders; the team's group gets the cards."""
    clock = StoryClock(AFTER_FIRST_PULL)
    platform, courier = GoofishSimulator(clock, jitter=lambda: 0.0), CourierSimulator(clock)
    async with platform, courier:
        own = {
            "GOOFISH_APP_KEY": DEMO_APP_KEY,
            "GOOFISH_APP_SECRET": DEMO_APP_SECRET,
            "GOOFISH_BASE_URL": platform.base_url,
            "COURIER_BASE_URL": courier.base_url,
            "COURIER_ACCESS_KEY": DEMO_ACCESS_KEY,
            "COURIER_SECRET": DEMO_SECRET,
        }
        world = small_world(MORNING.date())
        async with open_stage(database_url, folder, clock, world, **own | settings) as stage:
            platform.sender.webhook_url = f"{stage.url}/webhooks/goofish"
            for what in ("stockout:", "authorisation:"):
                await stage.ask(f"静音 {what} 300天 样例里总有")
            await stage.execute("DELETE FROM silences WHERE fingerprint = ''")
            await stage.ask("提醒群", chat_id=TEAM, is_group=True)
            yield GoofishShop(stage, platform, courier)
