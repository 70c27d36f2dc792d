"""What the app needs of Feishu, what it was given, and what Feishu says for want of it."""

from typing import Any

import pytest
from aiohttp import ClientSession

from bot.channels.feishu.events import event_from_envelope
from bot.contracts.errors import UpstreamAuthError, UpstreamContractError, UpstreamError, UpstreamRejected
from integrations.feishu.client import FeishuClient
from integrations.feishu.scopes import NEEDS, SUBSCRIPTIONS, Need, event_page, missing, permission_page
from integrations.feishu.simulator import App, Envelopes, FeishuSimulator, Pressed, Said
from integrations.http.simulation import Weather
from tests.integrations.feishu.clients import opened
from tests.integrations.feishu.contents import a_text
from tests.integrations.http.fakes import SteppingClock

EVERY_NEED = pytest.mark.parametrize("need", NEEDS, ids=[need.use for need in NEEDS])


async def test_an_app_with_every_permission_lacks_nothing(client: FeishuClient) -> None:
    assert missing(await client.scopes()) == ()


@EVERY_NEED
async def test_a_permission_that_is_withheld_is_the_one_that_is_missing(
    client: FeishuClient, simulator: FeishuSimulator, need: Need
) -> None:
    simulator.grants.withheld = {need.scopes[0]}
    assert missing(await client.scopes()) == (need,)


@pytest.mark.parametrize(("need", "scope"), [(need, scope) for need in NEEDS for scope in need.scopes])
def test_any_one_of_a_needs_permissions_will_do(need: Need, scope: str) -> None:
    assert need not in missing({scope})


async def test_a_message_for_which_the_permission_is_missing_names_it(
    client: FeishuClient, simulator: FeishuSimulator
) -> None:
    simulator.grants.withheld = {"im:message:send_as_bot"}
    with pytest.raises(UpstreamAuthError) as caught:
        await client.send("oc_1", a_text())
    assert (caught.value.code, caught.value.values["platform_code"]) == ("feishu_scope", "99991672")
    assert caught.value.values["scopes"] == "im:message:send_as_bot / im:message"
    assert "im:message:send_as_bot" in caught.value.detail


@pytest.mark.parametrize(
    "body",
    [
        {"code": 99991672, "msg": "One of the following scopes is required: [im:message, im:chat]", "error": {}},
        {"code": 99991672, "msg": "x", "error": {"permission_violations": [{"subject": "im:message / im:chat"}]}},
    ],
    ids=["in the message only", "in the list only"],
)
async def test_the_missing_permission_is_read_wherever_the_answer_names_it(
    client: FeishuClient, simulator: FeishuSimulator, body: dict[str, Any]
) -> None:
    simulator.set_weather(Weather(operation="send", status=400, body=body))
    with pytest.raises(UpstreamAuthError) as caught:
        await client.send("oc_1", a_text())
    assert caught.value.values["scopes"] == "im:message / im:chat"


@pytest.mark.parametrize("error", [None, [], {"permission_violations": "x"}, {"permission_violations": [1, {}]}])
async def test_an_answer_that_names_no_permission_is_told_as_it_came(
    client: FeishuClient, simulator: FeishuSimulator, error: object
) -> None:
    body = {"code": 99991672, "msg": "Access denied", "error": error}
    simulator.set_weather(Weather(operation="send", status=400, body=body))
    with pytest.raises(UpstreamAuthError) as caught:
        await client.send("oc_1", a_text())
    assert (caught.value.values["scopes"], caught.value.detail) == ("", "99991672 Access denied")


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        (10014, UpstreamAuthError, "feishu_credentials"),
        (11205, UpstreamAuthError, "feishu_bot_off"),
        (230006, UpstreamAuthError, "feishu_bot_off"),
        (212100, UpstreamAuthError, "feishu_not_installed"),
        (99991662, UpstreamAuthError, "feishu_disabled"),
        (99991401, UpstreamAuthError, "feishu_address"),
        (99991403, UpstreamAuthError, "feishu_quota"),
        (230002, UpstreamRejected, "feishu_not_in_chat"),
        (230013, UpstreamRejected, "feishu_out_of_range"),
        (230035, UpstreamRejected, "feishu_muted"),
        (230027, UpstreamRejected, "upstream_rejected"),
    ],
)
async def test_each_code_selects_the_sentence_that_says_what_to_mend(
    client: FeishuClient, simulator: FeishuSimulator, code: int, kind: type[UpstreamError], sentence: str
) -> None:
    simulator.next_code(code, "send")
    with pytest.raises(kind) as caught:
        await client.send("oc_1", a_text())
    assert (caught.value.code, caught.value.detail) == (sentence, f"{code} simulated")


