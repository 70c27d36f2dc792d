"""From a database into an archive and back, table by table in blocks, never the whole of it in memory."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, Row, Table, delete, select, text, tuple_, update

import storage.tables  # noqa: F401  (fills the metadata)
from bot.contracts.errors import ConflictError
from storage.archive.file import Block, Header, new_archive, read_blocks, read_header
from storage.database import Database, Reader, Transaction
from storage.jobs.tables import DEAD, DONE, RUNNING, WAITING, jobs
from storage.migrate import HEAD
from storage.orders.keys import hold_pools
from storage.outbox.tables import messages
from storage.schema import Exact, Moment, metadata

BLOCK_ROWS = 2_000
_INSERT_ROWS = 500
RESTORED = "restored from a backup: what happened after it was made is not known"

Progress = Callable[[str, int], None]
"""Told the table and how many of its rows are done."""


async def write_archive(
    database: Database, path: Path, *, at: datetime, at_rest: bool, tell: Progress
) -> dict[str, int]:
    """Copy every row, as one moment shows them, into a new file. Returns rows per table. Raises: ConflictError."""
    with new_archive(path, Header(schema=HEAD, at=at, at_rest=at_rest)) as archive:
        async with database.read() as reader:
            if not database.is_sqlite:
                await reader.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            for table in metadata.sorted_tables:
                await _copy_out(reader, table, archive.add, tell)
        return archive.rows


def examine_archive(path: Path) -> tuple[Header, dict[str, int]]:
    """Read an archive to its end. Returns header and rows per table. Raises: ConflictError if it is not whole."""
    rows = dict[str, int]()
    header = read_header(path)
    for block in read_blocks(path):
        rows[block.table] = rows.get(block.table, 0) + len(block.rows)
    return header, rows


async def read_archive(database: Database, path: Path, *, now: datetime, tell: Progress) -> dict[str, int]:
    """Fill an empty database of the present schema. Returns rows per table.

    What was under way when a backup of a running service was made is not done again: its messages become
    ``outcome unknown``, its events dead letters. No card key leaves it before somebody says what was sent since.
    Raises: ConflictError if the archive is not whole, is of another schema, or the database holds anything.
    """
    header, rows = examine_archive(path)
    if header.schema != HEAD:
        raise ConflictError(
            f"{path} has schema {header.schema}, this version reads {HEAD}: use the version that made it"
        )
    if held := await _first_filled(database):
        raise ConflictError(f"the database is not empty ({held} has rows): set another DATABASE_URL or empty it first")
    is_filled = False
    try:
        await _fill(database, path, tell)
        async with database.begin() as tx:
            await hold_pools(tx, now=now)
            if not header.at_rest:
                await _leave_undone(tx, now)
        is_filled = True
    finally:
        if not is_filled:
            await _empty(database)
    return rows


async def _fill(database: Database, path: Path, tell: Progress) -> None:
    done = dict[str, int]()
    for block in read_blocks(path):
        await _copy_in(database, block)
        done[block.table] = done.get(block.table, 0) + len(block.rows)
        tell(block.table, done[block.table])


async def _empty(database: Database) -> None:
    """Take back what was filled in, so that it can be tried again."""
    async with database.begin() as tx:
        for table in reversed(metadata.sorted_tables):
            await tx.execute(delete(table))


async def _copy_out(
    reader: Reader, table: Table, add: Callable[[str, Sequence[str], Any], None], tell: Progress
) -> None:
    columns = [str(column.name) for column in table.columns]
    key = tuple_(*table.primary_key)
    page = select(table).order_by(*table.primary_key).limit(BLOCK_ROWS)
    last: Row[Any] | None = None
    done = 0
    while True:
        after = page if last is None else page.where(key > tuple_(*(getattr(last, c.name) for c in table.primary_key)))
        rows = (await reader.execute(after)).all()
        if not rows:
            return
        add(table.name, columns, [[_plain(value) for value in row] for row in rows])
        last, done = rows[-1], done + len(rows)
        tell(table.name, done)


async def _copy_in(database: Database, block: Block) -> None:
    table = metadata.tables[block.table]
    readers = [_reader(table.columns[name]) for name in block.columns]
    rows = [
        tuple(value if value is None else read(value) for read, value in zip(readers, row, strict=True))
        for row in block.rows
    ]
    for start in range(0, len(rows), _INSERT_ROWS):
        async with database.begin() as tx:
            await tx.insert_many(table, tuple(block.columns), rows[start : start + _INSERT_ROWS])


async def _first_filled(database: Database) -> str | None:
    async with database.read() as reader:
        for table in metadata.sorted_tables:
            if (await reader.execute(select(table).limit(1))).first() is not None:
                return table.name
    return None


async def _leave_undone(tx: Transaction, now: datetime) -> None:
    under_way = jobs.c.state.in_((WAITING, RUNNING))
    ended = {"finished_at": now, "error": RESTORED}
    sent = update(messages).where(messages.c.state == "queued")
    await tx.execute(sent.values(state="unknown", error=RESTORED, updated_at=now))
    await tx.execute(update(jobs).where(under_way, jobs.c.task == "send").values(state=DONE, **ended))
    await tx.execute(update(jobs).where(under_way, jobs.c.task == "event").values(state=DEAD, **ended))


def _plain(value: Any) -> Any:
    """As JSON: exact numbers, days and points in time as text."""
    match value:
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    """What makes the column's value of its JSON form."""
    match column.type:
        case Moment():
            return datetime.fromisoformat
        case Exact():
            return Decimal
        case Date():
            return date.fromisoformat
        case _:
            return _same


def _same(value: Any) -> Any:
    return value
