"""Rate limits that processes share."""

from sqlalchemy import Column, Table, Text

from storage.schema import Json, Moment, metadata

rate_buckets = Table(
    "rate_buckets",
    metadata,
    Column("key", Text, primary_key=True),  # platform, account and operation, or target
    Column("paused_until", Moment),  # the platform asked for it
    Column("limits", Json, nullable=False),  # for each limit of the key a storage.rates.ledger.Ledger
    Column("idle_at", Moment, nullable=False, index=True),  # from when on the row says nothing any more
)
