"""A database goes into a file and comes back the same, on either kind; a file that is not whole is refused."""

import filecmp
import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, Table, insert, select

from bot.contracts.errors import ConflictError
from storage.archive.copying import examine_archive, read_archive, write_archive
from storage.database import Database
from storage.jobs.tables import DEAD, DONE, RUNNING, WAITING, jobs
from storage.orders.keys import hold_pools
from storage.outbox.tables import messages
from storage.schema import Exact, Json, Moment, metadata

NOW = datetime(2026, 11, 22, 8, 30, 1, 250_001, tzinfo=UTC)


def quiet(_table: str, _done: int) -> None:
    """Nobody looks on."""


def broken_at_people(table: str, _done: int) -> None:
    if table == "people":
        raise RuntimeError("the power went out")


def value_of(column: Column[Any], number: int) -> object:
    """Something that the column can hold, different for each number."""
    kinds = {
        Moment: NOW + timedelta(microseconds=number),
        Exact: Decimal(f"{number}.10"),
        Date: date(2026, 1, 1) + timedelta(days=number),
        Boolean: number % 2 == 0,
        type(Json): {"多": [number, None, "\u2028"]},
        str: f"文'{number}"[: getattr(column.type, "length", None) or 40],
        int: number,
        float: number + 0.5,
    }
    return kinds.get(type(column.type), kinds.get(column.type.python_type))


def some_rows(table: Table, count: int) -> list[dict[str, object]]:
    return [
        {column.name: value_of(column, number) if number or not column.nullable else None for column in table.columns}
        for number in range(count)
    ]


async def fill(database: Database, count: int = 3) -> None:
    async with database.begin() as tx:
        for table in metadata.sorted_tables:
            await tx.execute(insert(table), some_rows(table, count))


async def everything(database: Database) -> dict[str, Sequence[object]]:
    async with database.read() as reader:
        return {
            table.name: (await reader.execute(select(table).order_by(*table.primary_key))).all()
            for table in metadata.sorted_tables
        }


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "all.zhanggui"


@pytest.fixture
async def full(sqlite_url: str) -> Any:
    database = Database(sqlite_url)
    await fill(database)
    async with database.begin() as tx:
        await hold_pools(tx, now=NOW)  # an archive's pools are held: what of their keys was sent since is not known
    yield database
    await database.close()


@pytest.fixture
async def on_postgres(postgres_url: str) -> Any:
    database = Database(postgres_url)
    yield database
    await database.close()


async def test_every_row_moves_from_sqlite_to_postgresql_and_back(
    full: Database, on_postgres: Database, archive: Path, tmp_path: Path
) -> None:
    written = await write_archive(full, archive, at=NOW, at_rest=True, tell=quiet)
    assert await read_archive(on_postgres, archive, now=NOW, tell=quiet) == written
    assert await everything(on_postgres) == await everything(full)

    await write_archive(on_postgres, tmp_path / "back", at=NOW, at_rest=True, tell=quiet)
    assert filecmp.cmp(tmp_path / "back", archive, shallow=False)


async def test_a_table_of_many_blocks_arrives_whole(on_postgres: Database, sqlite_url: str, archive: Path) -> None:
    source = Database(sqlite_url)
    table = metadata.tables["products"]
    async with source.begin() as tx:
        await tx.execute(insert(table), some_rows(table, 4_001))
    await write_archive(source, archive, at=NOW, at_rest=True, tell=quiet)
    await read_archive(on_postgres, archive, now=NOW, tell=quiet)
    assert (await everything(on_postgres))["products"] == (await everything(source))["products"]
    await source.close()


async def test_an_archive_says_what_it_holds(full: Database, archive: Path) -> None:
    await write_archive(full, archive, at=NOW, at_rest=False, tell=quiet)
    header, rows = examine_archive(archive)
    assert (header.at, header.at_rest) == (NOW, False)
    assert rows == {table.name: 3 for table in metadata.sorted_tables}


async def test_a_database_that_holds_something_is_not_filled(full: Database, archive: Path) -> None:
    await write_archive(full, archive, at=NOW, at_rest=True, tell=quiet)
    with pytest.raises(ConflictError, match="not empty"):
        await read_archive(full, archive, now=NOW, tell=quiet)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda raw: raw[: len(raw) // 2], "cut off"),
        (lambda raw: b"PK" + raw, "not compressed"),
        (lambda raw: gzip.compress(gzip.decompress(raw).rsplit(b"\n", 2)[0] + b"\n"), "its end is missing"),
        (lambda raw: gzip.compress(gzip.decompress(raw).replace(b"10", b"11")), "contents were changed"),
        (lambda raw: gzip.compress(b"[1]\n"), "cannot be read"),
        (lambda raw: gzip.compress(b'{"format": "another"}\n'), "another program"),
        (lambda raw: b"", "end is missing|cannot be read"),
        (lambda raw: gzip.compress(b'{"format": "zhanggui-archive-1", "schema": "1"}\n'), "first line"),
        (lambda raw: gzip.compress(gzip.decompress(raw).replace(b'"rows":[[', b'"row":[[', 1)), "a line of it"),
    ],
)
async def test_a_file_that_is_not_whole_is_refused_before_anything_is_written(
    full: Database, on_postgres: Database, archive: Path, spoil: Any, why: str
) -> None:
    await write_archive(full, archive, at=NOW, at_rest=True, tell=quiet)
    rewrite(archive, spoil)
    with pytest.raises(ConflictError, match=why):
        await read_archive(on_postgres, archive, now=NOW, tell=quiet)
    assert not any((await everything(on_postgres)).values())


async def test_an_import_that_fails_half_way_leaves_the_database_empty(
    full: Database, on_postgres: Database, archive: Path
) -> None:
    await write_archive(full, archive, at=NOW, at_rest=True, tell=quiet)
    with pytest.raises(RuntimeError, match="power"):
        await read_archive(on_postgres, archive, now=NOW, tell=broken_at_people)
    assert not any((await everything(on_postgres)).values())


async def test_a_place_that_cannot_be_written_is_named(full: Database, tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match="cannot be written"):
        await write_archive(full, tmp_path / "no" / "all", at=NOW, at_rest=True, tell=quiet)


async def test_what_was_under_way_in_a_backup_is_not_done_again(
    sqlite_url: str, on_postgres: Database, archive: Path
) -> None:
    source = Database(sqlite_url)
    shapes = [("send", WAITING), ("event", RUNNING), ("sync.pull", WAITING), ("event", DONE)]
    rows = some_rows(jobs, len(shapes))
    queued = [row | {"state": "queued"} for row in some_rows(messages, 1)]
    async with source.begin() as tx:
        named = zip(rows, shapes, strict=True)
        await tx.execute(insert(jobs), [row | {"task": task, "state": state} for row, (task, state) in named])
        await tx.execute(insert(messages), queued)
    await write_archive(source, archive, at=NOW, at_rest=False, tell=quiet)
    await source.close()
    await read_archive(on_postgres, archive, now=NOW, tell=quiet)
    async with on_postgres.read() as reader:
        states = (await reader.execute(select(jobs.c.state).order_by(jobs.c.id))).scalars().all()
        told = (await reader.execute(select(messages.c.state))).scalars().all()
    assert (states, told) == ([DONE, DEAD, WAITING, DONE], ["unknown"])
