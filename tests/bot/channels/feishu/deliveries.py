"""What Feishu might post to our webhook, and what we make of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
from multidict import CIMultiDict

from bot.channels.feishu.receive import Challenge, Inbound, Refused, receive
from bot.contracts.events import Event
from integrations.feishu.signing import EventKey
from integrations.feishu.simulator import App, Envelopes, Push, Said
from tests.integrations.http.fakes import SteppingClock

APP = App()
CLOCK = SteppingClock()
INBOUND = Inbound(
    key=EventKey(APP.encrypt_key),
    verification_token=APP.verification_token,
    app_id=APP.app_id,
    bot_open_id=APP.bot_open_id,
)


def envelopes() -> Envelopes:
    """A maker of genuine events whose ids begin anew."""
    return Envelopes(CLOCK, APP, random_bytes=bytes)


def a_message(**changes: Any) -> dict[str, Any]:
    """An envelope of a private "店铺"; ``changes`` replace parts of its message."""
    envelope = envelopes().message(Said(text="店铺", chat_id="oc_1", sender_id="ou_1"))
    envelope["event"]["message"] |= changes
    return envelope


def judged(
    push: Push, *, inbound: Inbound = INBOUND, headers: Mapping[str, str] | None = None, late: timedelta = timedelta()
) -> Challenge | Event | Refused:
    """The verdict on a delivery that arrives ``late`` after it was signed."""
    known = CIMultiDict({**push.headers, **(headers or {})})
    return receive(push.body, known, inbound, now=CLOCK.now() + late, event_id="E1")


def heard(envelope: Mapping[str, Any], *, inbound: Inbound = INBOUND) -> Event:
    """The event of a genuine delivery."""
    event = judged(envelopes().sealed(dict(envelope)), inbound=inbound)
    assert isinstance(event, Event), event
    return event


def heard_content(message_type: str, content: object, **changes: Any) -> Event:
    """The event of a message with this content."""
    return heard(a_message(message_type=message_type, content=orjson.dumps(content).decode(), **changes))


def unnamed_bot() -> Inbound:
    """Before the platform has said who the bot is."""
    return replace(INBOUND, bot_open_id="")
