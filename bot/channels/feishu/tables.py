"""Native tables: typed columns where every cell fits the type, text columns where not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.channels.feishu.weight import weight
from bot.channels.figures import UNKNOWN, cell_text
from bot.channels.markup import sendable, short
from bot.contracts.cards import Cell, Column, Level, Table
from bot.contracts.feature import Words

Row = dict[str, Any]

MOST_COLUMNS = 50
_LONGEST_TITLE = 80
_LONGEST_LEVEL = 40
_LARGEST_NUMBER = 10**15  # beyond it a JSON number loses digits
_MOST_DECIMALS = 10
_COLOURS = {"neutral": "neutral", "good": "green", "warning": "orange", "bad": "red"}
_HEAVIEST_SIGN = 4


@dataclass(frozen=True, slots=True)
class NativeTable:
    """A table as the platform takes it, still whole. ``long_titles`` were shortened in ``columns``."""

    columns: list[dict[str, Any]]
    rows: list[Row]
    long_titles: tuple[str, ...]

    def element(self, rows: list[Row]) -> dict[str, Any]:
        """The table element that shows ``rows``."""
        return {
            "tag": "table",
            "page_size": min(10, max(1, len(rows))),
            "row_height": "auto",
            "columns": self.columns,
            "rows": rows,
        }


def native_tables(table: Table, words: Words, heaviest: int) -> Iterator[NativeTable]:
    """The table with as many columns as one may have, then the others, each group led by the first column.

    ``heaviest`` is what one row and its columns may weigh; a heavier row is continued in further rows.
    """
    for group in _groups(len(table.columns)):
        columns = [table.columns[index] for index in group]
        rows = [[row[index] for index in group] for row in table.rows]
        native = _native(columns, rows, words)
        room = heaviest - weight(native.element([]))
        if any(weight(row) > room for row in native.rows):
            native = _text_only(columns, rows, words, room)
        yield native


def _groups(count: int) -> Iterator[list[int]]:
    if count <= MOST_COLUMNS:
        yield list(range(count))
        return
    for start in range(1, count, MOST_COLUMNS - 1):
        yield [0, *range(start, min(count, start + MOST_COLUMNS - 1))]


def _native(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], words: Words) -> NativeTable:
    kinds = [_data_type(column, [row[index] for row in rows]) for index, column in enumerate(columns)]
    return NativeTable(
        [_column(index, column, kind) for index, (column, kind) in enumerate(zip(columns, kinds, strict=True))],
        [{f"c{i}": _value(cell, columns[i], kinds[i], words) for i, cell in enumerate(row)} for row in rows],
        _long_titles(columns),
    )


def _text_only(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], words: Words, room: int) -> NativeTable:
    overhead = weight({f"c{index}": "" for index in range(len(columns))})
    longest = max(1, (room - overhead) // (_HEAVIEST_SIGN * len(columns)))
    texts = [
        [sendable(cell_text(cell, column, words)) for cell, column in zip(row, columns, strict=True)] for row in rows
    ]
    return NativeTable(
        [_column(index, column, "text") for index, column in enumerate(columns)],
        [row for cells in texts for row in _continued(cells, longest)],
        _long_titles(columns),
    )


def _continued(cells: list[str], longest: int) -> Iterator[Row]:
    for start in range(0, max(map(len, cells)) or 1, longest):
        yield {f"c{index}": cell[start : start + longest] for index, cell in enumerate(cells)}


def _data_type(column: Column, cells: list[Cell]) -> str:
    if column.kind == "number" and all(map(_is_exact_number, cells)) and 0 <= column.precision <= _MOST_DECIMALS:
        return "number"
    if column.kind == "level" and all(map(_is_short_level, cells)):
        return "options"
    return "text"


def _is_exact_number(cell: Cell) -> bool:
    """False for "not known" too: a number column could only leave it blank."""
    if not isinstance(cell, int | Decimal):
        return False
    return Decimal(cell).is_finite() and abs(Decimal(cell)) < _LARGEST_NUMBER


def _is_short_level(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, Level) and 0 < len(sendable(cell.label)) <= _LONGEST_LEVEL)


def _column(index: int, column: Column, data_type: str) -> dict[str, Any]:
    known: dict[str, Any] = {
        "name": f"c{index}",
        "display_name": short(column.title, _LONGEST_TITLE),
        "data_type": data_type,
        "width": "auto",
    }
    if column.kind == "number":
        known["horizontal_align"] = "right"
    if data_type == "number":
        known["format"] = {"precision": column.precision, "separator": True}
    return known


def _value(cell: Cell, column: Column, data_type: str, words: Words) -> Any:
    if data_type == "number" and isinstance(cell, int | Decimal):
        return cell if isinstance(cell, int) else float(cell)
    if data_type == "options":
        level = cell if isinstance(cell, Level) else Level(UNKNOWN)
        return [{"text": sendable(level.label), "color": _COLOURS[level.tone]}]
    return sendable(cell_text(cell, column, words))


def _long_titles(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.title for column in columns if len(sendable(column.title)) > _LONGEST_TITLE)
