"""The courier interface against its strict simulator, in all weather."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
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
from integrations.courier.client import PLATFORM, CourierClient
from integrations.courier.errors import judge
from integrations.courier.models import Parcel, Recipient
from integrations.courier.signing import sign
from integrations.courier.simulator import DEMO_ACCESS_KEY, DEMO_SECRET, CourierSimulator
from integrations.http.buckets import ProcessBuckets
from integrations.http.simulation import Weather
from integrations.http.transport import Transport
from tests.integrations.http.fakes import SteppingClock

Both = tuple[CourierClient, CourierSimulator]
RECIPIENT = Recipient(name="张三", phone="13800000000", address="演示路 1 号")
PARCEL = Parcel(order_id="1000000000000000001", company="SF", recipient=RECIPIENT, title="演示商品")


@asynccontextmanager
async def opened(
    simulator: CourierSimulator, clock: SteppingClock, *, secret: str = DEMO_SECRET, key: str = DEMO_ACCESS_KEY
) -> AsyncIterator[CourierClient]:
    transport = Transport(PLATFORM, simulator.base_url, clock=clock, judge=judge)
    yield CourierClient(key, Secret(secret), transport, buckets=ProcessBuckets(clock), clock=clock)
    await transport.close()


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    clock = SteppingClock()
    async with CourierSimulator(clock) as simulator, opened(simulator, clock) as client:
        yield client, simulator


async def test_a_parcel_gets_a_number_of_its_company(both: Both) -> None:
    client, simulator = both
    waybill = await client.create_waybill(PARCEL, key="O1")
    assert (waybill.company, simulator.waybills[waybill.waybill_no].order_id) == ("SF", PARCEL.order_id)
    assert (await client.remaining())["SF"] == 999_999


async def test_the_same_key_gets_the_same_number(both: Both) -> None:
    client, simulator = both
    numbers = [(await client.create_waybill(PARCEL, key="O1")).waybill_no for _ in range(3)]
    assert (len(set(numbers)), len(simulator.waybills)) == (1, 1)


async def test_another_key_gets_another_number(both: Both) -> None:
    client, simulator = both
    await client.create_waybill(PARCEL, key="O1")
    await client.create_waybill(PARCEL, key="O2")
    assert len(simulator.waybills) == 2


async def test_another_parcel_under_the_same_key_is_refused(both: Both) -> None:
    client, _ = both
    await client.create_waybill(PARCEL, key="O1")
    with pytest.raises(UpstreamRejected, match="key_used_for_another_parcel"):
        await client.create_waybill(replace(PARCEL, quantity=2), key="O1")


async def test_after_a_lost_answer_the_same_number_is_found_again(both: Both) -> None:
    client, simulator = both
    simulator.drop_connection(handled=True)
    with pytest.raises(UpstreamUnavailable):
        await client.create_waybill(PARCEL, key="O1")
    assert (await client.create_waybill(PARCEL, key="O1")).waybill_no in simulator.waybills
    assert len(simulator.waybills) == 1


async def test_no_number_is_made_up_when_none_is_left(both: Both) -> None:
    client, simulator = both
    simulator.remaining["SF"] = 1
    await client.create_waybill(PARCEL, key="O1")
    with pytest.raises(UpstreamRejected) as caught:
        await client.create_waybill(PARCEL, key="O2")
    assert (caught.value.code, len(simulator.waybills)) == ("courier_none_left", 1)


async def test_an_empty_account_is_told_apart(both: Both) -> None:
    client, simulator = both
    simulator.has_credit = False
    with pytest.raises(UpstreamAuthError) as caught:
        await client.create_waybill(PARCEL, key="O1")
    assert caught.value.code == "courier_credit"


@pytest.mark.parametrize(
    ("parcel", "code"),
    [
        (replace(PARCEL, company="DHL"), "unknown_company"),
        (replace(PARCEL, recipient=replace(RECIPIENT, address="")), "address_incomplete"),
        (replace(PARCEL, order_id=""), "incomplete"),
    ],
)
async def test_a_parcel_that_cannot_be_sent_is_refused(both: Both, parcel: Parcel, code: str) -> None:
    client, _ = both
    with pytest.raises(UpstreamRejected, match=code):
        await client.create_waybill(parcel, key="O1")


async def test_a_number_is_taken_back_as_often_as_asked(both: Both) -> None:
    client, simulator = both
    number = (await client.create_waybill(PARCEL, key="O1")).waybill_no
    await client.cancel_waybill(number)
    await client.cancel_waybill(number)
    assert simulator.waybills[number].is_cancelled
    with pytest.raises(UpstreamRejected, match="no_such_waybill"):
        await client.cancel_waybill("SF1")


@pytest.mark.parametrize(
    ("weather", "kind"),
    [
        (Weather(status=500), UpstreamUnavailable),
        (Weather(drop=True), UpstreamUnavailable),
        (Weather(html=True), UpstreamUnavailable),
        (Weather(status=429, retry_after=3), UpstreamRateLimited),
        (Weather(status=401, body={"error": {"code": "unknown_key"}}), UpstreamAuthError),
        (Weather(body={"error": {"code": "none_left"}}), UpstreamRejected),
        (Weather(body={"error": "strange"}), UpstreamRejected),
        (Weather(status=400, body={}), UpstreamRejected),
        (Weather(body={"waybill_no": "", "company": "SF"}), UpstreamContractError),
        (Weather(body={"waybill_no": "SF 1", "company": "SF"}), UpstreamContractError),
        (Weather(body={"waybill_no": 123456, "company": "SF"}), UpstreamContractError),
        (Weather(body={"waybill_no": "YTO00001", "company": "YTO"}), UpstreamContractError),
        (Weather(body=[]), UpstreamContractError),
    ],
)
async def test_each_trouble_has_its_meaning(both: Both, weather: Weather, kind: type[UpstreamError]) -> None:
    client, simulator = both
    simulator.set_weather(weather)
    with pytest.raises(UpstreamError) as caught:
        await client.create_waybill(PARCEL, key="O1")
    assert type(caught.value) is kind


async def test_an_account_that_does_not_fit_is_a_broken_contract(both: Both) -> None:
    client, simulator = both
    simulator.set_weather(Weather(body={"remaining": {"SF": "many"}}))
    with pytest.raises(UpstreamContractError):
        await client.remaining()


@pytest.mark.parametrize("given", [{"secret": "another"}, {"key": "another"}], ids=["secret", "key"])
async def test_what_is_wrongly_signed_is_refused(given: dict[str, str]) -> None:
    clock = SteppingClock()
    async with CourierSimulator(clock) as simulator, opened(simulator, clock, **given) as client:
        with pytest.raises(UpstreamAuthError):
            await client.remaining()


async def test_a_clock_that_is_wrong_is_refused() -> None:
    late = SteppingClock()
    late.moment -= timedelta(minutes=10)
    async with CourierSimulator(SteppingClock()) as simulator, opened(simulator, late) as client:
        with pytest.raises(UpstreamAuthError):
            await client.remaining()


def test_the_signature_is_pinned() -> None:
    made = sign(Secret("secret"), method="POST", path="/v1/waybills", timestamp="1795316400", body=b'{"company":"SF"}')
    assert made == "5jB4csth3ukx6BLKv1sCoA18GnsMotArQ+CQ6XH9GI4="


async def test_logs_and_reprs_tell_nothing_of_people(both: Both) -> None:
    client, simulator = both
    simulator.remaining["SF"] = 0
    with structlog.testing.capture_logs() as logs, pytest.raises(UpstreamRejected):
        await client.create_waybill(PARCEL, key="O1")
    assert not [word for word in ("张三", "13800000000", "演示路") if word in f"{logs} {PARCEL}"]
