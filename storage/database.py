"""Connections, reading, and the only place that commits.

On SQLite one first-come-first-served gate serves every writer (SQLite's own waiting is unfair), writers start
``BEGIN IMMEDIATE`` and all other connections are ``query_only``. PostgreSQL needs neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import orjson
from sqlalchemy import Connection, CursorResult, Dialect, Executable, Table, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.contracts.errors import ConflictError
from storage import sqlite_driver

if TYPE_CHECKING:
    from bot.contracts.clock import Clock
    from bot.contracts.feature import Payload
    from bot.contracts.messages import Message
    from storage.jobs.rows import NewJob

_SERVICE_LOCK = 7_205_120_352
_LOG_LOOK_SECONDS = 0.5
_LONG_LOG_BYTES = 4 * 1024 * 1024
_CHECKPOINT_PAGES = 25_000  # 100 MB: only a process that does not keep the log short comes here

Rows: TypeAlias = CursorResult[*tuple[Any, ...]]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Work(Protocol):
    """What the machine lends to transactions: durable jobs and messages. ``bot.app`` joins the two."""

    async def submit(
        self, tx: Transaction, task: str, payload: Payload, *, key: str, lane: str | None, run_at: datetime | None
    ) -> None: ...

    async def send(self, tx: Transaction, message: Message) -> None: ...


class Reader:
    """A consistent view of the stored data."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._connection.dialect.name

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        return await self._connection.execute(statement, parameters)


