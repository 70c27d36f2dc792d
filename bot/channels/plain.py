"""The plain-text form of any card: where nothing else can be shown, and where a platform refused the card."""

from collections.abc import Iterable
from typing import assert_never
from unicodedata import east_asian_width

from bot.channels.base import NoFile
from bot.channels.figures import cell_text, chart_lines, progress_bar
from bot.channels.markup import without_markup
from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Chart,
    Fact,
    Facts,
    Field,
    Form,
    Image,
    Link,
    Note,
    Progress,
    Table,
    Text,
)
from bot.contracts.feature import Words

_RIGHT_ALIGNED = ("number",)


def card_as_text(card: Card, words: Words, *, by_number: bool = True) -> str:
    """The whole card: title, blocks and actions, one blank line between parts; nothing is left out.

    ``by_number`` invites the reader to answer with an action's number; without it only the commands are named.
    """
    actions = _numbered(card.actions, words) if by_number else "\n".join(f"- {_action(each)}" for each in card.actions)
    parts = [card.title, *(block_as_text(block, words) for block in card.blocks), actions]
    return "\n\n".join(part for part in parts if part)


def block_as_text(block: Block, words: Words) -> str:
    """One block as lines of text."""
    match block:
        case Text():
            return without_markup(block.markdown)
        case Facts():
            return "\n".join(map(_fact, block.items))
        case Table():
            return table_as_text(block, words)
        case Chart():
            return "\n".join(chart_lines(block, words))
        case Form():
            return form_as_text(block, words)
        case Note():
            return block.text
        case Image():
            return f"[{block.alternative or block.name}]"
        case Link():
            return f"{block.label}: {block.url}"
        case Progress():
            return progress_bar(block)
        case _:
            assert_never(block)


def table_as_text(table: Table, words: Words) -> str:
    """Title, aligned columns and, if rows are missing, how many there are and the command that shows them."""
    titles = [column.title for column in table.columns]
    cells = [
        [cell_text(cell, column, words) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows
    ]
    widths = [max(map(width, values)) for values in zip(titles, *cells, strict=True)]
    right = [column.kind in _RIGHT_ALIGNED for column in table.columns]
    lines = [_aligned(row, widths, right) for row in (titles, *cells)]
    return "\n".join(line for line in (table.title, *lines, *rows_missing(table, words)) if line)


def rows_missing(table: Table, words: Words) -> list[str]:
    """What a reader must know about rows that are not in the table: how many, and how to get them."""
    if table.total <= len(table.rows):
        return []
    count = words("card.rows", total=table.total, shown=len(table.rows))
    return [count, words("card.more", command=table.more)] if table.more else [count]


def file_missing(block: Chart | Table, card: Card, missing: NoFile, platform: str, words: Words) -> str:
    """Why a chart or a table did not come as a file, and where it can be had."""
    title = block.title or card.title
    if missing is NoFile.NOT_ACCEPTED:
        return words("card.file_refused", title=title, platform=platform)
    return words("card.file_not_made", title=title)


def form_as_text(form: Form, words: Words) -> str:
    """The fields with what may be chosen, and the command line that does the same."""
    names = " ".join(f"<{field.label or field.name}>" for field in form.fields)
    usage = words("card.usage", line=f"{form.submit.command} {names}".strip())
    return "\n".join((form.submit.label, *map(_field, form.fields), usage)).strip()


def _fact(fact: Fact) -> str:
    return f"{fact.label}: {fact.value}" + (f"  ({fact.note})" if fact.note else "")


def _field(field: Field) -> str:
    choices = " / ".join(f"{value} ({label})" if label != value else value for value, label in field.options)
    shown = " = ".join(part for part in (field.label or field.name, field.value) if part)
    return f"- {shown}{' *' if field.required else ''}" + (f": {choices}" if choices else "")


def _numbered(actions: Iterable[Action], words: Words) -> str:
    lines = [f"{number}. {_action(action)}" for number, action in enumerate(actions, start=1)]
    return "\n".join((words("card.choose"), *lines)) if lines else ""


def _action(action: Action) -> str:
    command = f": {action.command}" if action.command and action.command != action.label else ""
    return f"{action.label}{command}" + (f"  ({action.confirm})" if action.confirm else "")


def _aligned(cells: list[str], widths: list[int], right: list[bool]) -> str:
    padded = [
        " " * (wide - width(cell)) + cell if is_right else cell + " " * (wide - width(cell))
        for cell, wide, is_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()


def width(text: str) -> int:
    """Columns on a terminal; Chinese signs take two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
