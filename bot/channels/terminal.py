"""Cards in a terminal, drawn with rich, and as one JSON object for programs. No text in a card steers the terminal."""

import re
from collections.abc import Iterator
from typing import Any, assert_never

from rich.console import Group, RenderableType
from rich.table import Column as GridColumn
from rich.table import Table as Grid
from rich.text import Text as Line

from bot.channels.figures import cell_text
from bot.channels.grids import Rows
from bot.channels.markup import spans
from bot.channels.plain import block_as_text, rows_missing
from bot.contracts.card_json import card_to_json
from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Chart,
    Column,
    Facts,
    Form,
    Image,
    Level,
    Link,
    Note,
    Progress,
    Table,
    Text,
)
from bot.contracts.feature import Words

_SIGNS = {"info": "", "good": "✓ ", "warning": "! ", "bad": "✗ ", "working": "… "}
_STYLES = {"info": "bold", "good": "bold green", "warning": "bold yellow", "bad": "bold red", "working": "bold cyan"}
_LEVELS = {"neutral": "", "good": "green", "warning": "yellow", "bad": "red"}
_ACTIONS = {"default": "", "primary": "bold", "danger": "red"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def card_for_programs(card: Card) -> dict[str, Any]:
    """Exactly ``{title, tone, blocks, actions, matter}`` as ``bot.contracts.card_json`` describes them.

    Button tokens are left out: a program sends an action's ``command`` instead.
    """
    whole = card_to_json(card)
    for action in [*whole["actions"], *(block["submit"] for block in whole["blocks"] if block["type"] == "form")]:
        del action["token"]
    return {name: whole[name] for name in ("title", "tone", "blocks", "actions", "matter")}


def render(card: Card, words: Words) -> RenderableType:
    """The card for ``rich``'s ``Console.print``; its buttons are numbered from 1 in the order of ``card.actions``."""
    title = _line(_SIGNS[card.tone] + card.title, _STYLES[card.tone])
    spaced = [part for block in card.blocks for part in (_block(block, words), Line())]
    return Group(title, *spaced, *_numbered(card.actions, words))


def _numbered(actions: tuple[Action, ...], words: Words) -> Iterator[RenderableType]:
    if actions:
        yield _line(words("card.choose"), "dim")
    for number, action in enumerate(actions, start=1):
        yield _line(f"  {number}  {action.label}", _ACTIONS[action.style])


def _block(block: Block, words: Words) -> RenderableType:
    match block:
        case Text():
            return _paragraphs(block.markdown)
        case Facts():
            return _facts(block)
        case Table():
            return _table(block, words)
        case Note():
            return _line(block.text, "dim")
        case Chart() | Form() | Image() | Link() | Progress():
            return _line(block_as_text(block, words))
        case _:
            assert_never(block)


def _paragraphs(markdown: str) -> Line:
    shown = Line()
    for span in spans(re.sub(r"(?m)^- ", "• ", _safe(markdown))):
        shown.append(span.text, "bold" if span.is_bold else "cyan" if span.is_code else "")
    return shown


def _facts(block: Facts) -> RenderableType:
    grid = Grid.grid(*(GridColumn(overflow="fold") for _ in ("label", "value", "note")), padding=(0, 2, 0, 0))
    for item in block.items:
        grid.add_row(_line(item.label, "dim"), _line(item.value), _line(item.note, "dim"))
    return grid


def _table(block: Table, words: Words) -> RenderableType:
    rows = Rows(
        titles=tuple(_line(column.title, "dim") for column in block.columns),
        right=tuple(column.kind == "number" for column in block.columns),
        rows=tuple(
            tuple(_cell(cell, column, words) for cell, column in zip(row, block.columns, strict=True))
            for row in block.rows
        ),
    )
    title = (_line(block.title, "bold"),) if block.title else ()
    return Group(*title, rows, *(_line(each, "dim") for each in rows_missing(block, words)))


def _cell(cell: Cell, column: Column, words: Words) -> Line:
    return _line(cell_text(cell, column, words), _LEVELS[cell.tone] if isinstance(cell, Level) else "")


def _line(text: str, style: str = "") -> Line:
    return Line(_safe(text), style)


def _safe(text: str) -> str:
    """Without the signs that move the cursor, change colours or reverse the writing."""
    return _CONTROL.sub("", text)
