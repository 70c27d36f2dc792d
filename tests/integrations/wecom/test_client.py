"""The client against the strict simulator, in all weather."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import structlog

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamContractError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
    UpstreamUnclear,
)
from bot.contracts.secret import Secret
from integrations.http.buckets import ProcessBuckets
from integrations.http.simulation import Weather
from integrations.http.transport import Transport
from integrations.wecom.client import LONGEST, WeComClient
from integrations.wecom.errors import judge
from integrations.wecom.simulator import DEMO_KEY, WeComSimulator
from tests.integrations.http.fakes import SteppingClock

Both = tuple[WeComClient, WeComSimulator]
REFUSED = Weather(body={"errcode": 45002, "errmsg": "content size out of limit, hint: [1], from ip: 203.0.113.7"})


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def both(clock: SteppingClock) -> AsyncIterator[Both]:
    async with WeComSimulator(clock) as simulator:
        transport = Transport("wecom", simulator.base_url, clock=clock, judge=judge)
        robots = {"robot": Secret(DEMO_KEY), "gone": Secret("no-such-key")}
        yield WeComClient(robots, transport, buckets=ProcessBuckets(clock)), simulator
        await transport.close()


async def say(client: WeComClient, text: str = "断货", *, robot: str = "robot") -> None:
    async with client.turn(robot):
        await client.send(robot, "markdown", text)


async def test_a_robot_says_what_it_is_given(both: Both) -> None:
    client, simulator = both
    await say(client, "**断货** [去看](https://example.com)")
    (message,) = simulator.messages
    assert (message.form, message.text) == ("markdown", "**断货** [去看](https://example.com)")


async def test_a_message_may_have_4096_bytes_and_no_more(both: Both) -> None:
    client, simulator = both
    await say(client, "断" * 1365 + "a")
    with pytest.raises(UpstreamRejected, match="40058"):
        await say(client, "断" * 1365 + "ab")
    assert [len(each.text.encode()) for each in simulator.messages] == [LONGEST["markdown"]]


@pytest.mark.parametrize(
    ("weather", "kind"),
    [
        (Weather(status=500), UpstreamUnclear),
        (Weather(drop=True), UpstreamUnclear),
        (Weather(html=True), UpstreamUnclear),
        (Weather(status=429, retry_after=3), UpstreamRateLimited),
        (Weather(body={"errcode": 45009, "errmsg": "api freq out of limit"}), UpstreamRateLimited),
        (Weather(body={"errcode": -1, "errmsg": "system busy"}), UpstreamUnavailable),
        (Weather(body={"errcode": 93000, "errmsg": "invalid webhook url"}), UpstreamAuthError),
        (Weather(body={"errcode": 99999, "errmsg": "news to us"}), UpstreamRejected),
        (Weather(body={"ok": True}), UpstreamContractError),
        (Weather(body=[]), UpstreamContractError),
    ],
)
async def test_each_trouble_has_its_meaning(both: Both, weather: Weather, kind: type[UpstreamError]) -> None:
    client, simulator = both
    simulator.set_weather(weather)
    with pytest.raises(UpstreamError) as caught:
        await say(client)
    assert type(caught.value) is kind


async def test_a_robot_speaks_twenty_times_a_minute_and_then_waits(both: Both, clock: SteppingClock) -> None:
    client, simulator = both
    await asyncio.gather(*(say(client, f"{number}") for number in range(21)))
    assert (len(simulator.messages), simulator.refusals) == (21, [])
    assert simulator.messages[20].at - simulator.messages[0].at >= timedelta(minutes=1)


async def test_a_refusal_for_haste_holds_the_robot_back_a_minute(both: Both, clock: SteppingClock) -> None:
    client, simulator = both
    simulator.next_code(45009)
    with pytest.raises(UpstreamRateLimited):
        await say(client)
    begun = clock.now()
    await say(client)
    assert clock.now() - begun >= timedelta(minutes=1)


async def test_a_name_that_no_robot_has_is_refused_here(both: Both) -> None:
    client, simulator = both
    with pytest.raises(UpstreamRejected) as caught:
        await say(client, robot="nobody")
    assert (caught.value.code, len(simulator.calls)) == ("wecom_robot", 0)


async def test_the_check_finds_a_robot_that_was_removed_and_says_nothing_in_groups(both: Both) -> None:
    client, simulator = both
    with pytest.raises(UpstreamAuthError, match="93000"):
        await client.check()
    assert (simulator.messages, simulator.refusals) == ([], [44004, 93000])


async def test_neither_keys_nor_our_address_are_told(both: Both) -> None:
    client, simulator = both
    simulator.set_weather(REFUSED)
    with structlog.testing.capture_logs() as logs, pytest.raises(UpstreamRejected) as caught:
        await say(client)
    told = f"{logs} {caught.value} {caught.value.values}"
    assert not [word for word in (DEMO_KEY, "203.0.113.7", "断货") if word in told]
