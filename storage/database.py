"""Connections, reading, and the only place that commits.

On SQLite one first-come-first-served gate serves every writer (SQLite's own waiting is unfair), writers start
``BEGIN IMMEDIATE`` and all other connections are ``query_only``. PostgreSQL needs neither.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import orjson
from sqlalchemy import Connection, CursorResult, Dialect, Executable, Table, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage import sqlite_driver

if TYPE_CHECKING:
    from bot.contracts.clock import Clock
    from bot.contracts.feature import Payload
    from bot.contracts.messages import Message
    from storage.jobs.rows import NewJob

_NO_WRITING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_NO_WRITING_STATES = ("08", "25006", "53", "57P")  # connection, read-only, no room, going down or coming up
_IN_THE_WAY_STATES = ("40001", "40P01", "55P03")
_LONGEST_PAUSE_MS = (
    60_000  # a process that is stopped inside a transaction loses its session, and its locks, after that
)
_LOG_LOOK_SECONDS = 0.5
_LONG_LOG_BYTES = 4 * 1024 * 1024
_CHECKPOINT_PAGES = 25_000  # 100 MB: only a process that does not keep the log short comes here

Rows: TypeAlias = CursorResult[*tuple[Any, ...]]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
Item = TypeVar("Item")
LaterWrite: TypeAlias = "Callable[[Transaction, Sequence[Item]], Awaitable[None]]"


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
        self.told: dict[str, None] = {}
        """Topics of what changed."""
        self._waiting: dict[LaterWrite[Any], list[Any]] = {}

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        await self.flush()
        return await super().execute(statement, parameters)

    async def execute_beside(self, statement: Executable, parameters: Parameters = None) -> Rows:
        """Like ``execute``, for a statement that what waits to be written does not concern."""
        return await super().execute(statement, parameters)

    def write_later(self, write: LaterWrite[Item], item: Item) -> None:
        """Let ``write`` write this and whatever else it is given, in one go, before anything else is asked.

        What many effects do, each a little, costs one question to the database for all of them.
        """
        self._waiting.setdefault(write, []).append(item)

    def waiting(self, write: LaterWrite[Item]) -> Sequence[Item]:
        """What ``write`` was given and has not written yet."""
        return self._waiting.get(write, ())

    async def flush(self) -> None:
        """Write what waits."""
        while self._waiting:
            writes, self._waiting = self._waiting, {}
            for write, items in writes.items():
                await write(self, items)

    async def insert_many(
        self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], *, skip_known: bool = False
    ) -> int:
        """Insert plain rows; with ``skip_known`` those whose unique key exists are left out.

        Returns how many were written. Three times as quick as ``execute`` for the rows of every event.
        """
        return await self._insert(table, columns, rows, " ON CONFLICT DO NOTHING" if skip_known else "")

    async def put_many(self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert plain rows as ``insert_many`` does; those whose primary key exists are replaced. None comes twice."""
        key = tuple(column.name for column in table.primary_key)
        new = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key)
        await self._insert(table, columns, rows, f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {new}")

    async def _insert(
        self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], on_conflict: str
    ) -> int:
        if not rows:
            return 0
        statement, processors = _plain_insert(table, columns, self._connection.dialect, on_conflict)
        if self.dialect == "postgresql":  # one statement for any number of rows: they travel as a list per column
            listed = zip(*rows, strict=True)
            values = tuple(
                list(column) if p is None else [p(value) for value in column]
                for p, column in zip(processors, listed, strict=True)
            )
            return (await self._connection.exec_driver_sql(statement, values)).rowcount
        ready = [
            tuple(value if p is None else p(value) for p, value in zip(processors, row, strict=True)) for row in rows
        ]
        return (await self._connection.exec_driver_sql(statement, ready)).rowcount

    async def execute_plain(self, statement: str, parameters: tuple[Any, ...]) -> Rows:
        """Run a statement in the driver's own words, with the driver's own marks for parameters."""
        await self.flush()
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

    def tell(self, topic: str) -> None:
        """Once this is committed, whoever looks at ``topic`` is told to look again."""
        self.told[topic] = None

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only what happens inside, if it raises; what it wanted done after the commit is forgotten too."""
        await self.flush()
        calls, jobs = len(self.after_commit), len(self.added_jobs)
        kept = False
        try:
            async with self._connection.begin_nested():
                yield
                await self.flush()
            kept = True
        finally:
            if not kept:
                self._waiting = {}
                del self.after_commit[calls:], self.added_jobs[jobs:]

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
        self.tell: Callable[[str], None] = _nobody_looks
        """Told each topic that a commit changed."""
        self._gate: AbstractAsyncContextManager[Any] = nullcontext()
        if self.is_sqlite:
            self._gate = asyncio.Lock()
            self._writer = _sqlite_engine(url, "BEGIN IMMEDIATE", quick=True, query_only=False, connections=1)
            self._reader = _sqlite_engine(url, "BEGIN", quick=False, query_only=True, connections=readers)
            self._glancer = _sqlite_engine(url, "BEGIN", quick=True, query_only=True, connections=1)
        else:
            self._writer = _postgres_engine(url)
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._glancer = self._writer.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A view that does not change while it is open."""
        async with self._reader.connect() as connection:
            yield Reader(connection)

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Reader]:
        """For a few rows found by index, each question by itself: on SQLite it runs inside the event loop.

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
                await tx.flush()
            for call in dict.fromkeys(tx.after_commit):
                call()
            for topic in tx.told:
                self.tell(topic)

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


def cannot_write(error: BaseException) -> bool:
    """The database takes nothing now (no room, read-only, out of reach): no fault of what was to be written."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _NO_WRITING
    if getattr(error, "connection_invalidated", False):
        return True
    states = (getattr(each, "sqlstate", None) for each in (cause, cause.__cause__))  # the driver's own error knows
    return any(str(state or "").startswith(_NO_WRITING_STATES) for state in states)


def stood_in_the_way(error: BaseException) -> bool:
    """Another's transaction did (a lock, a deadlock): the same may be tried again, nobody is to blame."""
    cause = getattr(error, "orig", None) or error
    return str(getattr(cause, "sqlstate", None) or "") in _IN_THE_WAY_STATES


def _nobody_looks(_topic: str) -> None:
    """No page is open."""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@cache
def _plain_insert(
    table: Table, columns: tuple[str, ...], dialect: Dialect, on_conflict: str
) -> tuple[str, tuple[Callable[[Any], Any] | None, ...]]:
    """The statement in the driver's own words, and what turns each value into what the driver takes."""
    names = ", ".join(f'"{name}"' for name in columns)
    values = f"VALUES ({', '.join('?' * len(columns))})"
    if dialect.name == "postgresql":
        types = (table.c[name].type.compile(dialect).partition(" COLLATE ")[0] for name in columns)
        values = f"SELECT * FROM unnest({', '.join(f'${n}::{kind}[]' for n, kind in enumerate(types, 1))})"
    statement = f'INSERT INTO "{table.name}" ({names}) {values}{on_conflict}'
    return statement, tuple(table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns)


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


def _postgres_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=10,
        max_overflow=5,
        pool_use_lifo=True,  # a connection in use has its statements prepared
        connect_args={"server_settings": {"idle_in_transaction_session_timeout": str(_LONGEST_PAUSE_MS)}},
        json_serializer=_dump,
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def leave_the_dead(connection: Any, _record: object, _proxy: object) -> None:
        """The server may have been restarted. The driver knows without asking, which would cost three questions."""
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    return engine


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
