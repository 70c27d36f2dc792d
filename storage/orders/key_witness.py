"""Noticing that a database is older than what was sent: what lies outside of it remembers the last deliveries."""

import asyncio
import os
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import text

from storage.database import Transaction

_KEPT = 64  # several times as many as can be on their way at once: an older copy lacks at least one of them
_ID_LENGTH = 14
_HOME = (
    "SELECT system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || '/' || oid "
    "FROM pg_control_system(), pg_database WHERE datname = current_database()"
)
_MAY_ASK = "SELECT has_function_privilege('pg_control_system()', 'execute')"


class KeyWitness:
    """A file beside the database with the ids of the deliveries that left last, each on disk before it left.

    A copy of the database that was made before any of them does not know it. ``is_checked`` says that this process has
    compared the two.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = asyncio.Lock()
        self.is_checked = False

    async def noted(self) -> frozenset[str] | None:
        """The ids that left last; None if nothing was ever noted here."""
        lines = await asyncio.to_thread(self._lines)
        return None if lines is None else frozenset(lines)

    async def note(self, delivery_id: str) -> None:
        """Put an id on disk; afterwards it may leave."""
        async with self._writing:
            await asyncio.to_thread(self._append, f"\n{delivery_id}\n")

    async def begin(self) -> None:
        """Make the file if there is none, and keep it short."""
        async with self._writing:
            await asyncio.to_thread(self._renew)

    def _lines(self) -> list[str] | None:
        try:
            lines = self._path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return None
        whole = [line for line in lines if len(line) == _ID_LENGTH]  # what was cut off never left
        return whole[-_KEPT:]

    def _append(self, line: str) -> None:
        with self._path.open("a", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _renew(self) -> None:
        lines = self._lines() or []
        fresh = self._path.with_name(f".{self._path.name}.new")
        with fresh.open("w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


async def home_of(tx: Transaction) -> str:
    """By what a PostgreSQL database is told from a copy of it or an earlier state of it; empty where that is not known.

    A restored cluster begins a new timeline, a restored database has another number.
    """
    if tx.dialect != "postgresql" or not (await tx.execute(text(_MAY_ASK))).scalar():
        return ""
    return str((await tx.execute(text(_HOME))).scalar_one())


def is_older(noted: Collection[str] | None, unknown: Collection[str], *, has_delivered: bool, is_file: bool) -> bool:
    """True if the database may lack deliveries: it does not know some that were ``noted``, or it is a file without
    anything beside it that could tell."""
    return bool(unknown) or (noted is None and has_delivered and is_file)
