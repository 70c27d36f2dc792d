"""INSERT … ON CONFLICT for both databases, which SQLAlchemy spells once per dialect."""

from typing import TYPE_CHECKING

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

from storage.database import Reader

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert_into(table: Table, reader: Reader) -> "postgresql.Insert | sqlite.Insert":
    """An insert that offers ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if reader.dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
