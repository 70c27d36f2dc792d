"""A card as WeCom markdown: bold, coloured words, quotes and links, within so many bytes for each message. Pure.

The platform has no escape sign, so what people wrote is defused: no mention, heading, link or colour comes out of it.
"""

import re
from collections.abc import Iterator
from typing import assert_never

from bot.channels.figures import cell_text
from bot.channels.links import action_link, elsewhere
from bot.channels.markup import sendable, spans
from bot.channels.plain import block_as_text, rows_missing
from bot.contracts.cards import (
    Block,
    Card,
    Cell,
    Chart,
    Fact,
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

_TONES = {"info": "info", "good": "info", "warning": "warning", "bad": "warning", "working": "comment"}
_LEVELS = {"neutral": "comment", "good": "info", "warning": "warning", "bad": "warning"}
_OUR_SIGNS = str.maketrans({"<": "＜", "*": "∗", "`": "ˋ", "[": "［", "]": "］"})
_LINE_START = re.compile(r"^(?=\s*[#>])", re.MULTILINE)
_DEFUSED = "\u200b"
_FIRST_ROWS = 20
_COUNTER_BYTES = len("(9999/9999)\n")


def render(card: Card, words: Words, public_url: str, *, longest: int) -> tuple[str, ...]:
    """The card's messages in order, each of at most ``longest`` bytes."""
    blocks = (_block(block, words) for block in card.blocks)
    parts = [_coloured(f"**{_inline(card.title) or '…'}**", _TONES[card.tone]), *blocks]
    parts += _actions(card, words, public_url)
    return split("\n\n".join(part for part in parts if part.strip()), longest)


def split(text: str, longest: int) -> tuple[str, ...]:
    """``text`` in parts of at most ``longest`` bytes, numbered ``(1/3)``, cut between lines where it can be."""
    if len(text.encode()) <= longest:
        return (text,)
    pieces = [piece for piece in _cut(text, longest - _COUNTER_BYTES) if piece.strip()]
    return tuple(f"({number}/{len(pieces)})\n{piece}" for number, piece in enumerate(pieces, start=1))


def _cut(text: str, longest: int) -> Iterator[str]:
    piece = ""
    for line in text.split("\n"):
        for fragment in _fragments(line, longest):
            if piece and len(f"{piece}\n{fragment}".encode()) > longest:
                yield piece
                piece = fragment
            else:
                piece = f"{piece}\n{fragment}" if piece else fragment
    yield piece


def _fragments(line: str, longest: int) -> Iterator[str]:
    """The line, in pieces if it is too long by itself; no sign is cut in two."""
    rest = line.encode()
    while len(rest) > longest:
        head = rest[:longest].decode(errors="ignore")
        yield head
        rest = rest[len(head.encode()) :]
    yield rest.decode()


def literal(text: str) -> str:
    """``text`` that shows as it is."""
    return _LINE_START.sub(_DEFUSED, sendable(text).translate(_OUR_SIGNS))


def _inline(text: str) -> str:
    """``literal`` on one line."""
    return literal(" ".join(text.split()))


def _coloured(text: str, colour: str) -> str:
    return f'<font color="{colour}">{text}</font>'


def _block(block: Block, words: Words) -> str:
    match block:
        case Text():
            return _marked(block.markdown)
        case Facts():
            return "\n".join(map(_fact, block.items))
        case Table():
            return _table(block, words)
        case Note():
            return _coloured(_inline(block.text), "comment") if block.text.strip() else ""
        case Link():
            return f"[{_inline(block.label)}]({_address(block.url)})"
        case Chart():
            return ""  # the platform has none, and letters of different widths make no bars
        case Form() | Image() | Progress():
            return literal(block_as_text(block, words))
        case _:
            assert_never(block)


def _marked(markdown: str) -> str:
    return "".join(
        f"**{_inline(each.text)}**" if each.is_bold and each.text.strip() else literal(each.text)
        for each in spans(markdown)
    )


def _fact(fact: Fact) -> str:
    note = f" {_coloured(_inline(fact.note), 'comment')}" if fact.note else ""
    return f"> {_inline(fact.label)}：**{_inline(fact.value) or '—'}**{note}"


def _table(table: Table, words: Words) -> str:
    """The first rows, an entry for each, and how many there are."""
    rows = [_entry(row, table, words) for row in table.rows[:_FIRST_ROWS]]
    shown = Table(table.columns, table.rows[:_FIRST_ROWS], max(table.total, len(table.rows)), table.more)
    title = [f"**{_inline(table.title)}**"] if table.title.strip() else []
    return "\n".join([*title, *rows, *map(_inline, rows_missing(shown, words))])


def _entry(row: tuple[Cell, ...], table: Table, words: Words) -> str:
    cells = [_cell(cell, cell_text(cell, column, words)) for cell, column in zip(row, table.columns, strict=True)]
    titled = [
        f"{_inline(column.title)} {cell}".strip() for column, cell in zip(table.columns[1:], cells[1:], strict=True)
    ]
    return "> " + " · ".join([f"**{cells[0]}**", *titled]) if cells else ""


def _cell(cell: Cell, shown: str) -> str:
    text = _inline(shown) or "—"
    return _coloured(text, _LEVELS[cell.tone]) if isinstance(cell, Level) else text


def _actions(card: Card, words: Words, public_url: str) -> list[str]:
    links = [(action.label, action_link(action, public_url)) for action in card.actions]
    if links and not all(url for _, url in links):
        return [literal(elsewhere(card, words))]
    return ["\n".join(f"[{_inline(label) or '…'}]({_address(url)})" for label, url in links)] if links else []


def _address(url: str) -> str:
    """An address that ends where the link does."""
    return "".join(sign for sign in sendable(url) if not sign.isspace()).replace("(", "%28").replace(")", "%29")
