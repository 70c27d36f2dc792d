"""What a start needs of the machine: a folder to write to, a database that answers, a schema it knows."""

import asyncio
import os
import sqlite3
import tempfile
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.errors import ConfigError, ConflictError, SettingProblem
from bot.jobs.choice import is_shared
from storage.database import Database, cannot_write
from storage.migrate import SchemaState, migrate, schema_state

_PATIENCE_SECONDS = 10


async def reached(database: Database) -> SchemaState:
    """The schema's state. Raises: ConfigError that says why the database does not answer."""
    try:
        if database.is_sqlite:
            sqlite3.connect(str(database.url.database)).close()  # fails here, where no thread is left behind
        async with asyncio.timeout(_PATIENCE_SECONDS):
            async with database.read() as reader:
                await reader.execute(text("SELECT 1"))
            return await schema_state(database)
    except _failures(database) as error:
        raise _unreachable(database, error) from error


async def writable(database: Database) -> None:
    """Raises: ConfigError that says why the database takes nothing new."""
    try:
        async with database.begin() as tx:
            if database.is_sqlite:  # the least that can be written: a number of the file's own, as it is
                number = (await tx.execute(text("PRAGMA user_version"))).scalar()
                await tx.execute(text(f"PRAGMA user_version = {number}"))
            elif (await tx.execute(text("SHOW transaction_read_only"))).scalar() == "on":
                raise _unwritable(database, "it is read-only")
    except SQLAlchemyError as error:
        if cannot_write(error):  # another process that writes now is no hindrance
            raise _unwritable(database, why(error)) from error


async def migrated(database: Database) -> None:
    """Bring the schema up to date. Raises: ConfigError; ConflictError for a schema this version does not know."""
    from alembic.util.exc import CommandError  # a start over a present schema needs no Alembic

    try:
        await migrate(database)
        if is_shared(database):
            from storage.jobs.turns import install  # only where processes share a database

            await install(database, upgrade=True)
    except CommandError as error:
        raise ConflictError("a newer version made the database: install that version or restore a backup") from error
    except _failures(database) as error:
        if cannot_write(error):
            raise _unwritable(database, why(error)) from error
        raise _unreachable(database, error) from error


def _failures(database: Database) -> tuple[type[Exception], ...]:
    """How using the database may fail; a timeout is an OSError."""
    common = (OSError, sqlite3.Error, SQLAlchemyError)
    if database.is_sqlite:
        return common

    from asyncpg import InterfaceError, PostgresError  # only where PostgreSQL is used

    return (*common, PostgresError, InterfaceError)


def _unreachable(database: Database, error: Exception) -> ConfigError:
    """Why the database cannot be used, who can mend that and the next step, without its address."""
    example = "postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE"
    step = "whoever runs the database can mend it: see that it runs and that user, password and name are right"
    if database.is_sqlite:
        example = "sqlite+aiosqlite:///data/zhanggui.db"
        step = "whoever owns its folder can mend it: make the folder and let this user write to it"
    problem = f"the database cannot be used ({why(error)}): {step}, then run zhanggui check"
    return ConfigError([SettingProblem("DATABASE_URL", problem, example)])


def _unwritable(database: Database, reason: str) -> ConfigError:
    """Why the database takes nothing, who can mend that and the next step, without its address."""
    who, example = "whoever runs the database", "postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE"
    step = "let this user write to it and see that its disk has room"
    if database.is_sqlite:
        who, example = "an administrator of this machine", "sqlite+aiosqlite:///data/zhanggui.db"
        step = "let this user write to the file and its folder, and see that the disk has room"
    problem = f"the database cannot be written to ({reason}): {who} can mend it: {step}, then run zhanggui check"
    return ConfigError([SettingProblem("DATABASE_URL", problem, example)])


def usable_folder(folder: Path) -> None:
    """Make the data directory if need be. Raises: ConfigError if it cannot be written to."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder):
            return
    except OSError as error:
        raise unusable(folder, why(error)) from error


def try_folder(folder: Path) -> None:
    """Write where the data directory is or would be made, leaving nothing. Raises: ConfigError if that fails."""
    place = folder.absolute()
    try:
        existing = next(each for each in (place, *place.parents) if each.exists())
        with tempfile.TemporaryDirectory(dir=existing):
            return
    except OSError as error:
        raise unusable(folder, why(error)) from error


def unusable(folder: Path, reason: str) -> ConfigError:
    """The data directory cannot be written to: why, who can mend that and the next step."""
    step = "an administrator of this machine can mend it: let this user write there, or set another directory"
    problem = f"{folder} cannot be written to ({reason}): {step}"
    return ConfigError([SettingProblem("ZHANGGUI_DATA_DIR", problem, "/var/lib/zhanggui")])


def why(error: BaseException) -> str:
    """The cause in the system's own words, in one line; never a statement, an address or a value."""
    cause = getattr(error, "orig", None) or error
    match cause:
        case TimeoutError():
            return "no answer in time"
        case OSError(errno=int(number)) if number > 0:
            return os.strerror(number)
        case OSError() | sqlite3.Error():
            return str(cause)
        case _:
            return type(cause).__name__
