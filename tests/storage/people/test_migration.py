"""What people had before grants could be narrowed, they have afterwards."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, text

from storage.database import Database
from storage.migrate import alembic_config, migrate
from storage.people.grants import grant_roles
from storage.people.store import add_person, person_by_id

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def back_to_unlimited_grants(connection: Connection) -> None:
    command.downgrade(alembic_config(connection), "0003")


async def test_grants_from_before_stay_and_are_not_limited(database: Database) -> None:
    async with database.begin() as tx:
        await add_person(tx, person_id="wei", name="王伟", now=NOW)
        await grant_roles(tx, person_id="wei", roles=["viewer", "buyer"], by="operator", now=NOW)
        await tx.run_sync(back_to_unlimited_grants)
        assert {row[0] for row in await tx.execute(text("SELECT role FROM grants"))} == {"viewer", "buyer"}
    await migrate(database)
    async with database.read() as reader:
        person = await person_by_id(reader, "wei")
        limits = await reader.execute(text("SELECT DISTINCT store_id, supplier, currency, chat_id, amount FROM grants"))
    assert person is not None
    assert person.roles == {"viewer", "buyer"}
    assert limits.all() == [("", "", "", "", None)]
