"""What needs a person, who was told of it where, and how it climbs when nobody answers."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from storage.schema import Exact, Json, Moment, metadata

matters = Table(
    "matters",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("details", Json, nullable=False),  # what fills the sentences of the kind
    Column("store_id", Text, nullable=False),
    Column("is_urgent", Boolean, nullable=False),
    Column("due_at", Moment),
    Column("cost_per_day", Exact),
    Column("currency", String(3), nullable=False),
    Column("state", Text, nullable=False),  # storage.matters.rows.MatterState
    Column("owner_id", String(14), nullable=False),
    Column("snoozed_until", Moment),
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("seen_at", Moment),  # an alarm's condition, last
    Column("clear_since", Moment),
    Column("returns", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # counts the changes that its cards show
)
_UNSETTLED = text("state <> 'settled'")
Index("uq_matters_unsettled", matters.c.fingerprint, unique=True, sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED)
Index("ix_matters_changed_at", matters.c.changed_at)

matter_entries = Table(
    "matter_entries",
    metadata,
    Column("matter", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),  # storage.matters.rows.EntryKind
    Column("person_id", String(14), nullable=False),
    Column("text", Text, nullable=False),
)

matter_places = Table(
    "matter_places",
    metadata,
    Column("matter", Integer, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),
    Column("chat_id", Text, primary_key=True),
    Column("person_id", String(14), nullable=False),
)

ladder_steps = Table(
    "ladder_steps",
    metadata,
    Column("matter", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("how", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("needs", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", Text, nullable=False),  # storage.matters.rows.StepState
    Column("reason", Text, nullable=False),
    Column("done_at", Moment),
)

ladder_rungs = Table(
    "ladder_rungs",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("after_minutes", Integer, nullable=False),
    Column("how", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("needs", Text, nullable=False),
)

alarm_chats = Table(
    "alarm_chats",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("chat_id", Text, primary_key=True),
    Column("set_by", String(14), nullable=False),
    Column("set_at", Moment, nullable=False),
)

roster = Table(
    "roster",
    metadata,
    Column("weekday", Integer, primary_key=True, autoincrement=False),  # 0 is Monday
    Column("person_id", String(14), primary_key=True),
)

silences = Table(
    "silences",
    metadata,
    Column("fingerprint", Text, primary_key=True),  # all that begin with it
    Column("ends_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("person_id", String(14), nullable=False),
    Column("set_at", Moment, nullable=False),
)
