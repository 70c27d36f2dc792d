"""How the simulated marketplace delivers its events, and the plausible day it can live through."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson
import pytest

from integrations.http.simulation import Answer, Asked, Route, Simulator, Weather
from integrations.http.transport import Transport
from integrations.marketplace.models import OrderEvent, read_event
from integrations.marketplace.signing import ID_HEADER, Signer, split_secrets
from integrations.marketplace.simulator import (
    DEMO_SECRET,
    RETRY_PLAN,
    UNKNOWN_VARIANT,
    DayPlan,
    MarketplaceSimulator,
    plan_day,
)
from tests.integrations.http.fakes import SteppingClock
from tests.integrations.marketplace.bridges import ORDER_ID, a_purchase

PATH = "/webhooks/orders/xianyu"
_WEBHOOK_OFF = b'{"url":"","waits":[0,1]}'


class Door(Simulator):
    """A webhook that verifies, and keeps what it took."""

    def __init__(self, clock: SteppingClock) -> None:
        super().__init__(clock)
        self.taken: list[tuple[str, OrderEvent]] = []

    def routes(self) -> tuple[Route, ...]:
        return (Route("event", "POST", PATH, self._take),)

    async def _take(self, asked: Asked) -> Answer:
        if Signer(split_secrets(DEMO_SECRET)).judge(asked.headers, asked.raw, now=self.clock.now()) != "genuine":
            return Answer(status=401)
        event = read_event(asked.body)
        assert isinstance(event, OrderEvent)
        self.taken.append((asked.headers[ID_HEADER], event))
        return Answer()


@dataclass
class Place:
    clock: SteppingClock
    door: Door
    simulator: MarketplaceSimulator

    @property
    def kinds(self) -> list[str]:
        return [event.type for _, event in self.door.taken]

    async def tell_of_an_order(self) -> None:
        """Place an order, and wait until the event of it was taken or given up."""
        self.simulator.tell(self.simulator.market.place(a_purchase()), "create")
        await self.simulator.settled()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = SteppingClock()
    async with Door(clock) as door:
        webhook_url = door.base_url + PATH
        async with MarketplaceSimulator(clock, webhook_url=webhook_url, jitter=lambda: 0.0) as simulator:
            yield Place(clock, door, simulator)


async def test_what_happens_to_an_order_is_told_with_all_about_it(place: Place) -> None:
    await place.tell_of_an_order()
    [(event_id, event)] = place.door.taken
    assert (event.state, event.refund, event.data.order_id) == ("pending_payment", "none", ORDER_ID)
    assert (event_id, event.data.item.sku_text, event.delivery) == ("msg_00000001", "黑色 128G", "express")


async def test_an_event_is_tried_again_as_planned_under_its_id_and_signed_anew(place: Place) -> None:
    place.door.next_answer(status=500, times=3)
    await place.tell_of_an_order()
    assert (place.clock.slept, place.simulator.sender.attempts) == ([5, 300, 1800], 4)
    assert [event_id for event_id, _ in place.door.taken] == ["msg_00000001"]


async def test_what_nobody_ever_takes_is_a_dead_letter(place: Place) -> None:
    place.door.next_answer(status=401, times=len(RETRY_PLAN))
    await place.tell_of_an_order()
    [dead] = place.simulator.sender.dead
    assert (dead.name, dead.heard.status, sum(place.clock.slept)) == ("msg_00000001", 401, sum(RETRY_PLAN))


async def test_a_busy_door_is_given_the_time_it_asks_for(place: Place) -> None:
    place.door.next_answer(status=503, retry_after=42)
    await place.tell_of_an_order()
    assert (place.clock.slept, len(place.door.taken)) == ([42], 1)


async def test_a_door_that_is_gone_hears_no_more(place: Place) -> None:
    place.door.next_answer(status=410)
    await place.tell_of_an_order()
    place.simulator.send({"type": "order.paid"})
    await place.simulator.settled()
    assert (place.simulator.sender.attempts, len(place.simulator.sender.dead)) == (1, 2)


async def test_weather_sends_duplicates_and_loses_events(place: Place) -> None:
    place.simulator.set_weather(Weather(operation="event", duplicate=2))
    await place.tell_of_an_order()
    place.simulator.set_weather(Weather(operation="event", drop=True))
    place.simulator.send({"type": "order.paid"})
    await place.simulator.settled()
    assert [event_id for event_id, _ in place.door.taken] == ["msg_00000001"] * 3


async def test_an_event_can_be_overtaken(place: Place) -> None:
    market = place.simulator.market
    order = market.place(a_purchase())
    place.simulator.send(order.told("create"), late_seconds=60)
    paid = market.change(ORDER_ID, "pay")
    assert paid is not None
    place.simulator.tell(paid, "pay")
    await place.simulator.settled()
    assert sorted(place.kinds) == ["order.created", "order.paid"]
    moments = {event.type: event.modified_at for _, event in place.door.taken}
    assert moments["order.created"] < moments["order.paid"]


async def test_a_door_elsewhere_is_refused(place: Place) -> None:
    place.simulator.sender.webhook_url = "http://shop.example.com/webhooks"
    with pytest.raises(ValueError, match="loopback"):
        await place.simulator.sender.try_once(place.simulator.attempt("a", b"{}"))


def test_a_day_is_the_same_for_the_same_seed_only() -> None:
    plan = DayPlan(orders=300)
    assert plan_day(plan) == plan_day(plan)
    assert plan_day(plan) != plan_day(DayPlan(orders=300, seed=2))


def test_a_day_has_everything_that_days_have() -> None:
    steps = plan_day(DayPlan(orders=2000))
    acts = Counter(step.act for step in steps)
    assert acts["create"] == 2000
    assert min(acts[act] for act in ("pay", "close", "ask_refund", "refund", "close_refund", "complete")) > 10
    assert {step.copies for step in steps} == {0, 1, 2}
    assert {step.purchase.goods.delivery_kind for step in steps} == {"virtual", "express"}
    assert {step.purchase.quantity for step in steps} == {1, 2, 3, 5}
    assert any(step.purchase.sku_text == UNKNOWN_VARIANT for step in steps)
    assert any(step.is_thin for step in steps) and any(step.late_seconds > 0 for step in steps)


def test_a_day_goes_forward() -> None:
    moments = [step.at for step in plan_day(DayPlan(orders=500, seconds=60))]
    assert moments == sorted(moments)
    assert 0 <= moments[0] < moments[-1] <= 75


async def test_a_whole_day_arrives_and_every_order_is_told_of(place: Place) -> None:
    await place.simulator.live(DayPlan(orders=40, seconds=60, unpaid=0, unseen_created=0))
    await place.simulator.settled()
    told = {event.data.order_id for _, event in place.door.taken}
    assert told == place.simulator.market.orders.keys()
    assert not place.simulator.sender.dead


async def test_the_record_is_shown_over_http(place: Place) -> None:
    await place.tell_of_an_order()
    control = Transport("marketplace", place.simulator.base_url, clock=place.clock)
    record = (await control.call("orders", "GET", "/_control/orders", idempotent=True)).json
    await control.close()
    assert ([each["order_id"] for each in record["orders"]], record["under_way"]) == ([ORDER_ID], 0)


async def test_somebody_buys_and_changes_their_mind_over_http(place: Place) -> None:
    control = Transport("marketplace", place.simulator.base_url, clock=place.clock)
    bought = orjson.dumps({"order_id": "7", "item_id": "900000000003", "sku_text": "防窥", "quantity": 2})
    asked = orjson.dumps({"order_id": "7", "act": "ask_refund"})
    await control.call("buy", "POST", "/_control/buy", idempotent=True, body=bought)
    await control.call("change", "POST", "/_control/change", idempotent=True, body=asked)
    impossible = await control.call("change", "POST", "/_control/change", idempotent=True, body=asked)
    again = await control.call("buy", "POST", "/_control/buy", idempotent=True, body=bought)
    unknown = await control.call(
        "change", "POST", "/_control/change", idempotent=True, body=b'{"order_id":"8","act":"pay"}'
    )
    await control.close()
    await place.simulator.settled()
    assert (impossible.json, again.status, unknown.status) == (None, 400, 404)
    assert sorted(place.kinds) == ["order.created", "order.paid", "order.refund_requested"]
    assert {(event.data.item.sku_text, event.data.item.quantity) for _, event in place.door.taken} == {("防窥", 2)}


async def test_days_and_events_are_begun_over_http(place: Place) -> None:
    control = Transport("marketplace", place.simulator.base_url, clock=place.clock)
    day = orjson.dumps({"orders": 5, "seconds": 1, "unseen_created": 0})
    await control.call("day", "POST", "/_control/day", idempotent=True, body=day)
    await control.call("refuse", "POST", "/_control/refuse", idempotent=True, body=b'{"reason":"busy"}')
    await control.call("webhook", "POST", "/_control/webhook", idempotent=True, body=_WEBHOOK_OFF)
    await place.simulator.settled()
    wrong = await control.call("day", "POST", "/_control/day", idempotent=True, body=b'{"orders":"many"}')
    assert wrong.status == 400
    await control.close()
    assert (len(place.simulator.market.orders), place.simulator.sender.waits) == (5, (0, 1))
