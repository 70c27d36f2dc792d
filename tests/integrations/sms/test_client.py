"""The HTTP provider against the strict simulator, in all weather."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
)
from bot.contracts.secret import Secret
from integrations.http.buckets import ProcessBuckets
from integrations.http.simulation import Weather
from integrations.http.transport import Transport
from integrations.sms.client import HttpSms
from integrations.sms.errors import judge
from integrations.sms.provider import LONGEST, Progress
from integrations.sms.signing import sign
from integrations.sms.simulator import DEMO_ACCESS_KEY, DEMO_SECRET, SmsSimulator
from tests.integrations.http.fakes import SteppingClock

Both = tuple[HttpSms, SmsSimulator]
PHONE = "447700900100"


class LateClock(SteppingClock):
    """Ten minutes behind."""

    def __init__(self) -> None:
        super().__init__()
        self.moment -= timedelta(minutes=10)


@asynccontextmanager
async def opened(
    simulator: SmsSimulator, clock: SteppingClock, *, secret: str = DEMO_SECRET, key: str = DEMO_ACCESS_KEY
) -> AsyncIterator[HttpSms]:
    transport = Transport("sms", simulator.base_url, clock=clock, judge=judge)
    yield HttpSms(key, Secret(secret), transport, sender="掌柜", buckets=ProcessBuckets(clock), clock=clock)
    await transport.close()


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    clock = SteppingClock()
    async with SmsSimulator(clock) as simulator, opened(simulator, clock) as client:
        yield client, simulator


async def test_a_text_arrives_with_its_sender(both: Both) -> None:
    client, simulator = both
    message = simulator.messages[await client.send(PHONE, "断货", key="M1-1")]
    assert (message.to, message.text, message.sender, message.key) == (f"+{PHONE}", "断货", "掌柜", "M1-1")


async def test_the_same_key_sends_once(both: Both) -> None:
    client, simulator = both
    ids = [await client.send(f"{plus}{PHONE}", "断货", key="M1-1") for plus in ("", "+", "")]
    assert (len(set(ids)), len(simulator.messages)) == (1, 1)


async def test_another_text_under_the_same_key_is_refused(both: Both) -> None:
    client, _ = both
    await client.send(PHONE, "断货", key="M1-1")
    with pytest.raises(UpstreamRejected, match="key_used_for_another_message"):
        await client.send(PHONE, "有货", key="M1-1")


@pytest.mark.parametrize("to", ["", "0044770090", "call me", "+", "4477009001001234567", "447700900100\n"])
async def test_what_cannot_be_a_number_is_not_sent(both: Both, to: str) -> None:
    client, simulator = both
    with pytest.raises(UpstreamRejected) as caught:
        await client.send(to, "断货", key="M1-1")
    assert (caught.value.code, len(simulator.calls)) == ("sms_number", 0)


async def test_three_parts_are_taken(both: Both) -> None:
    client, simulator = both
    await client.send(PHONE, "断" * LONGEST, key="M1-1")
    assert len(simulator.messages) == 1


@pytest.mark.parametrize("text", ["断" * LONGEST + "货", "😀" * 101], ids=["plain", "signs of two units"])
async def test_more_than_three_parts_are_refused(both: Both, text: str) -> None:
    client, _ = both
    with pytest.raises(UpstreamRejected, match="text_too_long"):
        await client.send(PHONE, text, key="M1-1")


@pytest.mark.parametrize("state", ["accepted", "sent", "delivered"])
async def test_the_progress_is_what_the_provider_tells(both: Both, state: str) -> None:
    client, simulator = both
    message_id = await client.send(PHONE, "断货", key="M1-1")
    simulator.arriving = state  # type: ignore[assignment]
    assert (await client.progress(message_id)).state == state


async def test_a_failure_has_its_reason(both: Both) -> None:
    client, simulator = both
    message_id = await client.send(PHONE, "断货", key="M1-1")
    simulator.arriving = "failed"
    assert await client.progress(message_id) == Progress("failed", "absent")


@pytest.mark.parametrize(
    ("weather", "kind"),
    [
        (Weather(status=500), UpstreamUnavailable),
        (Weather(drop=True), UpstreamUnavailable),
        (Weather(drop=True, handled=True), UpstreamUnavailable),
        (Weather(html=True), UpstreamUnavailable),
        (Weather(status=429, retry_after=3), UpstreamRateLimited),
        (Weather(status=401, body={"error": {"code": "unknown_key"}}), UpstreamAuthError),
        (Weather(status=422, body={"error": {"code": "number_blocked"}}), UpstreamRejected),
        (Weather(status=400, body={}), UpstreamRejected),
        (Weather(body={"id": ""}), UpstreamContractError),
        (Weather(body=[]), UpstreamContractError),
    ],
)
async def test_each_trouble_has_its_meaning(both: Both, weather: Weather, kind: type[UpstreamError]) -> None:
    client, simulator = both
    simulator.set_weather(weather)
    with pytest.raises(UpstreamError) as caught:
        await client.send(PHONE, "断货", key="M1-1")
    assert type(caught.value) is kind


async def test_an_empty_account_is_told_apart(both: Both) -> None:
    client, simulator = both
    simulator.has_credit = False
    with pytest.raises(UpstreamAuthError) as caught:
        await client.send(PHONE, "断货", key="M1-1")
    assert caught.value.code == "sms_credit"


@pytest.mark.parametrize(
    ("client_clock", "given"),
    [
        (SteppingClock(), {"secret": "another"}),
        (SteppingClock(), {"key": "another"}),
        (LateClock(), {}),
    ],
    ids=["secret", "key", "clock"],
)
async def test_what_is_wrongly_signed_is_refused(client_clock: SteppingClock, given: dict[str, str]) -> None:
    async with SmsSimulator(SteppingClock()) as simulator, opened(simulator, client_clock, **given) as client:
        with pytest.raises(UpstreamAuthError):
            await client.check()


def test_the_signature_is_the_one_of_the_documents() -> None:
    made = sign(
        Secret("secret"), method="POST", path="/v1/messages", timestamp="1764000000", body=b'{"to":"+447700900100"}'
    )
    assert made == "yCayRZO3CWq/jB5i2HLKK5Z/eowt0xPzefT9ULiBbg4="


async def test_logs_tell_neither_number_nor_text(both: Both) -> None:
    client, simulator = both
    simulator.blocked.add(f"+{PHONE}")
    with structlog.testing.capture_logs() as logs, pytest.raises(UpstreamRejected):
        await client.send(PHONE, "断货", key="M1-1")
    assert not [word for word in (PHONE, "断货", DEMO_SECRET) if word in str(logs)]
