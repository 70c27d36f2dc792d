"""Commands against the simulated marketplace, in all weather."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import structlog

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamContractError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamUnavailable,
    UpstreamUnclear,
)
from integrations.http.simulation import Weather
from integrations.marketplace.client import MarketplaceClient
from integrations.marketplace.commands import CommandAnswer, Reply, Ship
from integrations.marketplace.simulator import DEMO_SECRET, MarketplaceSimulator
from tests.integrations.http.fakes import SteppingClock
from tests.integrations.marketplace.bridges import ORDER_ID, VIRTUAL, a_parcel, a_purchase, opened

Both = tuple[MarketplaceClient, MarketplaceSimulator]
DONE = CommandAnswer(result="done")


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    """A client and a marketplace where the phone was just paid for."""
    clock = SteppingClock()
    async with MarketplaceSimulator(clock) as simulator, opened(simulator, clock) as client:
        simulator.market.place(a_purchase())
        simulator.market.change(ORDER_ID, "pay")
        yield client, simulator


def refused(reason: str, *, retryable: bool = False) -> CommandAnswer:
    return CommandAnswer(result="rejected", reason=reason, retryable=retryable)


async def test_a_parcel_is_shipped(both: Both) -> None:
    client, simulator = both
    assert await client.command(a_parcel()) == DONE
    order = simulator.market.orders[ORDER_ID]
    assert (order.state, [each.waybill_no for each in order.shipments]) == ("shipped", ["SF000000000001"])


async def test_virtual_goods_go_out_with_their_words(both: Both) -> None:
    client, simulator = both
    simulator.market.place(a_purchase(VIRTUAL, order_id="2"))
    simulator.market.change("2", "pay")
    card = Ship(command_id="C1", account_id="shop-a", order_id="2", kind="virtual", content="KEY-1")
    assert await client.command(card) == DONE
    assert [each.content for each in simulator.market.orders["2"].shipments] == ["KEY-1"]


async def test_a_reply_is_written_in_the_chat(both: Both) -> None:
    client, simulator = both
    assert await client.command(Reply(command_id="C1", account_id="shop-a", chat_id="9", text="在的")) == DONE
    assert [(each.chat_id, each.text) for each in simulator.market.written] == [("9", "在的")]


async def test_the_same_command_again_does_nothing_and_is_answered_as_before(both: Both) -> None:
    client, simulator = both
    answers = [await client.command(a_parcel()) for _ in range(3)]
    assert (answers, len(simulator.market.orders[ORDER_ID].shipments)) == ([DONE] * 3, 1)


async def test_another_command_under_the_same_id_is_refused(both: Both) -> None:
    client, _ = both
    await client.command(a_parcel())
    assert await client.command(a_parcel(number="SF000000000002")) == refused("command_id_used")


async def test_a_slow_bridge_accepts_first(both: Both) -> None:
    client, simulator = both
    simulator.market.is_slow = True
    assert await client.command(a_parcel()) == CommandAnswer(result="accepted")


@pytest.mark.parametrize(
    ("acts", "reason"),
    [
        (["close"], "closed"),
        (["ask_refund"], "refund_requested"),
        (["ask_refund", "refund"], "refunded"),
        (["ship"], "already_shipped"),
        (["ship", "complete"], "already_shipped"),
    ],
)
async def test_what_cannot_be_shipped_is_refused_with_the_reason(both: Both, acts: list[str], reason: str) -> None:
    client, simulator = both
    changed = [simulator.market.change(ORDER_ID, act) for act in acts]  # type: ignore[arg-type]
    assert None not in changed
    assert await client.command(a_parcel()) == refused(reason)


@pytest.mark.parametrize(
    ("number", "code", "reason"),
    [
        ("SF1", "SF", "number_rejected"),
        ("SF00000000000１", "SF", "number_rejected"),
        ("", "SF", "number_rejected"),
        ("SF000000000001", "DHL", "unknown_company"),
    ],
)
async def test_a_wrong_number_is_refused(both: Both, number: str, code: str, reason: str) -> None:
    client, _ = both
    wrong = Ship(
        command_id="C1", account_id="shop-a", order_id=ORDER_ID, kind="express", waybill_no=number, express_code=code
    )
    assert await client.command(wrong) == refused(reason)


async def test_a_number_is_used_once(both: Both) -> None:
    client, simulator = both
    simulator.market.place(a_purchase(order_id="2"))
    simulator.market.change("2", "pay")
    await client.command(a_parcel())
    assert await client.command(a_parcel("C2", order_id="2")) == refused("number_used")


async def test_an_order_of_another_shop_is_unknown(both: Both) -> None:
    client, _ = both
    other = Ship(command_id="C1", account_id="shop-b", order_id=ORDER_ID, kind="express")
    assert await client.command(other) == refused("unknown_order")


async def test_a_failure_inside_200_is_an_answer_and_says_whether_asking_anew_may_help(both: Both) -> None:
    client, simulator = both
    simulator.market.refuse_next("busy", is_retryable=True)
    assert await client.command(a_parcel()) == refused("busy", retryable=True)
    assert await client.command(a_parcel("C2")) == DONE


async def test_a_command_can_be_accepted_and_forgotten(both: Both) -> None:
    client, simulator = both
    simulator.market.forget_next()
    answers = [await client.command(a_parcel()) for _ in range(2)]
    assert answers == [CommandAnswer(result="accepted")] * 2
    assert simulator.market.orders[ORDER_ID].state == "paid"
    assert await client.command(a_parcel("C2")) == DONE


@pytest.mark.parametrize(
    ("weather", "kind"),
    [
        (Weather(status=500), UpstreamUnclear),
        (Weather(status=502, html=True), UpstreamUnclear),
        (Weather(drop=True), UpstreamUnclear),
        (Weather(drop=True, handled=True), UpstreamUnclear),
        (Weather(html=True), UpstreamUnclear),
        (Weather(body={}), UpstreamUnclear),
        (Weather(body={"result": "maybe"}), UpstreamUnclear),
        (Weather(body=[]), UpstreamUnclear),
        (Weather(status=429, retry_after=7), UpstreamRateLimited),
        (Weather(status=401, body={}), UpstreamAuthError),
        (Weather(status=404, html=True), UpstreamContractError),
        (Weather(status=404, body={"detail": "no such page"}), UpstreamContractError),
        (Weather(status=400, body={"result": "maybe"}), UpstreamContractError),
    ],
)
async def test_each_trouble_has_its_meaning(both: Both, weather: Weather, kind: type[UpstreamError]) -> None:
    client, simulator = both
    simulator.set_weather(weather)
    with pytest.raises(UpstreamError) as caught:
        await client.command(a_parcel())
    assert type(caught.value) is kind


@pytest.mark.parametrize("handled", [True, False], ids=["answer lost", "command lost"])
async def test_after_an_unknown_outcome_the_same_command_ships_once(both: Both, handled: bool) -> None:
    client, simulator = both
    simulator.drop_connection(handled=handled)
    with pytest.raises(UpstreamUnclear):
        await client.command(a_parcel())
    assert await client.command(a_parcel()) == DONE
    assert len(simulator.market.orders[ORDER_ID].shipments) == 1


async def test_a_bridge_that_is_not_there_was_not_told_anything() -> None:
    clock = SteppingClock()
    async with MarketplaceSimulator(clock) as simulator, opened(simulator, clock) as client:
        await simulator.stop()
        with pytest.raises(UpstreamUnavailable) as caught:
            await client.command(a_parcel())
    assert type(caught.value) is UpstreamUnavailable


async def test_a_refusal_below_400_and_above_is_read_alike(both: Both) -> None:
    client, simulator = both
    simulator.set_weather(Weather(status=409, body={"result": "rejected", "reason": "already_shipped"}))
    assert await client.command(a_parcel()) == refused("already_shipped")


async def test_a_command_signed_with_another_secret_or_clock_is_refused() -> None:
    clock, late = SteppingClock(), SteppingClock()
    late.moment -= timedelta(minutes=6)
    async with (
        MarketplaceSimulator(clock) as simulator,
        opened(simulator, clock, secret=DEMO_SECRET) as stranger,
        opened(simulator, late) as latecomer,
    ):
        with pytest.raises(UpstreamAuthError):
            await stranger.command(a_parcel())
        with pytest.raises(UpstreamAuthError):
            await latecomer.command(a_parcel())


async def test_logs_tell_neither_words_nor_keys(both: Both) -> None:
    client, simulator = both
    simulator.next_answer(status=500)
    reply = Reply(command_id="C1", account_id="shop-a", chat_id="9", text="KEY-SECRET")
    with structlog.testing.capture_logs() as logs, pytest.raises(UpstreamUnclear):
        await client.command(reply)
    assert "KEY-SECRET" not in f"{logs} {reply}"
