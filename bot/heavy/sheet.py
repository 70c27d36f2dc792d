"""Any table as an xlsx file: typed cells, a header that stays, and no text that could become a formula.

Runs in the child process. Source of the limits: Excel's own, 1,048,576 rows and 32,767 signs in a cell.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | dict[str, str] | None
Row = list[Cell]

MOST_ROWS = 1_048_575  # below the header
_LONGEST = 32_767
_LONGEST_NAME = 31
_MEASURED = 1000
_WIDEST = 60
_UNKNOWN = "—"
_ODD_TITLE = str.maketrans({sign: " " for sign in "[]:*?/\\'"})
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLOURS = {"good": "#2F7D4F", "warning": "#946200", "bad": "#B3372A"}
_FIRST_DAY = date(1900, 3, 1)  # before it Excel's calendar has a day that never was


def xlsx(sheet: dict[str, Any], rows: Iterable[Row], *, most_rows: int = MOST_ROWS) -> bytes:
    """The file. ``sheet`` has ``title``, ``columns`` (title, kind, precision) and the ``zone`` of its times.

    Raises: ValueError for more than ``most_rows``, by default what a sheet has.
    """
    from xlsxwriter import Workbook

    from bot.heavy.page import PlainPage

    file = BytesIO()
    with Workbook(file, {"constant_memory": True}) as book:
        name = _cut(sheet["title"].translate(_ODD_TITLE), _LONGEST_NAME).strip() or None
        page = book.add_worksheet(name, worksheet_class=PlainPage)
        _Writer(book, page, sheet).write(rows, most_rows)
    return file.getvalue()


class _Writer:
    """Writes one sheet, row by row."""

    def __init__(self, book: "Workbook", page: "Worksheet", sheet: dict[str, Any]) -> None:
        self._page = page
        self._columns: list[dict[str, Any]] = sheet["columns"]
        self._zone = ZoneInfo(sheet["zone"]) if sheet["zone"] else UTC
        self._header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._quoted = book.add_format({"quote_prefix": True})
        self._unknown = book.add_format({"font_color": "#6D6A62", "align": "right"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self._levels = {tone: book.add_format({"font_color": colour}) for tone, colour in _COLOURS.items()}
        self._numbers = [book.add_format({"num_format": _number_format(each["precision"])}) for each in self._columns]
        self._widths = [_width(each["title"]) + 2 for each in self._columns]

    def write(self, rows: Iterable[Row], most_rows: int) -> None:
        for column, each in enumerate(self._columns):
            self._page.write_string(0, column, each["title"], self._header)
        last = 0
        for last, row in enumerate(self._measured(rows), start=1):
            if last > most_rows:
                raise ValueError("more rows than a sheet has")
            self._write_row(last, row)
        self._page.freeze_panes(1, 0)
        if self._columns:
            self._page.autofilter(0, 0, last, len(self._columns) - 1)
        for column, width in enumerate(self._widths):
            self._page.set_column(column, column, min(width, _WIDEST))

    def _measured(self, rows: Iterable[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows):
            if number < _MEASURED:
                self._widths = [max(widest, _width(cell)) for widest, cell in zip(self._widths, row, strict=True)]
            yield row

    def _write_row(self, number: int, row: Row) -> None:
        text: Callable[..., Any] = self._page.write_string
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                text(number, column, _short(cell), self._quoted if cell.startswith(_RISKY) else None)
            elif isinstance(cell, int | float):
                self._page.write_number(number, column, cell, self._numbers[column])
            elif cell is None:
                text(number, column, _UNKNOWN, self._unknown)
            else:
                self._write_tagged(number, column, cell)

    def _write_tagged(self, number: int, column: int, cell: dict[str, str]) -> None:
        if "level" in cell:
            label = cell["level"]
            look = self._quoted if label.startswith(_RISKY) else self._levels.get(cell["tone"])
            self._page.write_string(number, column, _short(label), look)
        elif "time" in cell:
            local = datetime.fromisoformat(cell["time"]).astimezone(self._zone).replace(tzinfo=None)
            self._write_day(number, column, local, self._moment)
        else:
            self._write_day(number, column, datetime.fromisoformat(cell["date"]), self._day)

    def _write_day(self, number: int, column: int, day: datetime, look: "Format") -> None:
        if day.date() < _FIRST_DAY:
            self._page.write_string(number, column, day.isoformat(" "))
        else:
            self._page.write_datetime(number, column, day, look)


def _short(text: str) -> str:
    return text if 2 * len(text) <= _LONGEST or _cut(text, _LONGEST) == text else _cut(text, _LONGEST - 1) + "…"


def _cut(text: str, longest: int) -> str:
    """The beginning of ``text`` in at most ``longest`` signs as spreadsheets count them, in UTF-16."""
    return text.encode("utf-16-le")[: 2 * longest].decode("utf-16-le", errors="ignore")


def _number_format(precision: int) -> str:
    return "#,##0." + "0" * precision if precision else "#,##0.##########" if precision < 0 else "#,##0"


def _width(cell: Cell) -> int:
    text = next(iter(cell.values())) if isinstance(cell, dict) else "" if cell is None else str(cell)
    return 2 + sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text[:_WIDEST])
