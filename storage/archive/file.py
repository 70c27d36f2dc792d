"""The file: gzip over JSON lines, the same for SQLite and PostgreSQL; what is encrypted stays encrypted.

The first line is the header, each following one a block of rows, the last one the totals with a hash over all lines
before it, by which a file that was cut off or changed is told from a whole one.
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from bot.contracts.errors import ConflictError

_FORMAT = "zhanggui-archive-1"
_LONGEST_LINE = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What an archive holds. ``at_rest``: no service worked on the database while it was written."""

    schema: str
    at: datetime
    at_rest: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one table, each a list of JSON values in the order of ``columns``."""

    table: str
    columns: list[str]
    rows: list[list[Any]]


class ArchiveWriter:
    """Writes blocks one after the other; made by ``new_archive``."""

    def __init__(self, path: Path, file: BinaryIO, header: Header) -> None:
        self._path = path
        self._file = gzip.GzipFile("", fileobj=file, mode="wb", compresslevel=6, mtime=0)
        self._hash = hashlib.sha256()
        self.rows: dict[str, int] = {}
        self._write({"format": _FORMAT, **asdict(header)})

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Append rows of one table."""
        self.rows[str(table)] = self.rows.get(table, 0) + len(rows)
        self._write({"table": str(table), "columns": columns, "rows": rows})

    def finish(self) -> None:
        """Write the totals; without them the file counts as cut off."""
        self._write({"totals": self.rows, "sha256": self._hash.hexdigest()})
        with _writing(self._path):
            self._file.close()

    def _write(self, value: object) -> None:
        line = orjson.dumps(value) + b"\n"
        self._hash.update(line)
        with _writing(self._path):
            self._file.write(line)


@contextmanager
def new_archive(path: Path, header: Header) -> Iterator[ArchiveWriter]:
    """A file that takes its name only when it is whole and on disk. Raises: ConflictError if it cannot be written."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with _writing(path):
        file = unfinished.open("wb")
    try:
        with file:
            writer = ArchiveWriter(path, file, header)
            yield writer
            writer.finish()
            with _writing(path):
                file.flush()
                os.fsync(file.fileno())
        with _writing(path):
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ConflictError(f"{path} cannot be written ({why}): name another place") from error


def read_header(path: Path) -> Header:
    """What the archive says of itself. Raises: ConflictError if it is none."""
    with _opened(path) as lines:
        return _header(path, next(lines, b""))


def read_blocks(path: Path) -> Iterator[Block]:
    """Every block in order. Raises: ConflictError, at the latest after the last one, if the archive is not whole."""
    digest, rows = hashlib.sha256(), dict[str, int]()
    with _opened(path) as lines:
        for number, line in enumerate(lines):
            value = _value(path, line)
            if "totals" in value:
                if value != {"totals": rows, "sha256": digest.hexdigest()}:
                    raise _spoilt(path, "its contents were changed")
                return
            digest.update(line)
            if number:
                block = _block(path, value)
                rows[block.table] = rows.get(block.table, 0) + len(block.rows)
                yield block
    raise _spoilt(path, "its end is missing")


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with gzip.open(path, "rb") as file:
            yield iter(lambda: file.readline(_LONGEST_LINE), b"")
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _spoilt(path, "it is cut off or not compressed as it should be") from error
    except OSError as error:
        raise ConflictError(f"{path} cannot be read ({os.strerror(error.errno or 0)})") from error


def _header(path: Path, line: bytes) -> Header:
    value = _value(path, line)
    if value.get("format") != _FORMAT:
        raise _spoilt(path, "another program or version wrote it")
    try:
        return Header(schema=value["schema"], at=datetime.fromisoformat(value["at"]), at_rest=value["at_rest"])
    except (KeyError, TypeError, ValueError) as error:
        raise _spoilt(path, "its first line cannot be read") from error


def _block(path: Path, value: dict[str, Any]) -> Block:
    match value:
        case {"table": str(table), "columns": list(columns), "rows": list(rows)}:
            return Block(table, columns, rows)
        case _:
            raise _spoilt(path, "a line of it cannot be read")


def _value(path: Path, line: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _spoilt(path, "a line of it cannot be read") from error
    if not isinstance(value, dict):
        raise _spoilt(path, "a line of it cannot be read")
    return value


def _spoilt(path: Path, why: str) -> ConflictError:
    return ConflictError(f"{path} is not a whole archive ({why}): use another copy")
