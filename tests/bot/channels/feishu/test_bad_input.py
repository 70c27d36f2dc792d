"""Deliveries that are not genuine, not fresh or not readable: refused in a word, never with an exception."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.feishu.receive import LONGEST_BODY, Challenge, Inbound, Refused
from bot.channels.json_body import DEEPEST, Unreadable, read_object
from bot.contracts.events import Event
from integrations.feishu.signing import EventKey
from integrations.feishu.simulator import App, Envelopes, Push
from tests.bot.channels.feishu.deliveries import APP, CLOCK, INBOUND, a_message, envelopes, heard, judged

GENUINE = envelopes().sealed(a_message())
UNSIGNED = Refused(401, "unsigned")


def changed(name: str, value: str) -> Push:
    return Push(GENUINE.body, {**GENUINE.headers, name: value})


@pytest.mark.parametrize(
    "push",
    [
        changed("X-Lark-Signature", "0" * 64),
        changed("X-Lark-Signature", GENUINE.headers["X-Lark-Signature"].upper()),
        changed("X-Lark-Signature", ""),
        changed("X-Lark-Signature", "签名\udcff"),
        changed("X-Lark-Request-Nonce", "another"),
        changed("X-Lark-Request-Timestamp", "1760000000"),
        changed("X-Lark-Request-Timestamp", "soon"),
        Push(GENUINE.body, {}),
        Push(GENUINE.body.replace(b":", b": "), GENUINE.headers),
        Push(GENUINE.body + b" ", GENUINE.headers),
        Push(b"", GENUINE.headers),
        Push(b"", {}),
        Push(b"\xff\xfe", {}),
        Push(b"[" * 60_000, {}),
        Push(b'{"encrypt":' + b"[" * 100_000, {}),
        Push(b'{"encrypt":7}', {}),
        Push(b'{"encrypt":"AAAA"}', {}),
    ],
)
def test_what_is_not_signed_by_our_key_is_refused(push: Push) -> None:
    assert judged(push) == UNSIGNED


def test_a_re_serialised_body_is_refused() -> None:
    again = orjson.dumps(orjson.loads(GENUINE.body), option=orjson.OPT_INDENT_2)
    assert judged(Push(again, GENUINE.headers)) == UNSIGNED


def test_another_encrypt_key_is_refused() -> None:
    stranger = Envelopes(CLOCK, App(encrypt_key="another"), random_bytes=bytes)
    assert judged(stranger.sealed(a_message())) == UNSIGNED


def test_a_wrong_key_behind_a_right_signature_is_unreadable() -> None:
    encrypted = EventKey("another").encrypt(orjson.dumps(a_message()), bytes(16))
    push = envelopes().signed(orjson.dumps({"encrypt": encrypted}))
    assert judged(push) == Refused(400, "unreadable")


@pytest.mark.parametrize(
    ("late", "is_taken"),
    [
        (timedelta(hours=8), True),
        (timedelta(hours=8, seconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-5, seconds=-1), False),
    ],
)
def test_only_a_delivery_within_the_window_is_taken(late: timedelta, is_taken: bool) -> None:
    verdict = judged(GENUINE, late=late)
    assert isinstance(verdict, Event) == is_taken
    assert is_taken or verdict == Refused(401, "not_fresh")


def signed_at(timestamp: str) -> Push:
    signature = INBOUND.key.sign(timestamp, "n", GENUINE.body)
    names = ("X-Lark-Request-Timestamp", "X-Lark-Request-Nonce", "X-Lark-Signature")
    return Push(GENUINE.body, dict(zip(names, (timestamp, "n", signature), strict=True)))


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e9", "٣", "9" * 11, "9" * 12, "9" * 5000])
def test_a_timestamp_that_is_no_recent_number_is_refused(timestamp: str) -> None:
    assert judged(signed_at(timestamp)) == Refused(401, "not_fresh")


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"no json",
        b"\xff\xfe\xfd",
        b'"text"',
        b"[1,2]",
        b"null",
        b'{"a":1} trailing',
        b'{"a":"\\ud800"}',
        b'{"a":' + b"9" * 400 + b"e400}",
        nested(DEEPEST + 1),
        b"[" * 500_000,
    ],
)
def test_a_signed_body_that_is_no_sound_object_is_unreadable(plaintext: bytes) -> None:
    assert isinstance(judged(envelopes().sealed_bytes(plaintext)), Refused)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"nonsense", b'{"encrypt":"%%%"}', b'{"encrypt":"AAAA"}', b"\xff"])
def test_a_signed_outer_body_without_a_ciphertext_is_unreadable(body: bytes) -> None:
    assert judged(envelopes().signed(body)) == Refused(400, "unreadable")


def test_a_plaintext_event_is_refused_even_if_signed() -> None:
    assert judged(envelopes().signed(orjson.dumps(a_message()))) == Refused(400, "unreadable")
    assert judged(Push(orjson.dumps(a_message()), {})) == UNSIGNED


def test_a_plaintext_url_check_gets_no_echo() -> None:
    assert judged(Push(orjson.dumps(envelopes().challenge("c-42")), {})) == UNSIGNED


def test_plaintext_beside_the_ciphertext_is_ignored() -> None:
    outer = orjson.loads(GENUINE.body) | {"type": "url_verification", "challenge": "x", "token": APP.verification_token}
    assert isinstance(judged(envelopes().signed(orjson.dumps(outer))), Event)


def test_a_huge_body_is_too_large() -> None:
    assert judged(Push(b" " * (LONGEST_BODY + 1), {})) == Refused(413, "too_large")


def stranger(**changes: Any) -> Envelopes:
    return Envelopes(CLOCK, replace(APP, **changes), random_bytes=bytes)


def test_another_verification_token_is_refused() -> None:
    made = stranger(verification_token="another")
    assert judged(made.sealed(made.event("x", {}))) == Refused(401, "wrong_token")
    assert judged(made.sealed(made.challenge("c"))) == Refused(401, "wrong_token")


def test_another_app_is_refused() -> None:
    made = stranger(app_id="cli_another")
    assert judged(made.sealed(made.event("x", {}))) == Refused(401, "wrong_app")


@pytest.mark.parametrize("name", ["event_id", "token", "app_id"])
@pytest.mark.parametrize("value", [None, 7, [], {}, ""])
def test_a_header_with_an_odd_field_is_refused(name: str, value: object) -> None:
    envelope = a_message()
    envelope["header"][name] = value
    assert isinstance(judged(envelopes().sealed(envelope)), Refused)


def test_nothing_is_taken_without_a_verification_token() -> None:
    with pytest.raises(ValueError, match="verification token"):
        Inbound(key=INBOUND.key, verification_token="", app_id=APP.app_id)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PARTS = ("sender", "message", "operator", "action", "context", "chat_id", "operator_id", "event_key")
TYPES = (
    "im.message.receive_v1",
    "card.action.trigger",
    "im.chat.member.bot.added_v1",
    "application.bot.menu_v6",
    "something.else",
)


@given(event_type=st.sampled_from(TYPES), event=st.dictionaries(st.sampled_from(PARTS), JSON))
def test_a_signed_event_of_any_shape_is_an_event(event_type: str, event: dict[str, Any]) -> None:
    assert heard(envelopes().event(event_type, event)).keys


@given(message=st.dictionaries(st.sampled_from([*sorted(a_message()["event"]["message"]), "mentions"]), JSON))
def test_a_message_with_any_odd_parts_is_an_event(message: dict[str, Any]) -> None:
    assert heard(a_message(**message)).kind in ("message", "unknown")


@given(body=st.binary(max_size=300), signature=st.text(max_size=70))
def test_any_bytes_from_a_stranger_are_refused(body: bytes, signature: str) -> None:
    assert judged(Push(body, {"X-Lark-Signature": signature})) == UNSIGNED


@given(position=st.integers(0, len(GENUINE.body) - 1), flip=st.integers(1, 255))
def test_one_changed_byte_is_refused(position: int, flip: int) -> None:
    body = bytearray(GENUINE.body)
    body[position] ^= flip
    assert not isinstance(judged(Push(bytes(body), GENUINE.headers)), Event | Challenge)


@given(plaintext=st.binary(max_size=200))
def test_any_signed_plaintext_is_judged_without_an_exception(plaintext: bytes) -> None:
    assert isinstance(judged(envelopes().sealed_bytes(plaintext)), Refused)


@given(value=JSON)
def test_nesting_is_counted_as_the_parser_nests(value: Any) -> None:
    raw = b'{"a":' * (DEEPEST - 8) + orjson.dumps(value) + b"}" * (DEEPEST - 8)
    assert read_object(raw)


@pytest.mark.parametrize("raw", [nested(DEEPEST + 1), b'{"a":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}"])
def test_one_level_too_many_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_object(raw)


def test_brackets_in_texts_are_no_nesting() -> None:
    raw = orjson.dumps({"text": '[{"\\"' * 100, "next": ["]" * 100]})
    assert read_object(raw) == orjson.loads(raw)
