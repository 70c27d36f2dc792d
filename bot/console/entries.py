"""What stands in a web chat: what people said and what was answered, in one order."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from bot.channels.base import Outgoing
from bot.contracts.cards import Card
from bot.contracts.events import Event
from storage.database import Reader
from storage.inbox.rows import StoredEvent
from storage.inbox.store import chat_events
from storage.outbox.rows import StoredMessage
from storage.outbox.store import chat_messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A person's message."""

    id: str
    sender_id: str
    sender_name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A card; a higher ``version`` replaces a lower one of the same ``id``. ``reply_to`` is the entry it answers."""

    id: str
    version: int
    card: Card
    reply_to: str
    at: datetime


Entry = Said | Answered


def entry_of(item: Event | StoredEvent | Outgoing | StoredMessage) -> Entry:
    """The entry for something that just happened or was read back."""
    match item:
        case Event() | StoredEvent():
            return Said(
                id=item.id,
                sender_id=item.sender_id,
                sender_name=item.sender_name,
                text=item.text,
                at=item.received_at,
            )
        case Outgoing() | StoredMessage():
            return Answered(
                id=item.id, version=item.version, card=item.card, reply_to=item.reply_to, at=item.created_at
            )
        case _:
            assert_never(item)


async def history(reader: Reader, chat_id: str, *, limit: int) -> list[Entry]:
    """The newest ``limit`` entries of a web chat, oldest first. Messages whose text was forgotten are left out."""
    events = await chat_events(reader, "web", chat_id, limit=limit)
    messages = await chat_messages(reader, "web", chat_id, limit=limit)
    said = [entry_of(event) for event in events if event.kind == "message" and event.text]
    entries = said + [entry_of(message) for message in messages]
    return sorted(entries, key=lambda entry: (entry.at, entry.id))[-limit:]
