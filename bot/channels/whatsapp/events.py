"""What a verified item says, as an ``Event``. A shape that does not fit becomes ``unknown``, never an exception."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.channels.json_body import Body, part, parts, text
from bot.contracts.events import Event
from integrations.whatsapp.errors import MENDABLE, reason

NAME = "whatsapp"
_LONGEST_ID = 300
STATES = ("sent", "delivered", "read", "failed")
_PLAYED = {"played": "read"}
_SPEECHLESS = ("audio", "contacts", "location", "order", "sticker", "unsupported")


@dataclass(frozen=True, slots=True)
class Writing:
    """An item of ``messages`` with the contacts that its change names."""

    message: Body
    contacts: Sequence[Body]
    now: datetime


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody wrote or chose."""

    text: str = ""
    choice: str = ""


def event_from_message(writing: Writing, event_id: str) -> Event | None:
    """A message, a chosen button, or something only to be counted; None without an id."""
    message, now = writing.message, writing.now
    message_id, message_type = text(message, "id"), text(message, "type")
    if not 0 < len(message_id) <= _LONGEST_ID:
        return None
    base = Event(
        id=event_id,
        channel=NAME,
        keys=(message_id,),
        kind="unknown",
        received_at=now,
        written_at=written_moment(text(message, "timestamp"), now),
        message_id=message_id,
        note=message_type,
    )
    number, user_id = text(message, "from"), text(message, "from_user_id")
    read = _READERS.get(message_type)
    if read is None or "group_id" in message or not 0 < len(user_id or number) <= _LONGEST_ID:
        return base  # groups are not ours: there are no buttons, and nobody says who reads along
    said = read(message)
    return replace(
        base,
        kind="action" if said.choice else "message",
        chat_id=user_id or number,
        sender_id=user_id or number,
        known_as=number if user_id else "",
        sender_name=_name(writing.contacts, number, user_id),
        text=said.text,
        action_token=said.choice,
        parent_id=text(part(message, "context"), "id"),
        note="" if said.text or said.choice else message_type,
    )


def event_from_status(status: Body, now: datetime, event_id: str) -> Event | None:
    """How far a message of ours got; None without an id or with a state that nobody knows."""
    message_id, told = text(status, "id"), text(status, "status")
    state = _PLAYED.get(told, told)
    if not 0 < len(message_id) <= _LONGEST_ID or state not in STATES:
        return None
    errors = parts(status, "errors")
    return Event(
        id=event_id,
        channel=NAME,
        keys=(f"{message_id}:{state}",),
        kind="status",
        received_at=now,
        written_at=written_moment(text(status, "timestamp"), now),
        chat_id=text(status, "recipient_user_id") or text(status, "recipient_id"),
        message_id=message_id,
        form={
            "state": state,
            "echo": text(status, "biz_opaque_callback_data"),
            "error": reason(errors[0]).replace("\0", "") if errors else "",
            "again": str(any(f"{each.get('code')}" in MENDABLE for each in errors)),
        },
        note=state,
    )


def written_moment(digits: str, now: datetime) -> datetime:
    """A time of the platform, in seconds as a text; ``now`` if it is none."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        return now
    return datetime.fromtimestamp(int(digits), UTC)


def _name(contacts: Sequence[Body], number: str, user_id: str) -> str:
    """The profile's name; contacts are matched by their ids, not by their order."""
    for contact in contacts:
        known = (text(contact, "wa_id"), text(contact, "user_id"))
        if (number and number == known[0]) or (user_id and user_id == known[1]):
            return text(part(contact, "profile"), "name")
    return ""


def _text(message: Body) -> _Said:
    return _Said(text(part(message, "text"), "body"))


def _captioned(message: Body) -> _Said:
    return _Said(text(part(message, text(message, "type")), "caption"))


def _template_button(message: Body) -> _Said:
    button = part(message, "button")
    return _Said(text(button, "text") or text(button, "payload"))


def _interactive(message: Body) -> _Said:
    """A choice brings the token that we gave it; other answers (flows, calls) were not asked for."""
    interactive = part(message, "interactive")
    chosen = part(interactive, "button_reply") or part(interactive, "list_reply")
    return _Said(choice=text(chosen, "id"))


def _speechless(_: Body) -> _Said:
    return _Said()


_READERS: dict[str, Callable[[Body], _Said]] = {
    "text": _text,
    "image": _captioned,
    "video": _captioned,
    "document": _captioned,
    "interactive": _interactive,
    "button": _template_button,
    **dict.fromkeys(_SPEECHLESS, _speechless),
}
