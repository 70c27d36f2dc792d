"""What platforms lend us, encrypted."""

from sqlalchemy import Column, Table, Text

from storage.schema import Moment, metadata

tokens = Table(
    "tokens",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("value", Text, nullable=False),  # encrypted
    Column("refresh_value", Text, nullable=False),  # encrypted, or empty
    Column("expires_at", Moment, nullable=False),
    Column("refresh_expires_at", Moment),
)

key_checks = Table(
    "key_checks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),  # its own name, encrypted
)
