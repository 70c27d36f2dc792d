"""``zhanggui run`` and ``zhanggui migrate``."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from bot.app import App
from bot.cli.lock import locked
from bot.cli.output import set_up_logs, tell, warn
from bot.cli.ready import migrated, reached, writable
from bot.console.guests import Guests
from bot.contracts.clock import SystemClock
from bot.contracts.errors import AssistantError, ConfigError, ConflictError, SettingProblem
from bot.jobs.choice import Role, is_shared
from bot.settings import Settings, secret_keys, settings_of_this_process
from integrations.feishu.client import Pace
from storage.credentials.cipher import Cipher
from storage.credentials.key_check import fit_key, forget_key
from storage.database import Database
from storage.holding import held, kept
from storage.people.store import count_people

_STOP_LIMIT = timedelta(seconds=10)
_MIGRATION_SECONDS = 30
_OTHER_KEY = (
    "another key encrypted the secrets in this database: set that key (a service that ran alone has it in secret.key); "
    "if it is lost, run zhanggui reset-secrets"
)

_log = structlog.get_logger("run")


async def serve(role: Role) -> int:
    """The service, until SIGTERM or SIGINT."""
    settings = settings_of_this_process()
    set_up_logs(settings)
    told = stop_told()
    with locked(settings.data_dir):
        app = await prepared(settings, role=role)
        async with kept(app.database, app.clock, shared=is_shared(app.database), lost=told.set):
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
    if role != "all" and not settings.secret_keys:
        raise _key_trouble(f"{role} needs it: set the same key for all processes")
    keys = secret_keys(settings)
    if keys.written is not None:
        warn(f"A new secret key was written to {keys.written}: back it up, without it stored secrets are lost.")
    app = App(settings, keys.keys, SystemClock(), feishu_pace=feishu_pace, guests=guests, role=role)
    try:
        await _make_ready(app.database)
        async with app.database.begin() as tx:
            if not await fit_key(tx, Cipher(*keys.keys)):
                raise _key_trouble(_OTHER_KEY)
    except AssistantError:
        await app.database.close()
        raise
    return app


def _key_trouble(problem: str) -> ConfigError:
    return ConfigError(
        [SettingProblem("ZHANGGUI_SECRET_KEY", problem, "the output of: openssl rand -base64 32 | tr +/ -_")]
    )


async def _make_ready(database: Database) -> None:
    state = await reached(database)
    await writable(database)
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
    """Upgrade the configured database, while nothing works on it."""
    async with _database_alone() as database:
        await writable(database)
        await migrated(database)
    tell("The database is up to date.")
    return 0


async def reset_secrets() -> int:
    """Give up what a lost key encrypted; the next start's key takes its place."""
    async with _database_alone() as database, database.begin() as tx:
        await forget_key(tx)
    tell("What the lost key encrypted is forgotten; tokens are fetched anew. Start with the new key.")
    return 0


@asynccontextmanager
async def _database_alone() -> AsyncIterator[Database]:
    """The configured database, held. Raises: ConfigError, ConflictError."""
    settings = settings_of_this_process()
    database = Database(settings.database_url.reveal())
    try:
        with locked(settings.data_dir):
            await reached(database)
            async with held(database, patience=_MIGRATION_SECONDS):  # another may be migrating
                yield database
    finally:
        await database.close()
