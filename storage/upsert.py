"""INSERT … ON CONFLICT for both databases, which SQLAlchemy spells once per dialect."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Reader

Insert = postgresql.Insert | sqlite.Insert


def insert_into(table: Table, reader: Reader) -> Insert:
    """An insert that offers ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return sqlite.insert(table) if reader.dialect == "sqlite" else postgresql.insert(table)
