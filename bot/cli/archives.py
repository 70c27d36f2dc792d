"""``backup``, ``verify-backup``, ``restore``, ``export-database`` and ``import-database``: one format for all."""

from contextlib import AsyncExitStack
from pathlib import Path

from bot.cli.lock import locked
from bot.cli.output import tell, tell_json, warn
from bot.cli.ready import migrated, reached
from bot.contracts.clock import SystemClock
from bot.contracts.errors import ConflictError
from bot.settings import Settings, settings_of_this_process
from storage.archive.copying import examine_archive, read_archive, write_archive
from storage.database import Database
from storage.holding import held

_KEY_STAYS = "The archive holds secrets encrypted: keep secret.key (or ZHANGGUI_SECRET_KEY) with it, but elsewhere."


async def backup(path: Path, *, as_json: bool) -> int:
    """Copy the database into a file; a service may go on working meanwhile."""
    return await _write(settings_of_this_process(), path, at_rest=False, as_json=as_json)


async def export(path: Path, *, as_json: bool) -> int:
    """Copy the database into a file while no service works on it, to go on elsewhere with nothing in between."""
    settings = settings_of_this_process()
    with locked(settings.data_dir):
        return await _write(settings, path, at_rest=True, as_json=as_json)


async def fill(path: Path, *, as_json: bool) -> int:
    """Fill the configured, still empty database from a file."""
    settings = settings_of_this_process()
    with locked(settings.data_dir):
        database = Database(settings.database_url.reveal())
        try:
            if await reached(database) == "empty":
                await migrated(database)
            async with held(database):
                rows = await read_archive(database, path, now=SystemClock().now(), tell=_progress)
        finally:
            await database.close()
    _tell_rows(f"{path} is in the database", rows, as_json=as_json)
    return 0


def verify(path: Path, *, as_json: bool) -> int:
    """Read a file to its end and say what it holds."""
    header, rows = examine_archive(path)
    kind = "at rest" if header.at_rest else "of a running service"
    _tell_rows(
        f"{path} is whole: schema {header.schema}, {kind}, made {header.at:%Y-%m-%d %H:%M} UTC", rows, as_json=as_json
    )
    return 0


async def _write(settings: Settings, path: Path, *, at_rest: bool, as_json: bool) -> int:
    database = Database(settings.database_url.reveal())
    try:
        if await reached(database) != "current":
            raise ConflictError("the database is empty or of another version: run zhanggui migrate first")
        async with AsyncExitStack() as stack:
            if at_rest:  # services with other folders may work on it
                await stack.enter_async_context(held(database))
            rows = await write_archive(database, path, at=SystemClock().now(), at_rest=at_rest, tell=_progress)
    finally:
        await database.close()
    _tell_rows(f"{path} is written", rows, as_json=as_json)
    if not as_json:
        tell(_KEY_STAYS)
    return 0


def _progress(table: str, done: int) -> None:
    if done % 50_000 == 0:
        warn(f"  {table}: {done:,} rows …")


def _tell_rows(said: str, rows: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        tell_json({"ok": True, "rows": rows})
        return
    tell(f"{said}: {sum(rows.values()):,} rows")
    for table, count in sorted(rows.items(), key=lambda item: -item[1]):
        tell(f"  {table}: {count:,}")