async def test_a_wrong_secret_is_told_with_feishus_code(clock: SteppingClock) -> None:
    async with opened(clock, secret="another") as (client, _):
        with pytest.raises(UpstreamAuthError) as caught:
            await client.scopes()
    assert (caught.value.code, caught.value.values["platform_code"]) == ("feishu_credentials", "10015")


@pytest.mark.parametrize("code", [10003, 10014])
async def test_credentials_that_feishu_does_not_know_are_told_with_its_code(
    client: FeishuClient, simulator: FeishuSimulator, code: int
) -> None:
    simulator.next_code(code, "token")
    with pytest.raises(UpstreamAuthError) as caught:
        await client.scopes()
    assert (caught.value.code, caught.value.values["platform_code"]) == ("feishu_credentials", str(code))


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": {"scopes": [{"scope_name": "im:chat"}]}}])
async def test_a_list_of_permissions_that_does_not_fit_is_no_list(
    client: FeishuClient, simulator: FeishuSimulator, body: dict[str, Any]
) -> None:
    simulator.set_weather(Weather(operation="scopes", body={"code": 0, "msg": "success", **body}))
    with pytest.raises(UpstreamContractError):
        await client.scopes()


async def test_the_switch_takes_only_permissions_that_are_needed(simulator: FeishuSimulator) -> None:
    async with ClientSession(simulator.base_url) as session:
        refused = await session.post("/_control/scopes", json={"withhold": ["im:everything"]})
        taken = await session.post("/_control/scopes", json={"withhold": ["im:message:send_as_bot"]})
        assert (refused.status, taken.status) == (400, 200)
    assert simulator.grants.withheld == {"im:message:send_as_bot"}


async def test_where_the_console_would_be_the_simulator_shows_what_it_gave(simulator: FeishuSimulator) -> None:
    simulator.grants.withheld = {"im:message:send_as_bot"}
    async with (
        ClientSession() as session,
        session.get(event_page(simulator.base_url, simulator.app.app_id)) as answer,
    ):
        shown = await answer.json()
    assert (shown["withheld"], len(shown["subscribed"])) == (["im:message:send_as_bot"], len(SUBSCRIPTIONS))


def test_the_console_is_linked_where_the_thing_is_missing() -> None:
    base = "https://open.feishu.cn"
    assert permission_page(base, "cli_a", "im:message") == "https://open.feishu.cn/app/cli_a/auth?q=im:message"
    assert event_page(base, "cli_a") == "https://open.feishu.cn/app/cli_a/event"


def test_each_subscription_is_known_in_the_inbox_under_its_kind(clock: SteppingClock) -> None:
    made = Envelopes(clock, App())
    pressed = Pressed(message_id="om_1", chat_id="oc_1", sender_id="ou_1", value={"token": "t"})
    envelopes = (
        made.message(Said(text="x", chat_id="oc_1", sender_id="ou_1")),
        made.press(pressed),
        made.member("oc_1", "ou_1", added=True),
        made.member("oc_1", "ou_1", added=False),
        made.entered("oc_1", "ou_1"),
        made.menu("ou_1", "stores"),
    )
    events = [event_from_envelope(each, bot_open_id="", now=clock.now(), event_id="E") for each in envelopes]
    kinds = {each["header"]["event_type"]: event.kind for each, event in zip(envelopes, events, strict=True) if event}
    assert kinds == {each.name: each.kind for each in SUBSCRIPTIONS}
