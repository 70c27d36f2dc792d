"""What a delivery is turned into, item by item."""

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.channels.whatsapp.receive import Batch, Inbound, Refused, receive, verified_challenge
from bot.contracts.events import Event
from integrations.whatsapp.signing import AppSecret
from integrations.whatsapp.simulator import App, Envelopes, Push, Said
from tests.integrations.http.fakes import SteppingClock

APP = App()
CLOCK = SteppingClock()
INBOUND = Inbound(secret=AppSecret(APP.app_secret), verify_token=APP.verify_token, phone_number_id=APP.phone_number_id)
ENVELOPES = Envelopes(CLOCK, APP)
PERSON = "447700900100"
CHECK = {"hub.mode": "subscribe", "hub.verify_token": APP.verify_token, "hub.challenge": "42"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def judged(push: Push) -> Batch | Refused:
    numbers = count(1)
    return receive(push.body, CIMultiDict(push.headers), INBOUND, now=CLOCK.now(), new_id=lambda: f"E{next(numbers)}")


def heard(*items: dict[str, Any], statuses: tuple[dict[str, Any], ...] = ()) -> tuple[Event, ...]:
    batch = judged(ENVELOPES.signed(ENVELOPES.envelope(ENVELOPES.change(messages=items, statuses=statuses))))
    assert isinstance(batch, Batch)
    return batch.events


def a_message(**changes: Any) -> dict[str, Any]:
    return ENVELOPES.message(Said(text="店铺", sender_id=PERSON)) | changes


def test_a_text_becomes_an_event_under_its_own_key() -> None:
    item = a_message()
    (event,) = heard(item)
    assert (event.kind, event.text, event.chat_id, event.sender_name) == ("message", "店铺", PERSON, "林掌柜")
    assert (event.keys, event.message_id) == ((item["id"],), item["id"])
    assert event.written_at == CLOCK.now().replace(microsecond=0)


def test_every_item_of_every_change_and_entry_is_an_event() -> None:
    changes = [ENVELOPES.change(messages=[a_message(), a_message()]) for _ in range(2)]
    envelope = ENVELOPES.envelope(*changes)
    envelope["entry"] *= 2
    batch = judged(ENVELOPES.signed(envelope))
    assert isinstance(batch, Batch)
    assert [event.id for event in batch.events] == [f"E{number}" for number in range(1, 9)]


def test_an_item_without_an_id_does_not_spoil_the_others() -> None:
    bad = {"type": "text"}
    batch = judged(ENVELOPES.signed(ENVELOPES.envelope(ENVELOPES.change(messages=[bad, a_message()]))))
    assert isinstance(batch, Batch)
    assert (len(batch.events), batch.ignored) == (1, ("item",))


def test_a_chosen_button_brings_its_token() -> None:
    content = {"type": "button_reply", "button_reply": {"id": "t0ken", "title": "批准"}}
    (event,) = heard(a_message(type="interactive", interactive=content, context={"id": "wamid.out1"}))
    assert (event.kind, event.action_token, event.parent_id) == ("action", "t0ken", "wamid.out1")


def test_a_chosen_row_brings_its_token() -> None:
    content = {"type": "list_reply", "list_reply": {"id": "t0ken", "title": "批准"}}
    assert heard(a_message(type="interactive", interactive=content))[0].action_token == "t0ken"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "interactive"},
        {"type": "location", "location": {"latitude": 1}},
        {"type": "image", "image": {"id": "m"}},
        {"type": "unsupported", "errors": [{"code": 131051}]},
        {"type": "sticker"},
    ],
    ids=lambda changes: str(changes["type"]),
)
def test_what_says_nothing_is_a_message_without_text(changes: dict[str, Any]) -> None:
    (event,) = heard(a_message(**changes))
    assert (event.kind, event.text, event.note) == ("message", "", changes["type"])


@pytest.mark.parametrize(
    "changes",
    [{"type": "reaction"}, {"type": "system"}, {"type": "request_welcome"}, {"group_id": "g1"}, {"from": ""}],
    ids=str,
)
def test_what_asks_for_no_answer_is_only_counted(changes: dict[str, Any]) -> None:
    assert heard(a_message(**changes))[0].kind == "unknown"


def test_the_button_of_a_template_speaks() -> None:
    assert heard(a_message(type="button", button={"payload": "x", "text": "状态"}))[0].text == "状态"


def test_both_ids_of_a_sender_are_kept() -> None:
    (event,) = heard(ENVELOPES.message(Said(text="店铺", sender_id=PERSON, user_id="CN.1a2b")))
    assert (event.sender_id, event.known_as) == ("CN.1a2b", PERSON)


def test_a_status_tells_how_far_which_hand_over_got() -> None:
    item = ENVELOPES.status("wamid.out1", PERSON, "failed", echo="M1-1-0", code=131047)
    (event,) = heard(statuses=(item,))
    assert (event.kind, event.keys) == ("status", ("wamid.out1:failed",))
    assert event.form["echo"] == "M1-1-0"
    assert event.form["error"].startswith("131047 ")
    assert event.form["again"] == "True"


def test_a_played_voice_message_was_read() -> None:
    assert heard(statuses=(ENVELOPES.status("wamid.out1", PERSON, "played"),))[0].form["state"] == "read"


@pytest.mark.parametrize("timestamp", ["", "x", "99999999999", "-1", "１７"])
def test_an_unreadable_time_is_now(timestamp: str) -> None:
    assert heard(a_message(timestamp=timestamp))[0].written_at == CLOCK.now()


def test_a_time_is_in_seconds() -> None:
    assert heard(a_message(timestamp="1760000000"))[0].written_at == datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)


@pytest.mark.parametrize("value", [{"field": "account_update", "value": {}}, {"value": {}}, {}])
def test_other_fields_are_counted(value: dict[str, Any]) -> None:
    assert judged(ENVELOPES.signed(ENVELOPES.envelope(value))) == Batch((), ("field",))


def test_other_objects_are_counted() -> None:
    assert judged(ENVELOPES.signed({"object": "page"})) == Batch((), ("object",))


@given(JSON, JSON, JSON)
def test_no_shape_of_an_item_raises(message: object, contact: object, status: object) -> None:
    change = ENVELOPES.change()
    change["value"] |= {"messages": [message], "contacts": [contact], "statuses": [status]}
    assert isinstance(judged(ENVELOPES.signed(ENVELOPES.envelope(change))), Batch)


@given(JSON)
def test_no_shape_of_a_body_raises(body: object) -> None:
    assert isinstance(judged(ENVELOPES.signed_bytes(json.dumps(body).encode())), Batch | Refused)


def test_the_check_of_the_webhook_is_answered() -> None:
    assert verified_challenge(CHECK, INBOUND) == "42"


@pytest.mark.parametrize("changed", [{"hub.mode": "unsubscribe"}, {"hub.verify_token": "店"}, {"hub.verify_token": ""}])
def test_another_check_is_not_answered(changed: dict[str, str]) -> None:
    assert verified_challenge(CHECK | changed, INBOUND) is None


def test_without_a_verify_token_nothing_is_accepted() -> None:
    with pytest.raises(ValueError, match="verify token"):
        Inbound(secret=AppSecret("x"), verify_token="", phone_number_id="1")
