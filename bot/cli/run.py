"""``zhanggui run`` and ``zhanggui migrate``."""

import asyncio
import gc
import os
import signal
import sys
from datetime import timedelta

import structlog

from bot.app import App
from bot.cli.lock import locked
from bot.cli.output import set_up_logs, tell, warn
from bot.cli.ready import migrated, reached
from bot.console.guests import Guests
from bot.contracts.clock import SystemClock
from bot.contracts.errors import AssistantError, ConflictError
from bot.jobs.choice import Role, is_shared
from bot.settings import Settings, secret_keys, settings_of_this_process
from integrations.feishu.client import Pace
from storage.database import Database
from storage.people.store import count_people

_STOP_LIMIT = timedelta(seconds=10)

_log = structlog.get_logger("run")


async def serve(role: Role) -> int:
    """The service, until SIGTERM or SIGINT."""
    settings = settings_of_this_process()
    set_up_logs(settings)
    told = stop_told()
    with locked(settings.data_dir):
        app = await prepared(settings, role=role)
        async with app.database.held(shared=is_shared(app.database)):
            await start(app, listening=role != "worker", on_schedule=role != "web")
            settle_memory()
            await _welcome_first_administrator(app)
            await told.wait()
            return await _stopped(app)


async def _stopped(app: App) -> int:
    """Stop; 1 if that was not done within ten seconds: what ran then waits for the next start."""
    try:
        async with asyncio.timeout(_STOP_LIMIT.total_seconds()):
            await app.stop()
    except TimeoutError:
        _log.error("stop_took_too_long", seconds=_STOP_LIMIT.total_seconds())
        return 1
    return 0


def settle_memory() -> None:
    """Keep answers quick: nothing built until now is garbage, and collections look only at what comes, less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    sys.setswitchinterval(0.0005)  # the loop gets its turn back sooner from the threads that read and commit


async def prepared(
    settings: Settings, *, feishu_pace: Pace | None = None, guests: Guests | None = None, role: Role = "all"
) -> App:
    """The built service over a database of the present schema. Raises: ConfigError, ConflictError."""
    keys = secret_keys(settings)
    if keys.written is not None:
        warn(f"A new secret key was written to {keys.written}: back it up, without it stored secrets are lost.")
    app = App(settings, keys.keys, SystemClock(), feishu_pace=feishu_pace, guests=guests, role=role)
    try:
        await _make_ready(app.database)
    except AssistantError:
        await app.database.close()
        raise
    return app


async def _make_ready(database: Database) -> None:
    state = await reached(database)
    if state == "empty":
        await migrated(database)
    elif state == "other":
        raise ConflictError("the database has another version's schema: run zhanggui migrate (after a backup)")


async def start(app: App, *, listening: bool = True, on_schedule: bool = True) -> None:
    """Start the service. Raises: ConflictError if it cannot listen where it should."""
    try:
        await app.start(listening=listening, on_schedule=on_schedule)
    except OSError as error:
        await app.stop()
        place, why = f"{app.settings.host}:{app.settings.port}", os.strerror(error.errno or 0)
        raise ConflictError(f"cannot listen on {place} ({why}): set another port") from error


async def _welcome_first_administrator(app: App) -> None:
    async with app.database.read() as reader:
        if await count_people(reader):
            return
    code = await app.administration.make_pairing_code("admin")
    tell(f"Nobody is known yet. In a private chat with the bot send within 15 minutes:  绑定 {code} YOUR NAME")


def stop_told() -> asyncio.Event:
    """What SIGTERM and SIGINT set from now on; made before the first line is printed, so none ends us untidily."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told.set)
    return told


async def migrate_database() -> int:
    """Upgrade the configured database."""
    settings = settings_of_this_process()
    database = Database(settings.database_url.reveal())
    try:
        with locked(settings.data_dir):
            await reached(database)
            await migrated(database)
    finally:
        await database.close()
    tell("The database is up to date.")
    return 0
