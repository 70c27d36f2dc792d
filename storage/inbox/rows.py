"""Inbound facts as people and the console see them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event with what became of it. ``text`` is empty once the body was forgotten."""

    id: str
    channel: str
    kind: str
    chat_id: str
    sender_id: str
    sender_name: str
    text: str
    received_at: datetime
    written_at: datetime
    outcome: str
    command: str
    handled_at: datetime | None
