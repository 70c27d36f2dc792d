"""A card as one text message: its title, as many of its first lines as fit, and the way to act. Pure."""

from collections.abc import Iterator
from itertools import chain

from bot.channels.figures import cell_text
from bot.channels.links import action_link
from bot.channels.markup import sendable, without_markup
from bot.channels.plain import block_as_text
from bot.contracts.cards import Block, Card, Chart, Facts, Table, Text
from bot.contracts.feature import Words

_MOST_ROWS = 3
_CUT = "…"


def render(card: Card, words: Words, public_url: str, *, longest: int) -> str:
    """At most ``longest`` UTF-16 units, as the networks count them. What is left out is marked by an ellipsis.

    Only the first action has its address at the end: nobody chooses among long addresses on a small screen.
    """
    link = action_link(card.actions[0], public_url) if card.actions else ""
    ending = f"\n{link}" if link and units(link) < longest // 2 else ""
    lines = [line for line in chain([_one_line(card.title)], *(_lines(block, words) for block in card.blocks)) if line]
    return shortened("\n".join(lines) or _CUT, longest - units(ending)) + ending


def units(text: str) -> int:
    """The length of ``text`` as the networks count it: a sign beyond the first 65,536 takes two."""
    return len(text.encode("utf-16-le")) // 2


def shortened(text: str, longest: int) -> str:
    """``text``, or as much of its beginning as fits with an ellipsis."""
    if units(text) <= longest:
        return text
    kept = text.encode("utf-16-le")[: 2 * (longest - 1)].decode("utf-16-le", errors="ignore")
    return kept.rstrip() + _CUT


def _lines(block: Block, words: Words) -> Iterator[str]:
    match block:
        case Text():
            yield from map(_one_line, without_markup(block.markdown).split("\n"))
        case Facts():
            yield from (_one_line(f"{fact.label} {fact.value}") for fact in block.items)
        case Table():
            yield from _rows(block, words)
        case Chart():
            return  # nobody reads bars of a small screen's letters
        case _:
            yield from map(_one_line, block_as_text(block, words).split("\n"))


def _rows(table: Table, words: Words) -> Iterator[str]:
    for row in table.rows[:_MOST_ROWS]:
        cells = (cell_text(cell, column, words) for cell, column in zip(row, table.columns, strict=True))
        yield _one_line(" ".join(cells))
    if table.total > _MOST_ROWS:
        yield _one_line(words("card.rows", total=table.total, shown=min(_MOST_ROWS, len(table.rows))))


def _one_line(text: str) -> str:
    return " ".join(sendable(text).split())
