"""Tokens and signatures that expire, are spent, stolen or wrong."""

import asyncio
from datetime import timedelta

import pytest

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamContractError,
)
from bot.contracts.quantities import StoreId
from integrations.http.simulation import Weather
from integrations.http.transport import Transport
from integrations.lingxing.client import SELLERS, LingxingClient
from integrations.lingxing.errors import judge
from integrations.lingxing.session import Session
from integrations.lingxing.simulator import LingxingSimulator
from tests.integrations.http.fakes import MemoryTokens, SteppingClock
from tests.integrations.lingxing.sessions import opened

STORE = StoreId("136")


async def test_an_expired_token_is_renewed_once_and_the_request_repeated(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    await client.list_sellers()
    simulator.expire_tokens()
    assert len((await client.list_sellers()).rows) == 1
    assert simulator.counts == {"token": 2, "sellers": 3}


async def test_a_token_that_expires_mid_call_is_renewed(client: LingxingClient, simulator: LingxingSimulator) -> None:
    simulator.set_weather(Weather(operation="sellers", expire_token=True))
    assert len((await client.list_sellers()).rows) == 1


async def test_a_token_made_stale_by_another_program_is_replaced(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    await client.list_sellers()
    simulator.gate.replace_token()
    assert len((await client.list_sellers()).rows) == 1


async def test_a_second_owner_of_the_token_is_named_when_it_strikes_again(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    simulator.next_code("2001005", "sellers", times=2)
    with pytest.raises(UpstreamAuthError) as caught:
        await client.list_sellers()
    assert caught.value.code == "lingxing_token_owner"
    assert simulator.counts["sellers"] == 2


async def test_callers_that_lose_their_token_together_fetch_one(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    await client.list_sellers()
    simulator.expire_tokens()
    await asyncio.gather(client.list_sellers(), client.list_products(), client.list_fba_stock([STORE]))
    assert simulator.counts["token"] == 2


async def test_the_pair_is_renewed_before_it_expires(
    client: LingxingClient, simulator: LingxingSimulator, clock: SteppingClock
) -> None:
    await client.list_sellers()
    clock.moment += timedelta(minutes=116)
    await client.list_sellers()
    assert simulator.counts == {"token": 1, "refresh": 1, "sellers": 2}


@pytest.mark.parametrize("code", ["2001008", "2001009"])
async def test_a_spent_refresh_token_is_followed_by_a_new_pair(
    client: LingxingClient, simulator: LingxingSimulator, clock: SteppingClock, code: str
) -> None:
    await client.list_sellers()
    clock.moment += timedelta(minutes=116)
    simulator.next_code(code, "refresh")
    await client.list_sellers()
    assert simulator.counts == {"token": 2, "refresh": 1, "sellers": 2}


async def test_a_stored_token_serves_the_next_process(
    client: LingxingClient, simulator: LingxingSimulator, tokens: MemoryTokens, clock: SteppingClock
) -> None:
    await client.list_sellers()
    async with opened(simulator, tokens, clock) as restarted:
        await restarted.once(SELLERS, {})
    assert simulator.counts["token"] == 1


async def test_a_wrong_signature_is_not_tried_again(client: LingxingClient, simulator: LingxingSimulator) -> None:
    simulator.next_code("2001006", "sellers")
    with pytest.raises(UpstreamAuthError) as caught:
        await client.list_sellers()
    assert caught.value.code == "lingxing_sign"
    assert simulator.counts["sellers"] == 1


async def test_an_old_signature_is_made_anew_once(client: LingxingClient, simulator: LingxingSimulator) -> None:
    simulator.next_code("2001007", "sellers")
    assert len((await client.list_sellers()).rows) == 1
    assert simulator.counts == {"token": 1, "sellers": 2}


async def test_a_wrong_clock_is_named(simulator: LingxingSimulator, tokens: MemoryTokens, clock: SteppingClock) -> None:
    late = SteppingClock()
    late.moment -= timedelta(minutes=5)
    async with opened(simulator, tokens, late) as session:
        with pytest.raises(UpstreamAuthError) as caught:
            await session.once(SELLERS, {})
    assert caught.value.code == "lingxing_clock"
    assert simulator.counts["sellers"] == 2


async def test_a_signature_encoded_twice_is_refused(
    session: Session, simulator: LingxingSimulator, clock: SteppingClock
) -> None:
    await session.once(SELLERS, {})
    query = dict(simulator.calls_of("sellers")[0].query)
    transport = Transport("lingxing", simulator.base_url, clock=clock, judge=judge)
    twice = {**query, "sign": query["sign"].replace("+", "%2B").replace("/", "%2F")}
    with pytest.raises(UpstreamAuthError) as caught:
        await transport.call("sellers", "GET", SELLERS.path, idempotent=True, query=twice)
    await transport.close()
    assert "%2" in twice["sign"]
    assert caught.value.code == "lingxing_sign"


async def test_a_token_answer_without_its_fields_is_a_broken_contract(
    client: LingxingClient, simulator: LingxingSimulator
) -> None:
    simulator.set_weather(Weather(operation="token", body={"code": "200", "msg": "OK", "data": {}}))
    with pytest.raises(UpstreamContractError):
        await client.list_sellers()


async def test_a_wrong_secret_is_asked_about_once_for_all_who_wait(
    simulator: LingxingSimulator, tokens: MemoryTokens, clock: SteppingClock
) -> None:
    async with opened(simulator, tokens, clock, secret="wrong") as session:
        client = LingxingClient(session, clock)
        errors = await asyncio.gather(client.list_sellers(), client.list_products(), return_exceptions=True)
    assert [error.code for error in errors if isinstance(error, UpstreamAuthError)] == ["lingxing_credentials"] * 2
    assert simulator.counts == {"token": 1}
