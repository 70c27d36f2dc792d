"""A card as WhatsApp messages: marked text, aligned tables, and buttons, a list or numbers for its actions. Pure."""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from bot.channels.base import NoFile
from bot.channels.figures import UNKNOWN, cell_text
from bot.channels.markup import sendable, short
from bot.channels.plain import block_as_text, file_missing, form_as_text, rows_missing, table_as_text, width
from bot.channels.whatsapp.marks import bold, literal, marked, monospace, split
from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
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
from integrations.whatsapp import contents
from integrations.whatsapp.contents import Choice, Content

_SIGNS = {"info": "", "good": "✅ ", "warning": "⚠️ ", "bad": "❌ ", "working": "⏳ "}
_WIDEST_TABLE = 32  # columns of a phone's monospace font
_FIRST_ROWS = 20
_LONGEST_TABLE = 3000


def render(card: Card, words: Words) -> tuple[Content, ...]:
    """The card's messages in order; the last carries the choices. None is over the platform's limits."""
    parts = [_SIGNS[card.tone] + (bold(card.title) or "…"), *(_block(block, words) for block in card.blocks)]
    body = "\n\n".join(part for part in parts if part.strip())
    actions = card.actions
    if not actions:
        return _texts(body)
    if len(actions) <= contents.MOST_BUTTONS and _fit(actions, contents.LONGEST_BUTTON):
        choices = [Choice(each.token, each.label) for each in actions]
        return _over(body, contents.LONGEST_BUTTONS_BODY, words, lambda text: contents.buttons(text, choices))
    if len(actions) <= contents.MOST_ROWS and _fit(actions, contents.LONGEST_ROW_DESCRIPTION):
        rows, opener = [_row(each) for each in actions], short(words("card.list"), contents.LONGEST_BUTTON)
        return _over(body, contents.LONGEST_TEXT, words, lambda text: contents.choice_list(text, opener, rows))
    return _texts(f"{body}\n\n{_numbered(actions, words)}")


def attached(card: Card) -> tuple[Chart | Table, ...]:
    """What goes along as files after the text: charts, and tables of which it shows the first rows only."""
    if card.tone == "working":
        return ()
    return tuple(
        block
        for block in card.blocks
        if isinstance(block, Chart) or (isinstance(block, Table) and block.total > _rows_shown(block))
    )


def excuse(block: Chart | Table, card: Card, missing: NoFile, words: Words) -> tuple[Content, ...]:
    """What is sent instead of a file: why, where it can be had, and in words what no command shows."""
    told = literal(file_missing(block, card, missing, words("platform.whatsapp"), words))
    if isinstance(block, Chart) or not block.more:
        told += "\n\n" + literal(block_as_text(block, words))
    return _texts(told)


def plain_texts(text: str) -> tuple[Content, ...]:
    """The plain form of a card, for when the platform refused the other."""
    return _texts(literal(text))


def _texts(body: str) -> tuple[Content, ...]:
    return tuple(contents.text(piece) for piece in split(body, contents.LONGEST_TEXT))


def _over(body: str, longest: int, words: Words, choosing: Callable[[str], Content]) -> tuple[Content, ...]:
    """The choices under the text, or under a line of their own if the text is too long for that."""
    if len(body) <= longest:
        return (choosing(body),)
    return (*_texts(body), choosing(words("card.choose_here")))


def _fit(actions: tuple[Action, ...], longest: int) -> bool:
    """True if every label can be shown whole, no two are alike, and each leads somewhere."""
    labels = [each.label.strip() for each in actions]
    whole = all(0 < len(label) <= longest and label == sendable(label) for label in labels)
    return whole and len(set(labels)) == len(labels) and all(each.token for each in actions)


def _row(action: Action) -> Choice:
    whole = action.label if len(action.label) > contents.LONGEST_ROW else ""
    return Choice(action.token, short(action.label, contents.LONGEST_ROW), whole)


def _numbered(actions: tuple[Action, ...], words: Words) -> str:
    lines = [f"{number}. {literal(each.label)}" for number, each in enumerate(actions, start=1)]
    return "\n".join((words("card.choose"), *lines))


def _block(block: Block, words: Words) -> str:
    match block:
        case Text():
            return marked(block.markdown)
        case Facts():
            return "\n".join(map(_fact, block.items))
        case Table():
            return _table(block, words)
        case Form():
            return literal(form_as_text(block, words)) + "\n" + literal(_example(block, words))
        case Note():
            return literal(block.text)
        case Chart():
            return ""  # a picture that follows, or its excuse, shows it
        case Image() | Link() | Progress():
            return literal(block_as_text(block, words))
        case _:
            assert_never(block)


def _fact(fact: Fact) -> str:
    return f"{bold(fact.label)} {literal(fact.value)}" + (f" ({literal(fact.note)})" if fact.note else "")


def _table(table: Table, words: Words) -> str:
    """The first rows; aligned if a phone is wide enough, else an entry per row."""
    table = replace(table, rows=table.rows[: _rows_shown(table)])
    bare = replace(table, title="", total=len(table.rows), more="")
    aligned = table_as_text(bare, words)
    is_narrow = max(map(width, aligned.split("\n")), default=0) <= _WIDEST_TABLE and len(aligned) <= _LONGEST_TABLE
    shown = monospace(aligned) if is_narrow else "\n".join(_entry(row, table, words) for row in table.rows)
    return "\n".join(part for part in (bold(table.title), shown, *rows_missing(table, words)) if part)


def _rows_shown(table: Table) -> int:
    return min(len(table.rows), _FIRST_ROWS)


def _entry(row: tuple[Cell, ...], table: Table, words: Words) -> str:
    """One row: its first cell, then the others with their titles."""
    cells = [cell_text(cell, column, words) for cell, column in zip(row, table.columns, strict=True)]
    titled = [f"{column.title} {cell}".strip() for column, cell in zip(table.columns[1:], cells[1:], strict=True)]
    return "• " + " · ".join([bold(cells[0]) or UNKNOWN, *map(literal, titled)]) if cells else ""


def _example(form: Form, words: Words) -> str:
    """The command line of a form filled in, as somebody might send it."""
    values = [f"{field.name}={_sample(field)}" for field in form.fields]
    return words("card.example", line=" ".join([form.submit.command, *values]))


def _sample(field: Field) -> str:
    if field.value:
        return field.value
    if field.options:
        return field.options[0][0]
    return {"number": "10", "date": "2026-01-31"}.get(field.kind, "…")
