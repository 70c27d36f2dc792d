"""Runs of pulling and their steps."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from storage.schema import Json, Moment, metadata

sync_runs = Table(
    "sync_runs",
    metadata,
    Column("run_id", String(120), primary_key=True),
    Column("kinds", Json, nullable=False),
    Column("store_ids", Json, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("reply_key", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("language", String(10), nullable=False),
    Column("shown_at", Moment),
    Column("show_at", Moment),
    Column("ended_at", Moment),
)
_OPEN = text("ended_at IS NULL")
Index("ix_sync_runs_open", sync_runs.c.started_at, sqlite_where=_OPEN, postgresql_where=_OPEN)

sync_steps = Table(
    "sync_steps",
    metadata,
    Column("run_id", String(120), ForeignKey(sync_runs.c.run_id, ondelete="CASCADE"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("store_id", String(32), primary_key=True),
    Column("state", String(10), nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("done", "total", "rows", "quarantined")),
    Column("error_code", String(60), nullable=False),
)