class Transaction(Reader):
    """Writes that become true together. Made only by ``Database.begin``."""

    def __init__(self, connection: AsyncConnection, work: Work | None) -> None:
        super().__init__(connection)
        self._work = work
        self.after_commit: list[Callable[[], None]] = []
        """Called in order once the commit succeeded; each at most once however often it was added."""
        self.added_jobs: list[NewJob] = []
        """Jobs that this transaction asked for, those whose key was known included."""

    async def insert_many(
        self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], *, skip_known: bool = False
    ) -> int:
        """Insert plain rows; with ``skip_known`` those whose unique key exists are left out.

        Returns how many were written, or -1 if the driver does not count. Three times as quick as ``execute`` for
        the rows of every event.
        """
        statement, processors = _plain_insert(table, columns, self._connection.dialect, skip_known)
        ready = [
            tuple(value if p is None else p(value) for p, value in zip(processors, row, strict=True)) for row in rows
        ]
        return (await self._connection.exec_driver_sql(statement, ready)).rowcount

    async def execute_plain(self, statement: str, parameters: tuple[Any, ...]) -> Rows:
        """Run a statement in the driver's own words, with the driver's own marks for parameters."""
        return await self._connection.exec_driver_sql(statement, parameters)

    async def session_id(self) -> int:
        """PostgreSQL's number of the session that this transaction runs in."""
        driver: Any = (await self._connection.get_raw_connection()).driver_connection
        return int(driver.get_server_pid())

    async def run_sync(self, call: Callable[[Connection], None]) -> None:
        """Run ``call`` on the plain connection. For migrations."""
        await self._connection.run_sync(call)

    async def submit(
        self, task: str, payload: Payload, *, key: str, lane: str | None = None, run_at: datetime | None = None
    ) -> None:
        """Ask for durable work, once per ``key`` for ever; it starts after the commit, not before ``run_at``."""
        await self._lent().submit(self, task, payload, key=key, lane=lane, run_at=run_at)

    async def send(self, message: Message) -> None:
        """Put a message, or a newer version of one, into the outbox."""
        await self._lent().send(self, message)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only what happens inside, if it raises."""
        async with self._connection.begin_nested():
            yield

    def _lent(self) -> Work:
        if self._work is None:
            raise RuntimeError("this database was opened without an engine: nothing can be submitted or sent")
        return self._work


class Database:
    """One SQLite file or one PostgreSQL database. Closed by ``close``."""

    def __init__(self, url: str, *, readers: int = 4) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.work: Work | None = None
        self._gate: AbstractAsyncContextManager[Any] = nullcontext()
        if self.is_sqlite:
            self._gate = asyncio.Lock()
            self._writer = _sqlite_engine(url, "BEGIN IMMEDIATE", quick=True, query_only=False, connections=1)
            self._reader = _sqlite_engine(url, "BEGIN", quick=False, query_only=True, connections=readers)
            self._glancer = _sqlite_engine(url, "BEGIN", quick=True, query_only=True, connections=1)
        else:
            self._writer = self._reader = self._glancer = create_async_engine(
                url,
                pool_size=10,
                max_overflow=5,
                pool_pre_ping=True,
                pool_use_lifo=True,  # a connection in use has its statements prepared
                json_serializer=_dump,
                json_deserializer=orjson.loads,
            )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A view that does not change while it is open."""
        async with self._reader.connect() as connection:
            yield Reader(connection)

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Reader]:
        """Like ``read``, for a few rows found by index: on SQLite it runs inside the event loop.

        Note: await nothing but statements inside; others wait for it.
        """
        async with self._glancer.connect() as connection:
            yield Reader(connection)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Commit what happens inside, or none of it if it raises. Never hold it across a network call."""
        async with self._gate:
            async with self._writer.begin() as connection:
                tx = Transaction(connection, self.work)
                yield tx
            for call in dict.fromkeys(tx.after_commit):
                call()

    @asynccontextmanager
    async def held(self, *, shared: bool = False) -> AsyncIterator[None]:
        """Keep other services off a PostgreSQL database, or with ``shared`` those that want it for themselves.

        A SQLite file is held with its folder. Raises: ConflictError if another service holds it.
        """
        if self.is_sqlite:
            yield
            return
        async with self._writer.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            lock = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
            got = await connection.execute(text(f"SELECT {lock}(:lock)"), {"lock": _SERVICE_LOCK})
            if not got.scalar():
                raise ConflictError("another service works on this database: stop it first")
            try:
                yield
            finally:
                await connection.invalidate()  # the lock ends with its session

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Any]:
        """PostgreSQL's driver's own connection outside any transaction: for what cannot run in one, and to listen.

        It ends with the context, and its locks with it.
        """
        async with self._writer.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            try:
                yield (await connection.get_raw_connection()).driver_connection
            finally:
                await connection.invalidate()

    async def keep_log_short(self, clock: Clock) -> None:
        """On SQLite move the write-ahead log into the database from time to time, beside the writers; never returns.

        Left to itself SQLite does so inside some unlucky commit, which then takes tens of milliseconds.
        """
        log = Path(f"{self.url.database}-wal")
        connection = await sqlite_driver.connect(str(self.url.database), quick=False)
        try:
            while True:
                await clock.sleep(_LOG_LOOK_SECONDS)
                if await asyncio.to_thread(_size, log) > _LONG_LOG_BYTES:
                    await connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            await connection.close()

    async def close(self) -> None:
        for engine in dict.fromkeys((self._writer, self._reader, self._glancer)):
            await engine.dispose()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@cache
def _plain_insert(
    table: Table, columns: tuple[str, ...], dialect: Dialect, skip_known: bool
) -> tuple[str, tuple[Callable[[Any], Any] | None, ...]]:
    """The statement in the driver's own words, and what turns each value into what the driver takes."""
    marks = "?" * len(columns) if dialect.name == "sqlite" else [f"${n + 1}" for n in range(len(columns))]
    names = ", ".join(f'"{name}"' for name in columns)
    ending = " ON CONFLICT DO NOTHING" if skip_known else ""
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join(marks)}){ending}'
    return statement, tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns)


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


def _sqlite_engine(url: str, begin: str, *, quick: bool, query_only: bool, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        async_creator=partial(sqlite_driver.connect, str(make_url(url).database), quick=quick),
        pool_size=connections,
        max_overflow=0,
        json_serializer=_dump,
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={0 if quick and not query_only else round(sqlite_driver.LOCK_SECONDS * 1000)}",
            "cache_size=-16000",
            f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
            f"query_only={int(query_only)}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
