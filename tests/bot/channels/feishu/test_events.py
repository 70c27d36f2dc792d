"""Genuine deliveries and the events they become."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from bot.channels.feishu.events import written_moment
from bot.channels.feishu.receive import Challenge
from integrations.feishu.signing import sign_legacy_card
from integrations.feishu.simulator import Pressed, Push, Said
from tests.bot.channels.feishu.deliveries import (
    APP,
    CLOCK,
    a_message,
    envelopes,
    heard,
    heard_content,
    judged,
    unnamed_bot,
)

NOW = CLOCK.now()


def test_the_url_check_is_answered_signed_or_not() -> None:
    push = envelopes().sealed(envelopes().challenge('c-"42"'))
    assert judged(push) == Challenge('c-"42"')
    assert judged(push, headers={"X-Lark-Signature": ""}) == Challenge('c-"42"')


def test_a_private_message_is_an_event_with_both_its_keys() -> None:
    event = heard(a_message())
    assert (event.id, event.channel, event.kind) == ("E1", "feishu", "message")
    assert (event.text, event.chat_id, event.chat_kind, event.sender_id) == ("店铺", "oc_1", "private", "ou_1")
    assert event.keys == ("ev_sim_2", "om_sim_1@oc_1")
    assert (event.message_id, event.addressed, event.note) == ("om_sim_1@oc_1", True, "")


def test_header_names_are_found_in_any_case() -> None:
    push = envelopes().sealed(a_message())
    lower = Push(push.body, {name.lower(): value for name, value in push.headers.items()})
    assert judged(lower) == judged(push)


def test_the_time_of_writing_is_the_messages_own() -> None:
    event = heard(a_message(create_time="1760000000123"))
    assert event.written_at == datetime(2025, 10, 9, 8, 53, 20, 123000, tzinfo=UTC)
    assert event.received_at == NOW


@pytest.mark.parametrize(
    ("digits", "moment"),
    [
        ("1760000000", datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)),
        ("1760000000123", datetime(2025, 10, 9, 8, 53, 20, 123000, tzinfo=UTC)),
        ("1760000000123456", datetime(2025, 10, 9, 8, 53, 20, 123456, tzinfo=UTC)),
        ("", NOW),
        ("-760000000", NOW),
        ("176000000012", NOW),
        ("١٧٦٠٠٠٠٠٠٠", NOW),
    ],
)
def test_times_are_read_by_their_number_of_digits(digits: str, moment: datetime) -> None:
    assert written_moment(digits, NOW) == moment


def in_group(**changes: Any) -> dict[str, Any]:
    said = Said(text="补货", chat_id="oc_g", sender_id="ou_1", is_group=True, **changes)
    return envelopes().message(said)


def test_a_group_message_that_mentions_the_bot_addresses_it() -> None:
    event = heard(in_group())
    assert (event.text, event.chat_kind, event.addressed) == ("补货", "group", True)


def test_talk_in_a_group_does_not_address_the_bot() -> None:
    event = heard(in_group(mentions_bot=False))
    assert (event.text, event.addressed, event.parent_id) == ("补货", False, "")


def test_a_reply_in_a_group_names_its_parent() -> None:
    event = heard(in_group(mentions_bot=False, parent_id="om_bot_1"))
    assert (event.addressed, event.parent_id) == (False, "om_bot_1")


def test_until_the_bot_knows_its_id_any_mention_of_a_bot_is_for_it() -> None:
    event = heard(in_group(), inbound=unnamed_bot())
    assert (event.text, event.addressed) == ("补货", True)


@pytest.mark.parametrize(
    "changes", [{"message_id": ""}, {"chat_id": None}, {"message_id": 7}], ids=["no id", "no chat", "number"]
)
def test_a_message_without_its_ids_is_only_counted(changes: dict[str, Any]) -> None:
    event = heard(a_message(**changes))
    assert (event.kind, event.note) == ("unknown", "im.message.receive_v1")


def test_other_bots_are_not_answered() -> None:
    envelope = a_message()
    envelope["event"]["sender"]["sender_type"] = "app"
    assert heard(envelope).kind == "unknown"


@pytest.mark.parametrize("message_type", ["image", "file", "audio", "sticker", "interactive", "location"])
def test_what_has_no_words_is_a_message_that_says_its_type(message_type: str) -> None:
    event = heard_content(message_type, {"image_key": "img_1", "text": "ignored"})
    assert (event.kind, event.text, event.note) == ("message", "", message_type)


def test_a_post_is_read_with_title_links_and_captions() -> None:
    lines = [
        [{"tag": "text", "text": "看 "}, {"tag": "a", "href": "https://a.example", "text": "链接"}],
        [{"tag": "img", "image_key": "img_1"}],
        [{"tag": "at", "user_id": "@_user_9", "user_name": "x"}, {"tag": "at", "user_name": "小陈"}, "odd"],
        "odd",
    ]
    assert heard_content("post", {"title": "补货", "content": lines}).text == "补货\n看 链接\n@_user_9@小陈"


@pytest.mark.parametrize("content", [None, 7, [], {"text": 7}, {"text": None}])
def test_odd_content_is_a_message_without_words(content: object) -> None:
    assert heard_content("text", content).text == ""


def test_content_that_is_no_json_is_a_message_without_words() -> None:
    assert heard(a_message(content="合并转发")).text == ""


def test_nul_signs_do_not_reach_the_database() -> None:
    assert heard_content("text", {"text": "店\0铺"}).text == "店铺"


def pressed(**changes: Any) -> dict[str, Any]:
    press: dict[str, Any] = {"message_id": "om_bot_1", "chat_id": "oc_1", "sender_id": "ou_1", "value": {"token": "t1"}}
    return envelopes().press(Pressed(**(press | changes)))


def test_a_pressed_button_is_an_action() -> None:
    event = heard(pressed())
    assert (event.kind, event.action_token, event.form) == ("action", "t1", {})
    assert (event.chat_id, event.message_id, event.sender_id) == ("oc_1", "om_bot_1", "ou_1")


def test_a_sent_form_comes_back_under_the_names_of_its_fields() -> None:
    form = {
        "f1_number_qty": " 30 ",
        "f2_date_day": "2026-12-01 +0800",
        "f3_select_store_id": "136",
        "f4_text_note": "a\0b c",
        "foreign": ["x", "y"],
    }
    assert heard(pressed(form=form)).form == {
        "qty": "30",
        "day": "2026-12-01",
        "store_id": "136",
        "note": "ab c",
        "foreign": "x,y",
    }


@pytest.mark.parametrize("value", [{}, {"token": 7}, {"other": "t1"}])
def test_a_button_that_is_not_ours_has_no_token(value: dict[str, Any]) -> None:
    assert heard(pressed(value=value)).action_token == ""


def legacy_card(token: str = APP.verification_token) -> Push:
    card = {
        "open_id": "ou_1",
        "open_message_id": "om_bot_1",
        "open_chat_id": "oc_1",
        "token": "c-1",
        "action": {"tag": "button", "value": {"token": "t1"}},
    }
    body, timestamp = orjson.dumps(card), str(int(NOW.timestamp()))
    signature = sign_legacy_card(token, timestamp, "n", body)
    names = ("X-Lark-Request-Timestamp", "X-Lark-Request-Nonce", "X-Lark-Signature")
    return Push(body, dict(zip(names, (timestamp, "n", signature), strict=True)))


def test_a_legacy_card_callback_is_an_action_too() -> None:
    event = judged(legacy_card())
    assert (event.kind, event.keys, event.action_token) == ("action", ("v1:c-1",), "t1")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("push", "late"),
    [(legacy_card("another"), timedelta()), (legacy_card(), timedelta(hours=9))],
    ids=["another token", "stale"],
)
def test_a_legacy_card_callback_is_refused_unless_it_is_ours_and_fresh(push: Push, late: timedelta) -> None:
    assert judged(push, late=late).status == 401  # type: ignore[union-attr]


def legacy_event(**changes: object) -> dict[str, Any]:
    return {
        "ts": "1760000000.717",
        "uuid": "u-1",
        "token": APP.verification_token,
        "type": "event_callback",
        "event": {"type": "message", "app_id": APP.app_id, "text": "hi"},
    } | changes


def test_a_legacy_event_is_only_counted() -> None:
    event = heard(legacy_event())
    assert (event.kind, event.keys, event.note) == ("legacy", ("u-1",), "message")
    assert event.written_at == datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)


def test_the_bot_comes_and_goes() -> None:
    joined = heard(envelopes().member("oc_g", "ou_1", added=True))
    removed = heard(envelopes().member("oc_g", "ou_1", added=False))
    assert (joined.kind, joined.chat_id, joined.chat_kind, joined.sender_id) == ("joined", "oc_g", "group", "ou_1")
    assert removed.kind == "removed"


def test_somebody_opens_the_private_chat() -> None:
    event = heard(envelopes().entered("oc_1", "ou_1"))
    assert (event.kind, event.chat_id, event.chat_kind) == ("entered", "oc_1", "private")


def test_a_menu_entry_stands_for_the_private_chat_with_its_person() -> None:
    event = heard(envelopes().menu("ou_1", "stores"))
    assert (event.kind, event.text, event.chat_id, event.sender_id) == ("menu", "stores", "ou_1", "ou_1")
    assert (event.chat_kind, event.sender_name) == ("private", "测试")


def test_an_unknown_event_is_counted_under_its_name() -> None:
    event = heard(envelopes().event("im.message.reaction.created_v1", {"message_id": "om_1"}))
    assert (event.kind, event.note, len(event.keys)) == ("unknown", "im.message.reaction.created_v1", 1)
