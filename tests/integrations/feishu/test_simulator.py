"""The simulator refuses what the platform refuses, and remembers what it was sent."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession, web

from integrations.feishu.client import FeishuClient
from integrations.feishu.simulator import FeishuSimulator, Limits, Press, Said
from integrations.feishu.simulator.people import Membership
from tests.integrations.feishu.contents import a_card, a_text
from tests.integrations.http.fakes import SteppingClock

FORM = {
    "tag": "form",
    "name": "form0",
    "elements": [
        {"tag": "input", "name": "f1_number_qty", "default_value": "12"},
        {"tag": "date_picker", "name": "f2_date_day", "initial_date": "2026-12-01"},
        {
            "tag": "button",
            "name": "submit0",
            "form_action_type": "submit",
            "text": {"tag": "plain_text", "content": "提交"},
            "behaviors": [{"type": "callback", "value": {"token": "tok-form"}}],
        },
    ],
}
APPROVE = {
    "tag": "button",
    "text": {"tag": "plain_text", "content": "批准"},
    "behaviors": [{"type": "callback", "value": {"token": "tok-1"}}],
}
BUTTONS = {"tag": "column_set", "columns": [{"tag": "column", "elements": [APPROVE]}]}


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def pushed(simulator: FeishuSimulator) -> AsyncIterator[list[dict[str, Any]]]:
    """What arrives at a webhook, opened."""
    received: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        outer = orjson.loads(await request.read())
        received.append(orjson.loads(simulator.envelopes.key.decrypt(outer["encrypt"])))
        return web.json_response({})

    application = web.Application()
    application.router.add_post("/webhooks/feishu", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    simulator.people.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/feishu"
    yield received
    await runner.cleanup()


async def ask(session: ClientSession, simulator: FeishuSimulator, path: str, body: object, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(simulator.base_url + path, json=body, headers=headers) as answer:
        return answer.status, dict(answer.headers), await answer.json()


async def new_token(session: ClientSession, simulator: FeishuSimulator) -> dict[str, Any]:
    credentials = {"app_id": simulator.app.app_id, "app_secret": simulator.app.app_secret}
    answer = await ask(session, simulator, "/open-apis/auth/v3/tenant_access_token/internal", credentials)
    body: dict[str, Any] = answer[2]
    return body


async def test_a_young_token_is_given_again_and_an_old_one_lives_beside_the_new(
    session: ClientSession, simulator: FeishuSimulator, clock: SteppingClock
) -> None:
    first = await new_token(session, simulator)
    clock.moment += timedelta(minutes=90)
    again = await new_token(session, simulator)
    clock.moment += timedelta(minutes=1)
    newer = await new_token(session, simulator)
    assert (first["expire"], again["expire"]) == (7200, 1800)
    assert first["tenant_access_token"] == again["tenant_access_token"] != newer["tenant_access_token"]
    message = {"receive_id": "oc_1", "msg_type": "text", "content": '{"text":"x"}'}
    path = "/open-apis/im/v1/messages?receive_id_type=chat_id"
    status, _, _ = await ask(session, simulator, path, message, first["tenant_access_token"])
    assert status == 200


@pytest.mark.parametrize(("token", "code"), [("", 99991661), ("x-1", 99991671), ("t-unknown", 99991663)])
async def test_a_call_without_a_living_token_is_refused(
    session: ClientSession, simulator: FeishuSimulator, token: str, code: int
) -> None:
    status, _, body = await ask(session, simulator, "/open-apis/im/v1/messages", {}, token)
    assert (status, body["code"]) == (400, code)


async def test_the_fifty_first_message_of_a_second_is_refused_with_the_time_to_wait(
    session: ClientSession, clock: SteppingClock
) -> None:
    async with FeishuSimulator(clock, limits=Limits(per_second=2)) as simulator:
        token = (await new_token(session, simulator))["tenant_access_token"]
        path = "/open-apis/im/v1/messages?receive_id_type=chat_id"
        message = {"msg_type": "text", "content": '{"text":"x"}'}
        answers = [await ask(session, simulator, path, message | {"receive_id": f"oc_{n}"}, token) for n in range(3)]
    assert [status for status, _, _ in answers] == [200, 200, 429]
    assert (answers[2][1]["x-ogw-ratelimit-reset"], answers[2][2]["code"]) == ("1.000", 99991400)
    assert simulator.gate.refusals == {99991400: 1}


async def test_the_sixth_message_of_a_second_to_one_chat_is_refused(
    session: ClientSession, simulator: FeishuSimulator, clock: SteppingClock
) -> None:
    token = (await new_token(session, simulator))["tenant_access_token"]
    path = "/open-apis/im/v1/messages?receive_id_type=chat_id"
    message = {"receive_id": "oc_1", "msg_type": "text", "content": '{"text":"x"}'}
    codes = [(await ask(session, simulator, path, message, token))[2]["code"] for _ in range(6)]
    clock.moment += timedelta(seconds=1)
    codes.append((await ask(session, simulator, path, message, token))[2]["code"])
    assert codes == [0, 0, 0, 0, 0, 230020, 0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"receive_id": "ou_1"}, 230034),
        ({"receive_id": 7}, 230001),
        ({"msg_type": "audio"}, 230001),
        ({"content": {"text": "x"}}, 230001),
        ({"content": "no json"}, 230001),
        ({"content": '{"text":""}'}, 230001),
        ({"uuid": "u" * 51}, 230001),
        ({"content": '{"text":"' + "x" * 160_000 + '"}'}, 230025),
        ({"msg_type": "interactive", "content": '{"schema":"2.0"' + " " * 31_000 + "}"}, 230025),
        ({"msg_type": "interactive", "content": "{}"}, 230099),
    ],
)
async def test_a_message_that_the_platform_would_not_take_is_refused(
    session: ClientSession, simulator: FeishuSimulator, changes: dict[str, object], code: int
) -> None:
    token = (await new_token(session, simulator))["tenant_access_token"]
    message = {"receive_id": "oc_1", "msg_type": "text", "content": '{"text":"x"}'} | changes
    answer = await ask(session, simulator, "/open-apis/im/v1/messages?receive_id_type=chat_id", message, token)
    assert answer[2]["code"] == code
    assert not simulator.messages.by_id


async def test_a_uuid_protects_for_an_hour(
    client: FeishuClient, simulator: FeishuSimulator, clock: SteppingClock
) -> None:
    await client.send("oc_1", a_text("same"))
    clock.moment += timedelta(minutes=59)
    await client.send("oc_1", a_text("same"))
    clock.moment += timedelta(minutes=2)
    await client.send("oc_1", a_text("same"))
    assert len(simulator.messages.by_id) == 2


async def test_the_record_can_be_read_from_outside(
    session: ClientSession, client: FeishuClient, simulator: FeishuSimulator
) -> None:
    message_id = await client.reply("om_x@oc_1", "oc_1", a_card())
    await client.update(message_id, a_card(title="新").body)
    async with session.get(f"{simulator.base_url}/_control/messages?parent_id=om_x@oc_1") as answer:
        shown = (await answer.json())["messages"]
    assert [(each["message_id"], each["chat_id"], len(each["edits"])) for each in shown] == [(message_id, "oc_1", 1)]


async def test_a_message_can_be_read_back(
    session: ClientSession, client: FeishuClient, simulator: FeishuSimulator
) -> None:
    message_id = await client.send("oc_1", a_text())
    token = (await new_token(session, simulator))["tenant_access_token"]
    address = f"{simulator.base_url}/open-apis/im/v1/messages/{message_id}"
    async with session.get(address, headers={"Authorization": f"Bearer {token}"}) as answer:
        (item,) = (await answer.json())["data"]["items"]
    assert item["body"]["content"] == a_text().body


async def test_a_group_that_the_bot_left_takes_nothing(
    client: FeishuClient, simulator: FeishuSimulator, pushed: list[dict[str, Any]]
) -> None:
    await simulator.people.change_membership(Membership(chat_id="oc_1", added=False))
    with pytest.raises(Exception, match="230002"):
        await client.send("oc_1", a_text())
    assert pushed[0]["header"]["event_type"] == "im.chat.member.bot.deleted_v1"


async def test_what_people_say_arrives_sealed_as_often_as_wanted(
    session: ClientSession, simulator: FeishuSimulator, pushed: list[dict[str, Any]]
) -> None:
    body = {"text": "店铺", "is_group": True, "copies": 3}
    status, _, heard = await ask(session, simulator, "/_control/say", body)
    assert (status, heard["status"], heard["body"]) == (200, 200, {})
    messages = [each["event"]["message"] for each in pushed]
    assert [each["message_id"] for each in messages] == [heard["message_id"]] * 3
    assert orjson.loads(messages[0]["content"]) == {"text": "@_user_1 店铺"}


async def test_a_button_is_pressed_by_its_label(
    session: ClientSession, client: FeishuClient, simulator: FeishuSimulator, pushed: list[dict[str, Any]]
) -> None:
    message_id = await client.send("oc_1", a_card(body={"elements": [BUTTONS]}))
    await ask(session, simulator, "/_control/press", {"message_id": message_id, "label": "批准"})
    event = pushed[0]["event"]
    assert event["action"]["value"] == {"token": "tok-1"}
    assert event["context"] == {"open_message_id": message_id, "open_chat_id": "oc_1"}


async def test_a_form_is_sent_with_what_was_given_and_what_was_proposed(
    client: FeishuClient, simulator: FeishuSimulator, pushed: list[dict[str, Any]]
) -> None:
    message_id = await client.send("oc_1", a_card(body={"elements": [FORM]}))
    await simulator.people.press(Press(message_id=message_id, label="提交", form={"qty": "30"}))
    assert pushed[0]["event"]["action"]["form_value"] == {
        "f1_number_qty": "30",
        "f2_date_day": "2026-12-01 +0800",
    }


async def test_a_button_that_is_not_there_cannot_be_pressed(
    session: ClientSession, client: FeishuClient, simulator: FeishuSimulator
) -> None:
    message_id = await client.send("oc_1", a_card())
    status, _, body = await ask(session, simulator, "/_control/press", {"message_id": message_id, "label": "批准"})
    assert (status, body) == (404, {"errors": ["no button '批准'"]})


@pytest.mark.parametrize("path", ["/_control/say", "/_control/press", "/_control/member"])
async def test_an_order_without_its_fields_is_misunderstood(
    session: ClientSession, simulator: FeishuSimulator, path: str
) -> None:
    assert (await ask(session, simulator, path, {}))[0] == 400


async def test_a_webhook_that_is_not_listening_is_told_as_such(simulator: FeishuSimulator) -> None:
    simulator.people.webhook_url = "http://127.0.0.1:9/webhooks/feishu"
    heard = await simulator.people.say(Said(text="店铺"))
    assert (heard.status, heard.body) == (0, "ClientConnectorError")


async def test_people_are_heard_on_loopback_only(simulator: FeishuSimulator) -> None:
    simulator.people.webhook_url = "http://example.com/webhooks/feishu"
    with pytest.raises(ValueError, match="loopback"):
        await simulator.people.say(Said(text="店铺"))


async def test_a_recalled_message_takes_no_edit_and_no_reply(
    session: ClientSession, client: FeishuClient, simulator: FeishuSimulator
) -> None:
    message_id = await client.send("oc_1", a_card())
    await ask(session, simulator, "/_control/recall", {"message_id": message_id})
    with pytest.raises(Exception, match="230011"):
        await client.update(message_id, a_card().body)
    with pytest.raises(Exception, match="230011"):
        await client.reply(message_id, "oc_1", a_text())


async def test_an_old_card_and_a_text_take_no_edit(
    client: FeishuClient, simulator: FeishuSimulator, clock: SteppingClock
) -> None:
    card_id, text_id = await client.send("oc_1", a_card()), await client.send("oc_1", a_text())
    clock.moment += timedelta(days=14, seconds=1)
    with pytest.raises(Exception, match="230031"):
        await client.update(card_id, a_card().body)
    with pytest.raises(Exception, match="230001"):
        await client.update(text_id, a_card().body)
