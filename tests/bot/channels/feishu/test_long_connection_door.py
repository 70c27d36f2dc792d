"""What comes over the long connection is clear and unsigned, and otherwise judged as at the webhook."""

from typing import Any

import orjson
import pytest

from bot.channels.feishu.receive import LONGEST_BODY, Refused, receive_clear
from bot.contracts.events import Event
from tests.bot.channels.feishu.deliveries import APP, CLOCK, a_message, heard


def received(payload: bytes) -> Event | Refused:
    return receive_clear(payload, APP.app_id, APP.bot_open_id, now=CLOCK.now(), event_id="E1")


def of_another_app() -> dict[str, Any]:
    envelope = a_message()
    envelope["header"]["app_id"] = "cli_other"
    return envelope


def test_an_event_is_the_same_whichever_way_it_came() -> None:
    assert received(orjson.dumps(a_message())) == heard(a_message())


def test_no_verification_token_is_asked_for() -> None:
    envelope = a_message()
    envelope["header"]["token"] = ""
    assert isinstance(received(orjson.dumps(envelope)), Event)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "unreadable"),
        (b"[]", "unreadable"),
        (b"\xff", "unreadable"),
        (orjson.dumps(of_another_app()), "wrong_app"),
        (orjson.dumps({"schema": "2.0", "header": {"app_id": APP.app_id}}), "unreadable"),
        (b" " * (LONGEST_BODY + 1), "too_large"),
    ],
)
def test_what_is_not_ours_or_not_readable_is_refused(payload: bytes, reason: str) -> None:
    refused = received(payload)
    assert isinstance(refused, Refused)
    assert refused.reason == reason


def test_an_event_of_the_first_schema_is_kept_and_not_run() -> None:
    legacy = {"ts": "1760000000.71", "uuid": "u-1", "token": "", "type": "event_callback"}
    event = received(orjson.dumps({**legacy, "event": {"type": "message", "app_id": APP.app_id}}))
    assert isinstance(event, Event)
    assert event.kind == "legacy"
