"""aiosqlite without a thread hop per call.

SQLAlchemy's adapter opens, runs, reads and closes a cursor in four hops to aiosqlite's thread, and each hop waits for
its turn in a busy event loop: under load that costs ten times what SQLite needs. Here a statement is run and read in
one go, for readers in the connection's thread, for quick connections inside the loop. A quick connection waits for
the write lock in the loop as well, without blocking it; only commits, which wait for the disk, run in the thread.

Where SQLite has no room or cannot write, it may end the whole transaction by itself. The driver below takes what
follows for a new one and a commit for done; here all of it is refused with the error that ended the transaction.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

LOCK_SECONDS = 2.0  # Feishu waits three for its answer and then comes again
_LOOK_AGAIN_SECONDS = 0.01


class Cursor:
    """The part of a cursor that SQLAlchemy's asyncio adapter uses. Rows are read whole with the statement."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, operation: str, parameters: Any = ()) -> "Cursor":
        await self._connection.run(self._run, operation, parameters)
        return self

    async def executemany(self, operation: str, parameters: Any) -> "Cursor":
        await self._connection.run(self._run_many, operation, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _run(self, connection: sqlite3.Connection, operation: str, parameters: Any) -> None:
        self._keep(connection.execute(operation, parameters))

    def _run_many(self, connection: sqlite3.Connection, operation: str, parameters: Any) -> None:
        self._keep(connection.executemany(operation, parameters))

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description, self.lastrowid = cursor.description, cursor.lastrowid
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount = cursor.rowcount
        cursor.close()


class Connection(aiosqlite.Connection):
    """An aiosqlite connection whose statements take one hop, or none if it is ``quick``."""

    def __init__(self, path: str, *, quick: bool) -> None:
        super().__init__(lambda: sqlite3.connect(path, isolation_level=None, check_same_thread=False), 64)
        self._quick = quick
        self._begun = False
        self._ended_by: sqlite3.Error | None = None

    async def run(self, call: Callable[..., None], operation: str, parameters: Any) -> None:
        """Run one statement on the plain connection."""
        self._refuse_if_ended()
        try:
            if not self._quick:
                await self._execute(call, self._conn, operation, parameters)  # type: ignore[no-untyped-call]
            elif operation.startswith("BEGIN IMMEDIATE"):
                await self._take_lock(operation)
            else:
                call(self._conn, operation, parameters)
        except sqlite3.Error as error:
            if self._begun and not self.in_transaction:
                self._ended_by = error
            raise
        self._begun = self._begun or operation.startswith("BEGIN")

    async def commit(self) -> None:
        self._refuse_if_ended()
        await super().commit()
        self._begun = False

    async def rollback(self) -> None:
        self._begun, self._ended_by = False, None
        await super().rollback()

    def _refuse_if_ended(self) -> None:
        if self._ended_by is not None:
            raise self._ended_by

    async def _take_lock(self, begin: str) -> None:
        """Begin to write, after at most ``LOCK_SECONDS`` of another process's writing. Raises: OperationalError."""
        for _ in range(round(LOCK_SECONDS / _LOOK_AGAIN_SECONDS)):
            try:
                self._conn.execute(begin)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        self._conn.execute(begin)

    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)


async def connect(path: str, *, quick: bool) -> Connection:
    """Open the database file ``path``; the connection's thread ends with the process."""
    connection = Connection(path, quick=quick)
    connection._thread.daemon = True
    await connection
    return connection
