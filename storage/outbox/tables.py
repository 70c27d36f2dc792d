"""Messages on their way to a chat, and the buttons on them."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from storage.schema import Json, Moment, metadata

messages = Table(
    "messages",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("chat_id", Text, nullable=False),
    Column("reply_to", Text, nullable=False),
    Column("event_id", String(14), nullable=False),  # what it answers, or empty
    Column("card", Json),  # the newest version, with action tokens; forgotten after 30 days
    Column("version", Integer, nullable=False),
    Column("sent_version", Integer, nullable=False),
    Column("state", Text, nullable=False),  # bot.channels.base.DeliveryState of the newest version
    Column("platform_id", Text, nullable=False),
    Column("refusal", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("platform_sent_at", Moment),
)
Index("ix_messages_chat", messages.c.channel, messages.c.chat_id, messages.c.id)
Index("ix_messages_event_id", messages.c.event_id)
_OPEN = text("state IN ('queued', 'failed', 'unknown')")
Index("ix_messages_open", messages.c.state, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_messages_created_at", messages.c.created_at)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Text, primary_key=True),  # message, version and part: what the platform echoes in statuses
    Column("message_id", String(14), nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_final", Boolean, nullable=False),  # the version is no longer "working"
    Column("platform_id", Text, nullable=False),  # empty until the platform named it
    Column("state", Text, nullable=False),  # storage.outbox.rows.HandoverState
    Column("error", Text, nullable=False),
    Column("begun_at", Moment, nullable=False),
)
Index("ix_handovers_message_id", handovers.c.message_id)
Index("ix_handovers_platform_id", handovers.c.platform_id)
_UNTOLD = text("state IN ('pending', 'accepted')")
Index("ix_handovers_untold", handovers.c.begun_at, sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)

actions = Table(
    "actions",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("message_id", String(14), nullable=False),
    Column("version", Integer, nullable=False),  # of the message that showed it
    Column("content_hash", String(32), nullable=False),  # of the card as the person saw it
    Column("command", Text, nullable=False),  # the command line it stands for
    Column("label", Text, nullable=False),
    Column("once", Boolean, nullable=False),
    Column("asker_id", Text, nullable=False),  # sender who alone may press it, or empty
    Column("expires_at", Moment, nullable=False),
    Column("claimed_event_id", Text, nullable=False),
    Column("claimed_name", Text, nullable=False),
    Column("claimed_at", Moment),
)
Index("ix_actions_message_id", actions.c.message_id)
Index("ix_actions_expires_at", actions.c.expires_at)
