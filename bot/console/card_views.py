"""How values on cards look in the browser, beyond what all channels share. Used by the templates."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, assert_never

from bot.channels.figures import cell_text
from bot.contracts.cards import Cell, Column, Level
from bot.contracts.feature import Words

_LONG: Final = 14
_LEVEL_ORDER: Final = {"bad": 0, "warning": 1, "neutral": 2, "good": 3}


@dataclass(frozen=True, slots=True)
class CellView:
    """A table cell ready to be shown. ``sort`` is what the browser orders the column by, empty for "not known"."""

    text: str
    sort: str
    level: str
    is_prose: bool
    """May be broken into lines; codes and figures may not."""


def cell_view(cell: Cell, column: Column, words: Words) -> CellView:
    """The cell in the words' language."""
    text = cell_text(cell, column, words)
    return CellView(
        text,
        sort=_sort_value(cell),
        level=cell.tone if isinstance(cell, Level) else "",
        is_prose=isinstance(cell, str) and len(text) > _LONG and (" " in text or not text.isascii()),
    )


def web_address(url: str) -> str:
    """``url`` if a browser may follow it from our page, else nothing."""
    return url if url.lower().startswith(("http://", "https://")) else ""


def _sort_value(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str() | int() | Decimal():
            return str(cell)
        case datetime():
            return str(cell.timestamp())
        case date():
            return str(cell.toordinal())
        case Level():
            return str(_LEVEL_ORDER[cell.tone])
        case _:
            assert_never(cell)
