"""Card keys as people have them in files: text with one per line, CSV, or a spreadsheet with one per row."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, get_args

from handlers.orders.sheets import SheetCell, read_sheet

ProblemCode = Literal["unreadable", "nothing", "too_many", "formula", "inexact", "empty", "too_long", "odd", "twice"]
PROBLEM_CODES: tuple[ProblemCode, ...] = get_args(ProblemCode)
LONGEST_KEY = 400
MOST_KEYS = 10_000
MOST_BYTES = 5 * 1024 * 1024
_MOST_LINES = 10 * MOST_KEYS  # with empty ones, of which a sheet's row numbers can make any number
_MOST_PROBLEMS = 20
_HEADERS = frozenset(("卡密", "卡号", "密码", "账号", "帐号", "兑换码", "激活码", "序列号")) | frozenset(
    ("key", "keys", "code", "card", "card_no", "card_pwd", "password", "pwd", "pin", "account", "serial")
)


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """What is wrong in which row (from 1; 0: with the file). ``other`` is the row that has the same key, 0 if none.

    The sentence about it is ``orders.key_problem.<code>``, filled with ``row`` and ``other``.
    """

    code: ProblemCode
    row: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class KeysRead:
    """The keys of a file in its order, and the row of each; nothing may be imported while there are ``problems``."""

    keys: tuple[str, ...] = field(repr=False)
    rows: tuple[int, ...]
    problems: tuple[KeyProblem, ...] = ()


def read_keys(name: str, content: bytes) -> KeysRead:
    """What the file called ``name`` holds. Several columns of a row are one key, joined by blanks; a row of headings at
    the top is left out."""
    if len(content) > MOST_BYTES:
        return KeysRead((), (), (KeyProblem("too_many"),))
    try:
        lines = list(islice(_lines(name, content), _MOST_LINES + 1))
    except (ValueError, csv.Error):  # also of texts in no encoding
        return KeysRead((), (), (KeyProblem("unreadable"),))
    if len(lines) > _MOST_LINES:
        return KeysRead((), (), (KeyProblem("too_many"),))
    if lines and set(_joined(lines[0][1]).casefold().split()) <= _HEADERS:
        lines = lines[1:]
    while lines and not _joined(lines[-1][1]):
        lines.pop()
    if not lines or len(lines) > MOST_KEYS:
        return KeysRead((), (), (KeyProblem("too_many" if lines else "nothing"),))
    problems = tuple(_problems(lines))
    keys = tuple(_joined(cells) for _, cells in lines)
    return KeysRead(keys, tuple(row for row, _ in lines), problems[:_MOST_PROBLEMS])


_Line = tuple[int, tuple[SheetCell, ...]]


def _lines(name: str, content: bytes) -> Iterator[_Line]:
    if name.casefold().endswith((".xlsx", ".xlsm")) or content.startswith(b"PK\x03\x04"):
        yield from _with_gaps(read_sheet(content))
        return
    text = _decoded(content)
    if name.casefold().endswith(".csv"):
        rows = csv.reader(io.StringIO(text))
        yield from ((rows.line_num, tuple(_typed(cell) for cell in row)) for row in rows)
        return
    yield from ((row, (_typed(line),)) for row, line in enumerate(text.splitlines(), 1))


def _with_gaps(rows: Iterable[_Line]) -> Iterator[_Line]:
    """Rows between others that hold nothing are empty lines, as in a text; what is above the first is not."""
    last = 0
    for row, cells in rows:
        if last:
            yield from ((gap, ()) for gap in range(last + 1, min(row, last + MOST_KEYS)))
        yield row, cells
        last = row


def _decoded(content: bytes) -> str:
    """The text, also as Chinese spreadsheets write it. Raises: UnicodeDecodeError."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _typed(text: str) -> SheetCell:
    return SheetCell(text, is_formula=text.lstrip().startswith("="))


def _joined(cells: Iterable[SheetCell]) -> str:
    return " ".join(text for cell in cells if (text := cell.text.strip()))


def _problems(lines: Iterable[_Line]) -> Iterator[KeyProblem]:
    first: dict[str, int] = {}
    for row, cells in lines:
        key = _joined(cells)
        code = _fault(key, cells)
        if code is not None:
            yield KeyProblem(code, row)
        elif key in first:
            yield KeyProblem("twice", row, first[key])
        else:
            first[key] = row


def _fault(key: str, cells: Iterable[SheetCell]) -> ProblemCode | None:
    each = tuple(cells)
    if any(cell.is_formula for cell in each):
        return "formula"
    if any(cell.is_inexact for cell in each):
        return "inexact"
    if not key:
        return "empty"
    if len(key) > LONGEST_KEY:
        return "too_long"
    return None if key.isprintable() else "odd"
