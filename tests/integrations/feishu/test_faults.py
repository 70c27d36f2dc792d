"""What the client does when Feishu refuses, stalls, breaks off or answers oddly."""

from datetime import timedelta

import pytest

from bot.contracts.errors import (
    UpstreamAuthError,
    UpstreamContractError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnavailable,
    UpstreamUnclear,
)
from integrations.feishu.client import FeishuClient
from integrations.feishu.errors import BusyTargetError
from integrations.feishu.simulator import FeishuSimulator
from integrations.http.simulation import Weather
from tests.integrations.feishu.contents import a_card, a_text
from tests.integrations.http.fakes import SteppingClock


@pytest.mark.parametrize(
    "weather",
    [
        Weather(operation="send", drop=True),
        Weather(operation="send", drop=True, handled=True),
        Weather(operation="send", status=500),
        Weather(operation="send", status=502, html=True),
        Weather(operation="send", html=True),
    ],
    ids=["dropped", "dropped after the work", "500", "bad gateway page", "page instead of JSON"],
)
async def test_a_write_without_an_answer_may_have_happened_and_its_repeat_makes_one_message(
    client: FeishuClient, simulator: FeishuSimulator, weather: Weather
) -> None:
    simulator.set_weather(weather)
    with pytest.raises(UpstreamUnclear):
        await client.send("oc_1", a_text())
    await client.send("oc_1", a_text())
    assert len(simulator.messages.by_id) == 1


async def test_an_edit_without_an_answer_can_be_repeated_at_will(
    client: FeishuClient, simulator: FeishuSimulator
) -> None:
    message_id = await client.send("oc_1", a_card())
    simulator.drop_connection("update")
    with pytest.raises(UpstreamUnavailable) as caught:
        await client.update(message_id, a_card().body)
    assert not isinstance(caught.value, UpstreamUnclear)


async def test_a_slow_answer_is_still_an_answer(client: FeishuClient, simulator: FeishuSimulator) -> None:
    simulator.delay("send", seconds=8)
    assert await client.send("oc_1", a_text()) in simulator.messages.by_id


async def test_nobody_there_is_unavailable(client: FeishuClient, simulator: FeishuSimulator) -> None:
    await simulator.stop()
    with pytest.raises(UpstreamUnavailable) as caught:
        await client.send("oc_1", a_text())
    assert not isinstance(caught.value, UpstreamUnclear)


async def test_a_gateway_limit_holds_back_the_whole_operation(
    client: FeishuClient, simulator: FeishuSimulator, clock: SteppingClock
) -> None:
    simulator.next_answer("send", status=429, retry_after=7)
    with pytest.raises(UpstreamRateLimited) as caught:
        await client.send("oc_1", a_text())
    assert caught.value.retry_after == timedelta(seconds=7)
    started = clock.now()
    await client.send("oc_2", a_text())
    assert (clock.now() - started).total_seconds() >= 7


async def test_the_old_form_of_the_gateway_limit_is_one_too(client: FeishuClient, simulator: FeishuSimulator) -> None:
    simulator.next_code(99991400, "send")
    with pytest.raises(UpstreamRateLimited):
        await client.send("oc_1", a_text())


async def test_a_busy_chat_holds_back_only_itself(
    client: FeishuClient, simulator: FeishuSimulator, clock: SteppingClock
) -> None:
    simulator.next_code(230020, "send")
    with pytest.raises(BusyTargetError):
        await client.send("oc_1", a_text("u1"))
    await client.send("oc_2", a_text("u2"))
    assert clock.slept == []
    await client.send("oc_1", a_text("u1"))
    assert sum(clock.slept) >= 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (99991401, UpstreamAuthError),
        (99991403, UpstreamAuthError),
        (99991661, UpstreamContractError),
        (99991672, UpstreamAuthError),
        (10014, UpstreamAuthError),
        (11232, UpstreamRateLimited),
        (230002, UpstreamRejected),
        (230022, UpstreamRejected),
        (230035, UpstreamRejected),
        (230049, UpstreamUnavailable),
        (232009, UpstreamRejected),
        (4711, UpstreamRejected),
    ],
)
async def test_every_code_has_its_class(
    client: FeishuClient, simulator: FeishuSimulator, code: int, kind: type[UpstreamError]
) -> None:
    simulator.next_code(code, "send")
    with pytest.raises(kind) as caught:
        await client.send("oc_1", a_text())
    assert str(code) in caught.value.detail


async def test_a_refused_card_tells_the_sub_code(client: FeishuClient) -> None:
    with pytest.raises(UpstreamRejected) as caught:
        await client.send("oc_1", a_card(body={"elements": [{"tag": "note"}]}))
    assert caught.value.platform_code == "230099"
    assert "230099/200861" in caught.value.detail


@pytest.mark.parametrize("body", [[], "ok", {"message": "no code"}, {"code": "0"}])
async def test_an_answer_without_a_code_does_not_fit(
    client: FeishuClient, simulator: FeishuSimulator, body: object
) -> None:
    simulator.set_weather(Weather(operation="send", body=body))
    with pytest.raises(UpstreamContractError):
        await client.send("oc_1", a_text())


@pytest.mark.parametrize("name", ["message_id", "data"])
async def test_a_sent_message_without_an_id_does_not_fit(
    client: FeishuClient, simulator: FeishuSimulator, name: str
) -> None:
    simulator.set_weather(Weather(operation="send", rename={name: ""}, handled=True))
    with pytest.raises(UpstreamContractError):
        await client.send("oc_1", a_text())


@pytest.mark.parametrize("name", ["tenant_access_token", "expire"])
async def test_a_token_answer_without_its_fields_does_not_fit(
    client: FeishuClient, simulator: FeishuSimulator, name: str
) -> None:
    simulator.set_weather(Weather(operation="token", rename={name: ""}, handled=True))
    with pytest.raises(UpstreamContractError):
        await client.bot_info()


async def test_a_bot_without_an_id_does_not_fit(client: FeishuClient, simulator: FeishuSimulator) -> None:
    simulator.set_weather(Weather(operation="bot_info", rename={"open_id": ""}, handled=True))
    with pytest.raises(UpstreamContractError):
        await client.bot_info()
