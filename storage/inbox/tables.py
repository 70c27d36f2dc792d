"""Verified inbound facts, and every key under which one was ever delivered."""

from sqlalchemy import Column, Index, String, Table, Text

from storage.schema import Json, Moment, metadata

inbox = Table(
    "inbox",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("chat_id", Text, nullable=False),
    Column("sender_id", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("body", Json),  # what the event says; forgotten after 30 days
    Column("outcome", Text, nullable=False),  # stored | queued | answered | ignored | failed | duplicate of a press …
    Column("command", Text, nullable=False),
    Column("handled_at", Moment),
)
Index("ix_inbox_chat", inbox.c.channel, inbox.c.chat_id, inbox.c.id)
Index("ix_inbox_received_at", inbox.c.received_at)

inbox_keys = Table(
    "inbox_keys",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("event_id", String(14), nullable=False),
    Column("seen_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_inbox_keys_seen_at", inbox_keys.c.seen_at)
