"""Keeping other services off a PostgreSQL database. A SQLite file is held with its folder."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.clock import Clock
from bot.contracts.errors import ConflictError
from storage.database import Database

_SERVICE_LOCK = 7_205_120_352
_LOOK_SECONDS = 2
_PATIENCE_SECONDS = 10

_log = structlog.get_logger("holding")


@asynccontextmanager
async def held(database: Database, *, shared: bool = False, patience: float = 0) -> AsyncIterator[Any]:
    """Keep other services off a database, or with ``shared`` those that want it for themselves.

    Yields the session that does, None for a SQLite file. Raises: ConflictError if another service still holds it
    after ``patience`` seconds.
    """
    if database.is_sqlite:
        yield None
        return
    async with database.session() as session:  # the lock ends with it
        if not await lock_within(session, _SERVICE_LOCK, patience, shared=shared):
            raise ConflictError("another service works on this database: stop it first")
        yield session


@asynccontextmanager
async def kept(
    database: Database, clock: Clock, *, shared: bool, lost: Callable[[], None], look: float = _LOOK_SECONDS
) -> AsyncIterator[None]:
    """The same for as long as a service lives: taken again after its session was lost.

    ``lost`` is called if another service took the database meanwhile: stop then. Raises: ConflictError, at the start
    and, after ``lost``, at the end.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(held(database, shared=shared))
        if session is None:
            yield
            return
        keeping = asyncio.create_task(_keep(session, database, clock, shared=shared, look=look), name="service lock")
        keeping.add_done_callback(lambda _task: lost())
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping


async def _keep(session: Any, database: Database, clock: Clock, *, shared: bool, look: float) -> None:
    """Never returns. Raises: ConflictError if another has taken what we lost."""
    from asyncpg import InterfaceError, InternalClientError, PostgresError  # only where PostgreSQL is used

    failures = (SQLAlchemyError, PostgresError, InterfaceError, InternalClientError, OSError)
    with suppress(*failures):
        await _watch(session, clock, look)
    while True:
        _log.warning("service_lock_lost")
        with suppress(*failures):
            async with held(database, shared=shared) as again:
                _log.info("service_lock_taken_again")
                await _watch(again, clock, look)
        await clock.sleep(look)


async def _watch(session: Any, clock: Clock, look: float) -> None:
    """Returns never: raises the driver's error once the session is lost."""
    while True:
        await clock.sleep(look)
        await session.fetchval("SELECT 1", timeout=_PATIENCE_SECONDS)


async def lock_within(session: Any, number: int, seconds: float, *, shared: bool = False) -> bool:
    """Take PostgreSQL's advisory lock ``number`` for as long as the driver's ``session`` lives, if that is soon."""
    from asyncpg import LockNotAvailableError  # only where PostgreSQL is used

    await session.execute(f"SET lock_timeout = {max(1, round(seconds * 1000))}")
    try:
        await session.execute(f"SELECT pg_advisory_lock{'_shared' if shared else ''}($1)", number)
    except LockNotAvailableError:
        return False
    return True
