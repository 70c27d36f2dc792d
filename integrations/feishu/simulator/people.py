"""The people of the simulated platform: what they write and press arrives at the webhook, sealed and signed, or over
the long connection, clear.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import TypeAdapter, ValidationError

from integrations.feishu.simulator.envelopes import Envelope, Pressed, Push, Said, chat_of
from integrations.feishu.simulator.messages import WrittenMessage
from integrations.http.simulation import Answer, Asked, Route

if TYPE_CHECKING:
    from integrations.feishu.simulator.server import FeishuSimulator

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_DEADLINE = ClientTimeout(total=10)
_FIELD_JOINT = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the webhook answered, or the long connection's acknowledgement (0: none came).

    ``message_id`` is the id of what was written, if it was a message.
    """

    status: int
    body: Any
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button on the card ``message_id``, by its label; ``form`` fills its form by field names."""

    message_id: str
    label: str
    sender_id: str = ""
    form: Mapping[str, str] | None = None
    copies: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The bot comes into a group or leaves it."""

    chat_id: str
    added: bool = True
    sender_id: str = ""


class People:
    """Everybody who is not the bot.

    They are heard over a long connection if one is open or no webhook is named.
    """

    def __init__(self, simulator: "FeishuSimulator", webhook_url: str) -> None:
        self.webhook_url = webhook_url
        self.written: list[WrittenMessage] = []
        """The record of what they wrote, in order."""
        self.left_chats: set[str] = set()
        self._simulator = simulator
        self._session: ClientSession | None = None

    def chat_of(self, message_id: str) -> str:
        """The chat of a message, empty if it was not written here."""
        own = self._simulator.messages.by_id.get(message_id)
        return own.chat_id if own is not None else chat_of(message_id)

    async def say(self, said: Said) -> Heard:
        """Write a message; the answer to the last delivery counts."""
        app = self._simulator.app
        default_chat = app.group_chat_id if said.is_group else app.private_chat_id
        complete = replace(said, chat_id=said.chat_id or default_chat, sender_id=said.sender_id or app.person_open_id)
        envelope = self._simulator.envelopes.message(complete)
        message_id = str(envelope["event"]["message"]["message_id"])
        written = WrittenMessage(
            message_id=message_id,
            chat_id=complete.chat_id,
            sender_id=complete.sender_id,
            parent_id=said.parent_id,
            text=said.text,
            at=self._simulator.clock.now(),
        )
        self.written.append(written)
        return await self._deliver(envelope, said.copies, message_id)

    async def press(self, press: Press) -> Heard:
        """Press a button of a recorded card. Raises: LookupError if the card has no such button."""
        message = self._simulator.messages.by_id[press.message_id]
        elements = orjson.loads(message.current)["body"]["elements"]
        button, siblings = _find_button(elements, press.label)
        pressed = Pressed(
            message_id=press.message_id,
            chat_id=message.chat_id or self.chat_of(message.parent_id),
            sender_id=press.sender_id or self._simulator.app.person_open_id,
            value=next(each["value"] for each in button["behaviors"] if each["type"] == "callback"),
            name=button.get("name", ""),
            form=_filled(siblings, press.form or {}) if "form_action_type" in button else {},
        )
        return await self._deliver(self._simulator.envelopes.press(pressed), press.copies)

    async def change_membership(self, change: Membership) -> Heard:
        """Bring the bot into a group or remove it; a removed bot cannot write there."""
        (self.left_chats.discard if change.added else self.left_chats.add)(change.chat_id)
        operator_id = change.sender_id or self._simulator.app.person_open_id
        return await self._deliver(self._simulator.envelopes.member(change.chat_id, operator_id, added=change.added))

    def control_routes(self) -> tuple[Route, ...]:
        """``say``, ``press`` and ``member`` take the fields of ``Said``, ``Press`` and ``Membership``."""
        return (
            Route("say", "POST", "/_control/say", self._on_say),
            Route("press", "POST", "/_control/press", self._on_press),
            Route("member", "POST", "/_control/member", self._on_member),
        )

    async def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _on_say(self, asked: Asked) -> Answer:
        try:
            said = TypeAdapter(Said).validate_python(asked.body)
        except ValidationError as error:
            return _misunderstood(error)
        return Answer(body=await self.say(said))

    async def _on_press(self, asked: Asked) -> Answer:
        try:
            press = TypeAdapter(Press).validate_python(asked.body)
        except ValidationError as error:
            return _misunderstood(error)
        try:
            return Answer(body=await self.press(press))
        except LookupError as error:
            return Answer(status=404, body={"errors": [str(error)]})

    async def _on_member(self, asked: Asked) -> Answer:
        try:
            change = TypeAdapter(Membership).validate_python(asked.body)
        except ValidationError as error:
            return _misunderstood(error)
        return Answer(body=await self.change_membership(change))

    async def _deliver(self, envelope: Envelope, copies: int = 1, message_id: str = "") -> Heard:
        """Push the envelope, each copy signed anew. Raises: ValueError unless the webhook is on loopback."""
        if len(self._simulator.connections) or not self.webhook_url:
            return await self._push_over_connection(envelope, copies, message_id)
        if urlsplit(self.webhook_url).hostname not in _LOOPBACK:
            raise ValueError("the webhook_url of a simulator must be on loopback")
        if self._session is None:
            self._session = ClientSession(timeout=_DEADLINE)
        heard = Heard(status=0, body=None, message_id=message_id)
        for _ in range(copies):
            heard = await self._push(self._session, self._simulator.envelopes.sealed(envelope), message_id)
        return heard

    async def _push_over_connection(self, envelope: Envelope, copies: int, message_id: str) -> Heard:
        status, body = 0, None
        is_callback = envelope["header"]["event_type"] == "card.action.trigger"
        for _ in range(copies):
            status, body = await self._simulator.connections.push(envelope, is_repeated=not is_callback)
        return Heard(status=status, body=body, message_id=message_id)

    async def _push(self, session: ClientSession, push: Push, message_id: str) -> Heard:
        try:
            async with session.post(self.webhook_url, data=push.body, headers=push.headers) as answer:
                return Heard(status=answer.status, body=_parsed(await answer.read()), message_id=message_id)
        except (ClientError, TimeoutError) as error:
            return Heard(status=0, body=type(error).__name__, message_id=message_id)


def _find_button(elements: list[dict[str, Any]], label: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The button with ``label`` and the elements beside it."""
    for siblings in _levels(elements):
        for element in siblings:
            if element["tag"] == "button" and element["text"]["content"] == label:
                return element, siblings
    raise LookupError(f"no button {label!r}")


def _levels(elements: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    yield elements
    for element in elements:
        for children in (element.get("elements"), element.get("columns")):
            if isinstance(children, list) and element["tag"] != "table":
                yield from _levels(children)


def _filled(elements: list[dict[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    """The form as the client sends it: what was given, else what the card proposed; dates with a zone behind."""
    form: dict[str, str] = {}
    for element in elements:
        name = element.get("name")
        if name is None or element["tag"] == "button":
            continue
        field = name.split(_FIELD_JOINT, 2)[-1]
        proposed = next(
            (element[key] for key in ("default_value", "initial_option", "initial_date") if key in element), ""
        )
        value = given.get(name, given.get(field, proposed))
        form[name] = f"{value} +0800" if value and element["tag"] == "date_picker" else value
    return form


def _parsed(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw.decode(errors="replace")


def _misunderstood(error: ValidationError) -> Answer:
    return Answer(status=400, body={"errors": [str(problem["loc"]) for problem in error.errors()]})
