"""What happened, in our own words: one verified inbound fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

EventKind = Literal["message", "action", "joined", "removed", "entered", "menu", "status", "legacy", "unknown"]
"""message: a typed text; action: a pressed button or sent form; joined/removed: the bot entered or left a chat;
entered: a person opened the private chat; menu: a fixed menu entry; status: how far a message of ours got;
legacy/unknown: stored and counted only."""

ChatKind = Literal["private", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One inbound fact.

    ``keys`` are all its idempotency keys on this channel: any of them seen before makes it a duplicate.
    ``written_at`` is the platform's time of writing, ``received_at`` ours.
    """

    id: str
    channel: str
    keys: tuple[str, ...]
    kind: EventKind
    received_at: datetime
    written_at: datetime
    chat_id: str = ""
    chat_kind: ChatKind = "private"
    sender_id: str = ""
    sender_name: str = ""
    text: str = ""
    addressed: bool = True
    """True in private chats and where the message mentions the bot or answers it."""
    message_id: str = ""
    """The platform's id of the message (for an action: of the card) that an answer quotes."""
    parent_id: str = ""
    action_token: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    """The fields of a sent form; of a status: ``state``, ``echo`` (the id of our hand-over), ``error``, and ``again``,
    which is "True" if the same message may pass in another way."""
    known_as: str = ""
    """A second id under which the platform knows the sender."""
    note: str = ""
    """For kinds that are only counted: the platform's own type name."""
