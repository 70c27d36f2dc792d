"""Making a scope of a table equal to what was pulled, in small steps that may stop and start again anywhere.

Only differences are written, so the same pull twice writes nothing the second time.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, select

from storage.catalog.rows import Listing, listing_spellings
from storage.catalog.tables import TABLES, listing_codes
from storage.database import Database, Reader, Transaction
from storage.upsert import insert_into

CHUNK_ROWS = 500
"""Rows per transaction: keeps the write gate free for others after some milliseconds."""
_BREATH_SECONDS = 0.1

Row = TypeVar("Row")
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """At most ``CHUNK_ROWS`` differences of one table: rows to put in place, keys to take away."""

    row_type: type
    put: tuple[Any, ...]
    removed: tuple[Key, ...] = ()


async def plan_replacement(
    reader: Reader, row_type: type[Row], wanted: Iterable[Row], *scope: ColumnElement[bool]
) -> tuple[Chunk, ...]:
    """The chunks that make the rows within ``scope`` exactly ``wanted``; of two rows with one key the last counts.

    Rows in scope that are not wanted are removed.
    """
    table = TABLES[row_type]
    stored = await reader.execute(select(*(table.c[name] for name in _names(row_type))).where(*scope))
    return await asyncio.to_thread(_differences, row_type, stored, wanted)  # tens of thousands of rows at times


async def replace_rows(
    database: Database, row_type: type[Row], wanted: Iterable[Row], *scope: ColumnElement[bool]
) -> None:
    """Make the rows within ``scope`` exactly ``wanted``, each chunk in a transaction of its own."""
    async with database.read() as reader:
        chunks_due = await plan_replacement(reader, row_type, wanted, *scope)
    await apply_chunks(database, chunks_due)


async def apply_chunks(database: Database, due: Iterable[Chunk]) -> None:
    """Write the chunks, each in a transaction of its own, with room between them for whoever answers people."""
    for number, chunk in enumerate(due):
        if number:
            await asyncio.sleep(_BREATH_SECONDS)
        async with database.begin() as tx:
            await apply_chunk(tx, chunk)


async def apply_chunk(tx: Transaction, chunk: Chunk) -> None:
    """Write one chunk. Doing it twice is the same as once."""
    await put_rows(tx, chunk.row_type, chunk.put)
    if chunk.row_type is Listing:
        await _renew_codes(tx, chunk.put)
    table = TABLES[chunk.row_type]
    await _delete(tx, table, [column.name for column in table.primary_key], chunk.removed)


async def put_rows(tx: Transaction, row_type: type[Row], rows: Sequence[Row]) -> None:
    """Insert the rows, or replace those with the same key. Raises: ValueError for more than ``CHUNK_ROWS``."""
    if len(rows) > CHUNK_ROWS:
        raise ValueError(f"{len(rows)} rows in one transaction, at most {CHUNK_ROWS}")
    if not rows:
        return
    table, names = TABLES[row_type], _names(row_type)
    insert = insert_into(table, tx)
    others = {name: insert.excluded[name] for name in names if not table.c[name].primary_key}
    statement = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
    values_of = attrgetter(*names)
    await tx.execute(statement, [dict(zip(names, values_of(row), strict=True)) for row in rows])


def chunks(items: Sequence[Row]) -> Iterator[tuple[Row, ...]]:
    """The items in order, ``CHUNK_ROWS`` at a time."""
    return (tuple(items[start : start + CHUNK_ROWS]) for start in range(0, len(items), CHUNK_ROWS))


def _differences(row_type: type[Row], stored: Iterable[Any], wanted: Iterable[Row]) -> tuple[Chunk, ...]:
    key_of, values_of = _key_of(TABLES[row_type]), attrgetter(*_names(row_type))
    present = {key_of(row): tuple(row) for row in stored}
    target = {key_of(row): row for row in wanted}
    changed = [row for key, row in target.items() if present.get(key) != values_of(row)]
    gone = [key for key in present if key not in target]
    puts = [Chunk(row_type, part) for part in chunks(changed)]
    return (*puts, *(Chunk(row_type, (), part) for part in chunks(gone)))


async def _delete(tx: Transaction, table: Table, names: Sequence[str], keys: Sequence[Key]) -> None:
    if not keys:
        return
    matches = and_(*(table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type) for name in names))
    bound = [f"key_{name}" for name in names]
    await tx.execute(delete(table).where(matches), [dict(zip(bound, key, strict=True)) for key in keys])


async def _renew_codes(tx: Transaction, changed: Sequence[Listing]) -> None:
    await _delete(tx, listing_codes, ("store_id", "msku"), [(row.store_id, row.msku) for row in changed])
    codes = [
        {"code": code, "store_id": row.store_id, "msku": row.msku, "spelling": spelling}
        for row in changed
        for code, spelling in listing_spellings(row).items()
    ]
    if codes:
        await tx.execute(listing_codes.insert(), codes)


def _names(row_type: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row_type))


def _key_of(table: Table) -> Callable[[object], Key]:
    names = tuple(column.name for column in table.primary_key)
    return lambda row: tuple(getattr(row, name) for name in names)
