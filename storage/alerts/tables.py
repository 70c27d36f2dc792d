"""The team's own alarm rules."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from storage.schema import Json, Moment, metadata

watches = Table(
    "watches",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # storage.alerts.rows.WatchKind
    Column("store_ids", Json, nullable=False),
    Column("sku", Text, nullable=False),
    Column("threshold", Integer, nullable=False),  # days or percent
    Column("days_in_a_row", Integer, nullable=False),
    Column("is_urgent", Boolean, nullable=False),
    Column("state", Text, nullable=False),  # storage.alerts.rows.WatchState
    Column("replaces", Integer),
    Column("person_id", String(14), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("changed_by", String(14), nullable=False),
    Column("changed_at", Moment, nullable=False),
)
