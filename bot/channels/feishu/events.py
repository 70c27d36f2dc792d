"""What a verified envelope says, as an ``Event``. A shape that does not fit becomes ``unknown``, never an exception."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.channels.feishu.wording import Spoken, spoken_text
from bot.channels.json_body import Body, part, text
from bot.contracts.events import Event, EventKind

NAME = "feishu"
_SECONDS_BY_DIGITS = {10: 1, 13: 1_000, 16: 1_000_000}
_OWN_FIELD = re.compile(r"f\d+_(text|number|date|select)_(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Envelope:
    """One event of schema 2.0; ``base`` already has what every kind shares."""

    base: Event
    event: Body
    bot_open_id: str


def event_from_envelope(opened: Body, *, bot_open_id: str, now: datetime, event_id: str) -> Event | None:
    """The event of a decrypted envelope, schema 2.0 or legacy; None if it has no id to know it again by."""
    if "schema" not in opened:
        return _legacy(opened, now, event_id)
    header, event = part(opened, "header"), part(opened, "event")
    key = text(header, "event_id")
    if not key:
        return None
    event_type = text(header, "event_type")
    written_at = written_moment(text(header, "create_time"), now)
    base = Event(
        id=event_id,
        channel=NAME,
        keys=(key,),
        kind="unknown",
        received_at=now,
        written_at=written_at,
        note=event_type,
    )
    read = _READERS.get(event_type)
    return read(_Envelope(base, event, bot_open_id)) if read else base


def event_from_legacy_card(card: Body, *, signature: str, now: datetime, event_id: str) -> Event:
    """A press reported by ``card.action.trigger_v1``, which has no event id: its card token, else its signature."""
    key = f"v1:{text(card, 'token') or signature}"
    base = Event(id=event_id, channel=NAME, keys=(key,), kind="action", received_at=now, written_at=now)
    return _pressed(base, part(card, "action"), text(card, "open_id"), card)


def written_moment(digits: str, now: datetime) -> datetime:
    """A platform time given in seconds (10 digits), milliseconds (13) or microseconds (16); else ``now``."""
    per_second = _SECONDS_BY_DIGITS.get(len(digits))
    if per_second is None or not (digits.isascii() and digits.isdigit()):
        return now
    return datetime.fromtimestamp(int(digits) / per_second, UTC)


def _legacy(opened: Body, now: datetime, event_id: str) -> Event | None:
    key = text(opened, "uuid")
    if not key:
        return None
    return Event(
        id=event_id,
        channel=NAME,
        keys=(key,),
        kind="legacy",
        received_at=now,
        written_at=written_moment(text(opened, "ts").partition(".")[0], now),
        note=text(part(opened, "event"), "type"),
    )


def _message(envelope: _Envelope) -> Event:
    message, sender = part(envelope.event, "message"), part(envelope.event, "sender")
    message_id, chat_id = text(message, "message_id"), text(message, "chat_id")
    sender_id = text(part(sender, "sender_id"), "open_id")
    if not (message_id and chat_id and sender_id) or text(sender, "sender_type") != "user":
        return envelope.base  # other bots are not answered, or two bots would talk for ever
    is_group = text(message, "chat_type") != "p2p"
    spoken = spoken_text(message, envelope.bot_open_id)
    return replace(
        envelope.base,
        keys=(*envelope.base.keys, message_id),
        kind="message",
        written_at=written_moment(text(message, "create_time"), envelope.base.written_at),
        chat_id=chat_id,
        chat_kind="group" if is_group else "private",
        sender_id=sender_id,
        text=spoken.text,
        addressed=not is_group or spoken.to_bot,
        message_id=message_id,
        parent_id=text(message, "parent_id"),
        note=_unread_type(message, spoken),
    )


def _unread_type(message: Body, spoken: Spoken) -> str:
    return "" if spoken.text else text(message, "message_type")


def _action(envelope: _Envelope) -> Event:
    operator, context = part(envelope.event, "operator"), part(envelope.event, "context")
    return _pressed(envelope.base, part(envelope.event, "action"), text(operator, "open_id"), context)


def _pressed(base: Event, action: Body, sender_id: str, where: Body) -> Event:
    return replace(
        base,
        kind="action",
        chat_id=text(where, "open_chat_id"),
        sender_id=sender_id,
        message_id=text(where, "open_message_id"),
        action_token=text(part(action, "value"), "token"),
        form=_form(part(action, "form_value")),
        note="",
    )


def _form(values: Body) -> dict[str, str]:
    return dict(_field(name, value) for name, value in values.items())


def _field(name: str, value: object) -> tuple[str, str]:
    """Field names of our own cards tell the kind: a date comes back with the client's zone behind it."""
    answer = ",".join(str(each) for each in value) if isinstance(value, list) else str(value or "")
    answer = answer.replace("\0", "").strip()
    own = _OWN_FIELD.fullmatch(name)
    if own is None:
        return name, answer
    return own[2], answer.partition(" ")[0] if own[1] == "date" else answer


def _membership(kind: EventKind) -> Callable[[_Envelope], Event]:
    def read(envelope: _Envelope) -> Event:
        sender_id = text(part(envelope.event, "operator_id"), "open_id")
        return replace(
            envelope.base,
            kind=kind,
            chat_id=text(envelope.event, "chat_id"),
            chat_kind="private" if kind == "entered" else "group",
            sender_id=sender_id,
            note="",
        )

    return read


def _menu(envelope: _Envelope) -> Event:
    """A menu entry names no chat: the person's open_id stands for the private chat with them."""
    operator = part(envelope.event, "operator")
    sender_id = text(part(operator, "operator_id"), "open_id")
    return replace(
        envelope.base,
        kind="menu",
        chat_id=sender_id,
        sender_id=sender_id,
        sender_name=text(operator, "operator_name"),
        text=text(envelope.event, "event_key"),
        note="",
    )


_READERS: dict[str, Callable[[_Envelope], Event]] = {
    "im.message.receive_v1": _message,
    "card.action.trigger": _action,
    "im.chat.member.bot.added_v1": _membership("joined"),
    "im.chat.member.bot.deleted_v1": _membership("removed"),
    "im.chat.access_event.bot_p2p_chat_entered_v1": _membership("entered"),
    "application.bot.menu_v6": _menu,
}
