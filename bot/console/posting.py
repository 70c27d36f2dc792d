"""What people send from the web chat: typed messages, pressed buttons, filled forms."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.channels.markup import sendable
from bot.channels.web import TEAM_CHAT, chat_topic
from bot.console.chat import asked_chat
from bot.console.deps import ConsoleDeps
from bot.console.gate import Refusal, Visitor
from bot.contracts.events import Event
from bot.presses import notice

_LONGEST_TEXT: Final = 4000
_LARGEST_BODY: Final = 64 * 1024
_ONE_WEEK_MS: Final = 7 * 24 * 3600 * 1000

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
Short = Annotated[str, StringConstraints(max_length=100)]
FormValue = Annotated[str, StringConstraints(max_length=_LONGEST_TEXT)]


class PostedMessage(BaseModel):
    """``key`` is made by the page for each message; ``age_ms`` is how long the message had to wait for the network."""

    model_config = ConfigDict(extra="forbid", strict=True)
    key: Key
    text: str
    age_ms: int = Field(default=0, ge=0, le=_ONE_WEEK_MS)


class PostedCommand(BaseModel):
    """A button or form of a feature's page: the command line it stands for, with the form's values by field name."""

    model_config = ConfigDict(extra="forbid", strict=True)
    key: Key
    command: Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_TEXT)]
    form: dict[Short, FormValue] = Field(default_factory=dict, max_length=50)


class PostedPress(BaseModel):
    """A pressed button of the card ``message_id``, with the form's values by field name."""

    model_config = ConfigDict(extra="forbid", strict=True)
    key: Key
    token: Short
    message_id: Short
    form: dict[Short, FormValue] = Field(default_factory=dict, max_length=50)


Posted = TypeVar("Posted", bound=BaseModel)


class Posting:
    """Answers once the event is stored. The same key again changes nothing, so the page may safely repeat itself."""

    def __init__(self, deps: ConsoleDeps) -> None:
        self._deps = deps

    async def say(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Take a typed message and show it to everybody in the chat."""
        chat_id, posted = asked_chat(request, visitor), await read_posted(request, PostedMessage)
        text = cleaned(posted.text)
        if not text:
            raise Refusal(400, "empty")
        if len(text) > _LONGEST_TEXT:
            raise Refusal(413, "too_long")
        event = posted_event(self._deps, visitor, chat_id, posted.key)
        written_at = event.received_at - timedelta(milliseconds=posted.age_ms)
        event = replace(event, text=text, written_at=written_at, message_id=event.id)
        receipt = await self._deps.receive(event)
        if not receipt.duplicate:
            self._deps.live.publish(chat_topic(chat_id), event)
        return web.json_response({"id": receipt.event_id})

    async def press(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Take a press; ``notice`` tells what became of it, such as who was first."""
        chat_id, posted = asked_chat(request, visitor), await read_posted(request, PostedPress)
        form = {cleaned(name): cleaned(value) for name, value in posted.form.items()}
        event = posted_event(self._deps, visitor, chat_id, posted.key)
        event = replace(event, kind="action", action_token=posted.token, form=form, message_id=posted.message_id)
        receipt = await self._deps.receive(event)
        if receipt.press is None:  # the same request again: what became of it was said the first time
            return web.json_response({"accepted": True, "notice": visitor.words("console.chat.pressed")})
        accepted = receipt.press.outcome == "accepted"
        return web.json_response({"accepted": accepted, "notice": notice(receipt.press, visitor.words)})


def posted_event(deps: ConsoleDeps, visitor: Visitor, chat_id: str, key: str) -> Event:
    """A message without text; keys are apart per person, so that nobody can use up another's."""
    now = deps.clock.now()
    return Event(
        id=deps.new_id(),
        channel="web",
        keys=(f"{visitor.person.id}:{key}",),
        kind="message",
        received_at=now,
        written_at=now,
        chat_id=chat_id,
        chat_kind="group" if chat_id == TEAM_CHAT else "private",
        sender_id=visitor.person.id,
        sender_name=visitor.person.name,
    )


async def read_posted(request: web.Request, model: type[Posted]) -> Posted:
    """The request's JSON body. Raises: Refusal if it is none, too big or not of this shape."""
    if request.content_type != "application/json":
        raise Refusal(415, "unreadable")
    if (request.content_length or 0) > _LARGEST_BODY:
        raise Refusal(413, "too_long")
    body = await request.read()
    if len(body) > _LARGEST_BODY:
        raise Refusal(413, "too_long")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise Refusal(400, "unreadable") from error


def cleaned(text: str) -> str:
    """``text`` without surrounding space and signs that no platform takes."""
    return sendable(text).strip()
