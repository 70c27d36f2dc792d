"""What the platform pushes to a webhook, sealed and signed as it does; for the simulator, tests and load generators."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

from bot.contracts.clock import Clock
from integrations.feishu.signing import EventKey
from integrations.feishu.simulator.demo import App

Envelope = dict[str, Any]
_CHAT_MARK = "@"


@dataclass(frozen=True, slots=True)
class Push:
    """One request to a webhook."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message somebody writes. In a group ``mentions_bot`` puts "@_user_1 " before the text.

    ``chat_id`` and ``sender_id`` left empty are the demo's; ``copies`` is how often it is delivered.
    """

    text: str
    chat_id: str = ""
    sender_id: str = ""
    is_group: bool = False
    mentions_bot: bool = True
    parent_id: str = ""
    copies: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button somebody presses; with ``form`` it sends that form."""

    message_id: str
    chat_id: str
    sender_id: str
    value: Mapping[str, Any]
    name: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)


class Envelopes:
    """One app's events. Ids count up behind ``prefix``, which keeps several makers apart."""

    def __init__(
        self,
        clock: Clock,
        app: App,
        *,
        prefix: str = "sim",
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.key = EventKey(app.encrypt_key)
        self._clock = clock
        self._app = app
        self._prefix = prefix
        self._random_bytes = random_bytes
        self._numbers = count(1)

    def message(self, said: Said) -> Envelope:
        """``im.message.receive_v1`` with a new message id, which tells the simulator the chat (see ``chat_of``)."""
        message: Envelope = {
            "message_id": f"om_{self._prefix}_{next(self._numbers)}{_CHAT_MARK}{said.chat_id}",
            "create_time": self._milliseconds(),
            "update_time": self._milliseconds(),
            "chat_id": said.chat_id,
            "chat_type": "group" if said.is_group else "p2p",
            "message_type": "text",
        }
        if said.parent_id:
            message |= {"root_id": said.parent_id, "parent_id": said.parent_id}
        mentions_bot = said.is_group and said.mentions_bot
        if mentions_bot:
            mentioned = {"open_id": self._app.bot_open_id, "union_id": "on_sim_bot", "user_id": None}
            mention = {"key": "@_user_1", "id": mentioned, "name": "掌柜", "tenant_key": "sim", "mentioned_type": "bot"}
            message["mentions"] = [mention]
        text = f"@_user_1 {said.text}" if mentions_bot else said.text
        message["content"] = orjson.dumps({"text": text}).decode()
        sender = {"sender_id": _person(said.sender_id), "sender_type": "user", "tenant_key": "sim"}
        return self.event("im.message.receive_v1", {"sender": sender, "message": message})

    def press(self, pressed: Pressed) -> Envelope:
        """``card.action.trigger``."""
        number = next(self._numbers)
        action: Envelope = {"tag": "button", "value": dict(pressed.value), "timezone": "Asia/Shanghai"}
        if pressed.name:
            action["name"] = pressed.name
        if pressed.form:
            action["form_value"] = dict(pressed.form)
        event = {
            "operator": {"tenant_key": "sim", **_person(pressed.sender_id)},
            "token": f"c-{self._prefix}-{number}",
            "action": action,
            "host": "im_message",
            "context": {"open_message_id": pressed.message_id, "open_chat_id": pressed.chat_id},
        }
        return self.event("card.action.trigger", event)

    def member(self, chat_id: str, operator_id: str, *, added: bool) -> Envelope:
        """``im.chat.member.bot.added_v1`` or ``deleted_v1``."""
        event = {"chat_id": chat_id, "operator_id": _person(operator_id), "external": False, "name": "测试群"}
        return self.event(f"im.chat.member.bot.{'added' if added else 'deleted'}_v1", event)

    def entered(self, chat_id: str, operator_id: str) -> Envelope:
        """``im.chat.access_event.bot_p2p_chat_entered_v1``."""
        event = {"chat_id": chat_id, "operator_id": _person(operator_id)}
        return self.event("im.chat.access_event.bot_p2p_chat_entered_v1", event)

    def menu(self, operator_id: str, event_key: str) -> Envelope:
        """``application.bot.menu_v6``, which names no chat."""
        operator = {"operator_name": "测试", "operator_id": _person(operator_id)}
        moment = int(self._clock.now().timestamp())
        event = {"operator": operator, "event_key": event_key, "timestamp": moment}
        return self.event("application.bot.menu_v6", event)

    def event(self, event_type: str, event: Envelope) -> Envelope:
        """Any event in an envelope of schema 2.0 with a new event id."""
        header = {
            "event_id": f"ev_{self._prefix}_{next(self._numbers)}",
            "token": self._app.verification_token,
            "create_time": self._milliseconds(),
            "event_type": event_type,
            "tenant_key": "sim",
            "app_id": self._app.app_id,
        }
        return {"schema": "2.0", "header": header, "event": event}

    def challenge(self, answer: str) -> Envelope:
        """The url check of the developer console."""
        return {"challenge": answer, "token": self._app.verification_token, "type": "url_verification"}

    def sealed(self, envelope: Envelope) -> Push:
        """The envelope encrypted, and signed now."""
        return self.sealed_bytes(orjson.dumps(envelope))

    def sealed_bytes(self, plaintext: bytes) -> Push:
        """Any bytes, readable or not, encrypted and signed now."""
        encrypted = self.key.encrypt(plaintext, self._random_bytes(16))
        return self.signed(orjson.dumps({"encrypt": encrypted}))

    def signed(self, body: bytes) -> Push:
        """A raw body under the headers that make it genuine now."""
        timestamp, nonce = str(int(self._clock.now().timestamp())), self._random_bytes(8).hex()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Lark-Request-Timestamp": timestamp,
            "X-Lark-Request-Nonce": nonce,
            "X-Lark-Signature": self.key.sign(timestamp, nonce, body),
        }
        return Push(body, headers)

    def _milliseconds(self) -> str:
        return str(int(self._clock.now().timestamp() * 1000))


def chat_of(message_id: str) -> str:
    """The chat in which a message of ``Envelopes.message`` was written, whoever made it; empty for any other id."""
    return message_id.partition(_CHAT_MARK)[2]


def _person(open_id: str) -> dict[str, Any]:
    return {"open_id": open_id, "union_id": open_id.replace("ou_", "on_", 1), "user_id": None}
