"""One history leads both databases to the tables the code expects."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import storage.tables  # noqa: F401
from storage.database import Database
from storage.migrate import HEAD, alembic_config, migrate, schema_state
from storage.schema import metadata


async def test_migrated_tables_are_the_tables_of_the_code(database: Database) -> None:
    differences: list[object] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences.extend(compare_metadata(context, metadata))

    async with database.begin() as tx:
        await tx.run_sync(compare)
    assert differences == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)
    assert await schema_state(database) == "current"


async def test_the_head_named_in_the_code_is_the_newest_revision(database: Database) -> None:
    heads: list[str | None] = []

    def read(connection: Connection) -> None:
        heads.append(ScriptDirectory.from_config(alembic_config(connection)).get_current_head())

    async with database.begin() as tx:
        await tx.run_sync(read)
    assert heads == [HEAD]
