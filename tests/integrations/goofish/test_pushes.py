"""How the simulated platform pushes changes of orders."""

from collections.abc import AsyncIterator

import orjson
import pytest

from integrations.goofish.models import PUSH_TAKEN, OrderPush, read_push
from integrations.goofish.simulator import PUSH_WAITS, GoofishSimulator
from integrations.http.simulation import Answer, Asked, Route, Simulator, Weather
from tests.integrations.goofish.clients import ORDER_NO
from tests.integrations.http.fakes import SteppingClock

PATH = "/webhooks/goofish"


class Door(Simulator):
    """A webhook that verifies, and keeps what it took."""

    def __init__(self, clock: SteppingClock, platform: GoofishSimulator) -> None:
        super().__init__(clock)
        self.taken: list[OrderPush] = []
        self.answer = PUSH_TAKEN
        self._platform = platform

    def routes(self) -> tuple[Route, ...]:
        return (Route("push", "POST", PATH, self._take),)

    async def _take(self, asked: Asked) -> Answer:
        if self._platform.key.judge(asked.query, asked.raw, now=self.clock.now()) != "genuine":
            return Answer(status=401)
        self.taken.append(read_push(asked.body))
        return Answer(body=self.answer, headers={"Content-Type": "application/json"})


Place = tuple[Door, GoofishSimulator, SteppingClock]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = SteppingClock()
    platform = GoofishSimulator(clock, jitter=lambda: 0.0)
    async with platform, Door(clock, platform) as door:
        platform.sender.webhook_url = door.base_url + PATH
        yield door, platform, clock


async def test_each_change_is_pushed_with_its_numbers(place: Place) -> None:
    door, platform, _ = place
    platform.place(ORDER_NO)
    await platform.sender.settled()
    platform.change(ORDER_NO, "pay")
    platform.change(ORDER_NO, "ask_refund")
    await platform.sender.settled()
    assert {(push.state, push.refund) for push in door.taken} == {
        ("pending_payment", "none"),
        ("paid", "none"),
        ("paid", "requested"),
    }
    assert len({push.event_id for push in door.taken}) == 3


async def test_what_is_pushed_twice_is_one_event(place: Place) -> None:
    door, platform, _ = place
    platform.set_weather(Weather(operation="push", duplicate=1))
    platform.place(ORDER_NO)
    await platform.sender.settled()
    assert (len(door.taken), len({push.event_id for push in door.taken})) == (2, 1)


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"result":"success"}', b'{"result":"fail","msg":"x"}'])
async def test_another_answer_is_a_failure_and_tried_three_times_more(place: Place, answer: bytes) -> None:
    door, platform, clock = place
    door.answer = answer
    platform.place(ORDER_NO)
    await platform.sender.settled()
    assert (len(door.taken), clock.slept) == (4, list(PUSH_WAITS[1:]))
    assert [dead.name for dead in platform.sender.dead] == [ORDER_NO]


async def test_a_push_that_was_refused_comes_again(place: Place) -> None:
    door, platform, clock = place
    door.next_answer(status=503)
    platform.place(ORDER_NO)
    await platform.sender.settled()
    assert (len(door.taken), clock.slept) == (1, [PUSH_WAITS[1]])


async def test_a_push_can_be_lost(place: Place) -> None:
    door, platform, _ = place
    platform.set_weather(Weather(operation="push", drop=True))
    platform.place(ORDER_NO)
    await platform.sender.settled()
    assert door.taken == []


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        (["pay", "ship", "complete"], ("completed", "none")),
        (["pay", "ask_refund", "agree_return", "send_back", "refund"], ("refunded", "refunded")),
        (["pay", "ask_refund", "refuse_refund", "ship"], ("shipped", "closed")),
        (["pay", "ask_refund", "close_refund"], ("paid", "closed")),
        (["close"], ("closed", "none")),
    ],
)
async def test_orders_go_the_ways_of_the_platform(place: Place, acts: list[str], expected: tuple[str, str]) -> None:
    _, platform, _ = place
    platform.place(ORDER_NO)
    assert None not in [platform.change(ORDER_NO, act) for act in acts]  # type: ignore[arg-type]
    last = read_push(orjson.loads(orjson.dumps(platform.orders[ORDER_NO].pushed(4242))))
    assert (last.state, last.refund) == expected


async def test_what_is_not_possible_does_not_happen(place: Place) -> None:
    _, platform, _ = place
    platform.place(ORDER_NO)
    assert platform.change(ORDER_NO, "ship") is None
