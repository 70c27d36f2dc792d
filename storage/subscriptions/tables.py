"""Commands that run on a schedule, when people want quiet, and what is held until then."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from storage.schema import Moment, metadata

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("person_id", String(14), nullable=False),
    Column("sender_id", Text, nullable=False),  # the person's id on the channel
    Column("channel", Text, nullable=False),
    Column("chat_id", Text, nullable=False),
    Column("chat_kind", Text, nullable=False),
    Column("plan", Text, nullable=False),  # as the Chinese grammar prints it
    Column("line", Text, nullable=False),  # the command line, exactly
    Column("state", Text, nullable=False),  # storage.subscriptions.rows.SubscriptionState
    Column("next_at", Moment),  # only while active
    Column("last_at", Moment),
    Column("last_outcome", Text, nullable=False),  # storage.subscriptions.rows.LastOutcome
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
)
Index("ix_subscriptions_chat", subscriptions.c.channel, subscriptions.c.chat_id)
Index("ix_subscriptions_person_id", subscriptions.c.person_id)

quiet_hours = Table(
    "quiet_hours",
    metadata,
    Column("person_id", String(14), primary_key=True),
    Column("starts", String(5), nullable=False),  # HH:MM on the team's wall
    Column("ends", String(5), nullable=False),
    Column("set_at", Moment, nullable=False),
)

held_messages = Table(
    "held_messages",
    metadata,
    Column("person_id", String(14), primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("chat_id", Text, primary_key=True),
    Column("source", Text, primary_key=True),  # what would have been sent, such as subscription:3
    Column("title", Text, nullable=False),
    Column("command", Text, nullable=False),  # the command line that shows it again
    Column("count", Integer, nullable=False),
    Column("held_at", Moment, nullable=False),  # the newest
)
