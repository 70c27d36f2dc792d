"""Bringing a database to the present schema, and telling whether it is there."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, text

from storage.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0023"
"""The newest revision; kept here so that a start needs no Alembic."""

_MIGRATION_LOCK = 7_205_120_351

SchemaState = Literal["current", "empty", "other"]


async def schema_state(database: Database) -> SchemaState:
    """``current``: at ``HEAD``; ``empty``: no table of ours; ``other``: older or newer than this program."""
    known = "SELECT to_regclass('alembic_version')"
    if database.is_sqlite:
        known = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
    async with database.read() as reader:
        if (await reader.execute(text(known))).scalar() is None:
            return "empty"
        version = (await reader.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return "current" if version == HEAD else "other"


async def migrate(database: Database) -> None:
    """Upgrade to ``HEAD``, once however many processes try at the same time."""
    async with database.begin() as tx:
        if not database.is_sqlite:
            await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        await tx.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> "Config":
    """Alembic's settings over an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
