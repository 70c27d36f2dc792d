"""The siege on orders: a busy day of a marketplace while processes of the service are killed again and again.

What was shipped, and how often, is counted from what the simulated marketplace recorded. Only for what is still to be
shipped our own tables are asked: somebody must have been told of it.
"""

import asyncio
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from bot.channels.web import TEAM_CHAT
from bot.contracts.clock import SystemClock, id_source
from bot.jobs.choice import Role
from integrations.http.simulation import Weather
from integrations.marketplace.simulator import (
    COMPANIES,
    DEMO_SOURCE,
    UNKNOWN_VARIANT,
    DayPlan,
    MarketOrder,
    MarketplaceSimulator,
)
from storage.credentials.cipher import Cipher
from storage.database import Database, Transaction
from storage.matters.ladder import set_alarm_chat
from storage.orders.keys import add_keys, make_pool
from storage.orders.rows import KeyPool, ShippingSetting, order_key
from storage.orders.shipping import add_waybills, put_setting
from storage.people.store import set_chat_enabled
from tests.faults.town import SECRET_KEY, Town, open_town
from tests.waiting import until_true

DELAYS = (1, 5)
"""Seconds in which an order may still be held back."""
ERRORS = 0.05
"""Of all answers to commands; half of them come after the command was done."""
QUIET_SECONDS = 2400
_COMPANY = "SF"
_WAITS = (0.0, *(1.0,) * 600)  # as patient as a real sender, but in seconds
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLosses:
    """``sound`` orders have no injected lasting fault; all lists but ``unsettled`` must be empty."""

    orders: int
    sound: int
    shipped: int
    keys: int
    unsettled: Sequence[str]
    """Orders without an injected lasting fault that wait for somebody."""
    twice: Sequence[str]
    """Shipped more than once."""
    keys_twice: Sequence[str]
    """Orders that got a key which another got too, or not as many as were paid."""
    forgotten: Sequence[str]
    """Paid, not shipped, and nobody was told."""
    untrue: Sequence[str]
    """Told otherwise by us than by the marketplace."""


@dataclass(slots=True)
class OrderTown:
    """The service and the marketplace with its day."""

    town: Town
    market: MarketplaceSimulator

    async def suffer(self, plan: DayPlan, kills: int, random: Random, told: Callable[[int], None]) -> OrderLosses:
        """Let the day pass with ``kills`` kills at random moments, let everything settle, and count."""
        await self._all_started()
        day = asyncio.create_task(self.market.live(plan))
        moments = sorted(random.uniform(0.02, 0.85) * plan.seconds for _ in range(kills))
        last = 0.0
        for number, moment in enumerate(moments, 1):
            await asyncio.sleep(moment - last)
            last = moment
            await random.choice(self.town.services).kill()
            await self._all_started(until_ready=False)
            told(number)
        await day
        await self._all_started()
        with suppress(TimeoutError):  # what has not happened then is counted
            await until_true(self._is_settled, seconds=QUIET_SECONDS, pause=1.0)
        return await self._counted()

    async def _all_started(self, *, until_ready: bool = True) -> None:
        await asyncio.gather(*(service.start(until_ready=until_ready) for service in self.town.services))

    async def _is_settled(self) -> bool:
        """Everything was told to us, and nothing that we do about orders is left to do."""
        if self.market.sender.under_way:
            return False
        left = "SELECT 1 FROM jobs WHERE state IN (0, 1) AND (task LIKE 'orders.event' OR task LIKE 'orders.ship')"
        return not await self.town.rows(f"{left} LIMIT 1")

    async def _counted(self) -> OrderLosses:
        orders = self.market.market.orders
        ours = dict(await self.town.rows("SELECT order_id, status FROM orders"))
        matters = await self.town.rows("SELECT fingerprint FROM matters WHERE state <> 'settled'")
        return count_losses(list(orders.values()), ours, {fingerprint for (fingerprint,) in matters})


