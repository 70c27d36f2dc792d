"""The simulated bridge: takes signed commands at ``COMMANDS_PATH`` and sends signed events to a webhook."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.http.simulation import Answer, Asked, Heard, Push, Pusher, Route, Simulator
from integrations.marketplace.commands import CommandAnswer
from integrations.marketplace.signing import ID_HEADER, Signer, split_secrets
from integrations.marketplace.simulator.day import DayPlan, Purchase, Step, plan_day
from integrations.marketplace.simulator.demo import (
    DEMO_ACCOUNTS,
    DEMO_COMMAND_SECRET,
    DEMO_GOODS,
    DEMO_SECRET,
    Goods,
)
from integrations.marketplace.simulator.market import Market
from integrations.marketplace.simulator.orders import Act, MarketOrder

COMMANDS_PATH = "/commands"
RETRY_PLAN = (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 24 * 3600)
"""Units: seconds before each attempt. Source: reference section 2, sender retry plan."""
_DEADLINE_SECONDS = 10.0


class MarketplaceSimulator(Simulator):
    """A marketplace behind a bridge. ``market`` keeps the orders, ``sender`` delivers what is told of them.

    Weather of the operation ``event`` strikes deliveries: ``duplicate``, ``out_of_order`` (late by ``delay_seconds``),
    ``drop`` (this event is never sent). ``days`` under way are stopped with the simulator.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        secret: str = DEMO_SECRET,
        command_secret: str = DEMO_COMMAND_SECRET,
        webhook_url: str = "",
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(clock)
        self.sender = Pusher(
            clock, waits=RETRY_PLAN, deadline_seconds=_DEADLINE_SECONDS, jitter=jitter, webhook_url=webhook_url
        )
        self.market = Market(clock, self.tell)
        self.goods: Sequence[Goods] = DEMO_GOODS
        """What is on sale in the days to come."""
        self.signer = Signer(split_secrets(secret))
        self._command_signer = Signer([Secret(command_secret)])
        self._told = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def command_url(self) -> str:
        """For ``ORDERS_COMMAND_URL_<SOURCE>``."""
        return self.base_url + COMMANDS_PATH

    def routes(self) -> tuple[Route, ...]:
        return (Route("command", "POST", COMMANDS_PATH, self._command),)

    def control_routes(self) -> tuple[Route, ...]:
        return (
            Route("orders", "GET", "/_control/orders", self._show_orders),
            Route("day", "POST", "/_control/day", self._on_day),
            Route("event", "POST", "/_control/event", self._on_event),
            Route("webhook", "POST", "/_control/webhook", self._on_webhook),
            Route("refuse", "POST", "/_control/refuse", self._on_refuse),
            Route("forget", "POST", "/_control/forget", self._on_forget),
            Route("buy", "POST", "/_control/buy", self._on_buy),
            Route("change", "POST", "/_control/change", self._on_change),
        )

    def tell(self, order: MarketOrder, act: Act) -> None:
        """Begin to deliver the event about ``act``."""
        self.send(order.told(act))

    def send(self, body: Mapping[str, Any], *, copies: int = 1, late_seconds: float = 0.0) -> str:
        """Begin to deliver any body under a new id, ``copies`` times; the id."""
        self._told += 1
        event_id, weather = f"msg_{self._told:08d}", self.take_weather("event")
        if not weather.drop:
            late = late_seconds + weather.delay_seconds * weather.out_of_order
            for _ in range(copies + weather.duplicate):
                self._begin(self._later(late, event_id, orjson.dumps(body)))
        return event_id

    def attempt(self, event_id: str, raw: bytes) -> Push:
        """One attempt now, signed."""
        headers = self.signer.sign(event_id, int(self.clock.now().timestamp()), raw)
        return Push(raw, {**headers, "Content-Type": "application/json"})

    async def live(self, plan: DayPlan) -> None:
        """Let a whole day happen."""
        began = self.clock.now()
        for step in plan_day(plan, self.goods):
            wait = step.at - (self.clock.now() - began).total_seconds()
            if wait > 0:
                await self.clock.sleep(wait)
            self.take_step(step)

    def take_step(self, step: Step) -> None:
        """Let one step of a day happen, if it is possible."""
        order_id = step.purchase.order_id
        order = self.market.place(step.purchase) if step.act == "create" else self.market.change(order_id, step.act)
        if order is not None and step.copies:
            body = order.told(step.act, is_thin=step.is_thin)
            self.send(body, copies=step.copies, late_seconds=step.late_seconds)

    def buy(self, order_id: str, *, item_id: str = "", sku_text: str = "", quantity: int = 1) -> MarketOrder:
        """Somebody buys, and pays at once; without more words it is the first thing on sale. Raises: ValueError."""
        goods = next((each for each in self.goods if item_id in ("", each.item_id)), None)
        if goods is None:
            raise ValueError(f"nothing on sale is {item_id}")
        purchase = Purchase(
            order_id=order_id,
            account_id=DEMO_ACCOUNTS[0],
            goods=goods,
            sku_text=sku_text or goods.variants[0],
            quantity=quantity,
            buyer_id="buyer-1",
            chat_id=f"{DEMO_ACCOUNTS[0]}-1",
        )
        self.tell(self.market.place(purchase), "create")
        return self.happen(order_id, "pay") or self.market.orders[order_id]

    def happen(self, order_id: str, act: Act) -> MarketOrder | None:
        """Let something happen to an order, and tell it; None if it is not possible. Raises: KeyError."""
        changed = self.market.change(order_id, act)
        if changed is not None:
            self.tell(changed, act)
        return changed

    async def settled(self) -> None:
        """Return when every event was taken or given up, and no day is under way."""
        while self._tasks or self.sender.under_way:
            await asyncio.gather(*self._tasks)
            await self.sender.settled()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sender.close()
        await super().stop()

    async def _later(self, seconds: float, event_id: str, raw: bytes) -> None:
        if seconds > 0:
            await self.clock.sleep(seconds)
        self.sender.begin(event_id, lambda: self.attempt(event_id, raw), _is_taken)

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _command(self, asked: Asked) -> Answer:
        if self._command_signer.judge(asked.headers, asked.raw, now=self.clock.now()) != "genuine":
            return Answer(status=401, body={"error": "signature"})
        if not isinstance(asked.body, dict) or asked.body.get("command_id") != asked.headers[ID_HEADER]:
            return Answer(status=400, body=_answered(CommandAnswer(result="rejected", reason="not_understood")))
        return Answer(body=_answered(self.market.obey(asked.body, asked.raw)))

    async def _show_orders(self, _: Asked) -> Answer:
        """The whole record: orders with their shipments, what was written, what nobody took."""
        record = {
            "orders": list(self.market.orders.values()),
            "written": self.market.written,
            "dead": list(self.sender.dead),
            "under_way": len(self._tasks) + self.sender.under_way,
            "attempts": self.sender.attempts,
        }
        return Answer(body=record)

    async def _on_day(self, asked: Asked) -> Answer:
        """Begin a day; the fields of ``DayPlan``."""
        try:
            plan = TypeAdapter(DayPlan).validate_python(asked.body)
        except ValidationError as error:
            return Answer(status=400, body={"errors": [str(problem["loc"]) for problem in error.errors()]})
        self._begin(self.live(plan))
        return Answer(body={})

    async def _on_event(self, asked: Asked) -> Answer:
        """Send any ``body``, ``copies`` times, ``late_seconds`` late."""
        copies, late = int(asked.body.get("copies", 1)), float(asked.body.get("late_seconds", 0))
        return Answer(body={"id": self.send(asked.body["body"], copies=copies, late_seconds=late)})

    async def _on_webhook(self, asked: Asked) -> Answer:
        """Where events go, and optionally other ``waits`` between attempts."""
        self.sender.webhook_url = str(asked.body["url"])
        self.sender.waits = tuple(asked.body.get("waits", self.sender.waits))
        return Answer(body={})

    async def _on_refuse(self, asked: Asked) -> Answer:
        """Refuse the next ``times`` commands with ``reason``."""
        body = asked.body
        self.market.refuse_next(
            str(body["reason"]), is_retryable=bool(body.get("retryable")), times=int(body.get("times", 1))
        )
        return Answer(body={})

    async def _on_forget(self, asked: Asked) -> Answer:
        """Accept the next ``times`` commands and do nothing."""
        self.market.forget_next(int(asked.body.get("times", 1)))
        return Answer(body={})

    async def _on_buy(self, asked: Asked) -> Answer:
        """``{"order_id"}`` and optionally ``item_id``, ``sku_text``, ``quantity``."""
        try:
            return Answer(body=self.buy(**asked.body))
        except (TypeError, ValueError) as error:
            return Answer(status=400, body={"errors": [str(error)]})

    async def _on_change(self, asked: Asked) -> Answer:
        """``{"order_id", "act"}``; null if it is not possible."""
        try:
            return Answer(body=self.happen(asked.body["order_id"], asked.body["act"]))
        except KeyError as error:
            return Answer(status=404, body={"errors": [str(error)]})


def _answered(answer: CommandAnswer) -> dict[str, Any]:
    return answer.model_dump(exclude_defaults=True)


def _is_taken(heard: Heard) -> bool:
    return 200 <= heard.status < 300