def count_losses(orders: Sequence[MarketOrder], ours: Mapping[str, str], waiting: set[str]) -> OrderLosses:
    """Compare the marketplace's record with what we know (states by number) and wait for (fingerprints)."""
    keys = {
        order.order_id: [line for each in order.shipments for line in each.content.splitlines()] for order in orders
    }
    times = Counter(key for got in keys.values() for key in got)
    to_ship = [order for order in orders if order.state == "paid"]
    open_ones = {order.order_id for order in to_ship if _fingerprint(order) in waiting}
    return OrderLosses(
        orders=len(orders),
        sound=sum(not _is_spoilt(order) for order in orders),
        keys=sum(map(len, keys.values())),
        shipped=sum(bool(order.shipments) for order in orders),
        unsettled=[each.order_id for each in to_ship if each.order_id in open_ones and not _is_spoilt(each)],
        twice=[order.order_id for order in orders if len(order.shipments) > 1],
        keys_twice=[
            order.order_id
            for order in orders
            if (got := keys.get(order.order_id)) and (len(got) != order.quantity or any(times[key] > 1 for key in got))
        ],
        forgotten=[order.order_id for order in to_ship if order.order_id not in open_ones],
        untrue=[
            f"{each.order_id}: {each.state}, not {ours.get(each.order_id)}"
            for each in orders
            if each.state != "pending_payment" and ours.get(each.order_id) != each.state
        ],
    )


def _fingerprint(order: MarketOrder) -> str:
    return f"order:{order_key(DEMO_SOURCE, order.account_id, order.order_id)}"


def _is_spoilt(order: MarketOrder) -> bool:
    """It cannot go out by itself, whoever tries."""
    return order.sku_text == UNKNOWN_VARIANT


@asynccontextmanager
async def open_order_town(
    folder: Path, database_url: str, roles: Sequence[Role], *, orders: int
) -> AsyncIterator[OrderTown]:
    """Everything running but the service; goods go out by themselves, with numbers for all of ``orders``."""
    async with MarketplaceSimulator(_CLOCK) as market:
        for handled in (False, True):
            fault = Weather(operation="command", times=None, status=503, handled=handled, share=ERRORS / 2)
            market.set_weather(fault)
        async with open_town(folder, database_url, also={"marketplace": market}, roles=roles) as town:
            market.sender.webhook_url = f"{next(town.doors)}/webhooks/orders/{DEMO_SOURCE}"
            market.sender.waits = _WAITS
            await _set_up(database_url, market, orders)
            yield OrderTown(town, market)


async def _fill_pool(tx: Transaction, item_id: str, orders: int) -> None:
    """A key for every piece that may be bought; those of the first thousandth twice, which changes nothing."""
    new_id, cipher = id_source(_CLOCK), Cipher(urlsafe_b64decode(SECRET_KEY))
    pool = await make_pool(tx, KeyPool(id=new_id(), account_id="", item_id=item_id, variant=""))
    keys = [f"KEY-{number:07}" for number in range(2 * orders)]
    for start in range(0, len(keys), 1000):
        await add_keys(tx, cipher, pool, keys[start : start + 1000], new_id=new_id, now=_CLOCK.now())
    await add_keys(tx, cipher, pool, keys[: orders // 1000], new_id=new_id, now=_CLOCK.now())


async def _set_up(database_url: str, market: MarketplaceSimulator, orders: int) -> None:
    database = Database(database_url)
    numbers = (f"{_COMPANY}{number:0{COMPANIES[_COMPANY]}}" for number in range(orders))
    first, last = DELAYS
    async with database.begin() as tx:
        for goods in market.goods:
            for variant in goods.variants:
                setting = ShippingSetting(
                    item_id=goods.item_id, variant=variant, mode="auto", delay_from=first, delay_to=last
                )
                await put_setting(tx, setting)
        await put_setting(tx, ShippingSetting(express_code=_COMPANY))
        while some := list(islice(numbers, 1000)):
            await add_waybills(tx, _COMPANY, some)
        for goods in market.goods:
            if goods.delivery_kind == "virtual":
                await _fill_pool(tx, goods.item_id, orders)
        # Not Feishu's: it takes five messages a second in a chat, and so an hour for the cards of such a day.
        await set_chat_enabled(tx, "web", TEAM_CHAT, enabled=True, by="", now=_CLOCK.now())
        await set_alarm_chat(tx, "web", TEAM_CHAT, wanted=True, by="", now=_CLOCK.now())
    await database.close()
