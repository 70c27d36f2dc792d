"""A card as HTML that every mail program shows: inline styles, no script, nothing from elsewhere. Pure."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import assert_never

from bot.channels.figures import cell_text
from bot.channels.links import action_lines, action_link, elsewhere
from bot.channels.markup import sendable, spans
from bot.channels.plain import block_as_text, rows_missing
from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Chart,
    Column,
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

_TONES = {"info": "#3f6fb0", "good": "#1f6f5f", "warning": "#c9822b", "bad": "#b5402c", "working": "#6d6a62"}
_LEVELS = {"neutral": "#6d6a62", "good": "#1f6f5f", "warning": "#a86514", "bad": "#b5402c"}
_PAGE = (
    "font:15px/1.5 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',sans-serif;color:#22262b;max-width:760px"
)
_CELL = "padding:4px 10px;border-bottom:1px solid #ded7c8;text-align:"
_BUTTON = (
    "display:inline-block;margin:0 8px 8px 0;padding:8px 16px;border-radius:6px;text-decoration:none;color:#ffffff;"
    "background:"
)
_SMALL = "color:#6d6a62;font-size:13px"
_MONOSPACE = "font-family:ui-monospace,Menlo,Consolas,monospace"
_LONGEST_SUBJECT = 150


def subject(card: Card) -> str:
    """The title on one line."""
    title = " ".join(sendable(card.title).split()) or "Zhanggui"
    return title if len(title) <= _LONGEST_SUBJECT else title[: _LONGEST_SUBJECT - 1] + "…"


def text(card: Card, words: Words, public_url: str) -> str:
    """The whole card for programs that show no HTML."""
    blocks = (block_as_text(block, words) for block in card.blocks)
    parts = [card.title, *blocks, "\n".join(action_lines(card, public_url, words))]
    return sendable("\n\n".join(part for part in parts if part)) + "\n"


def html(card: Card, words: Words, public_url: str, pictures: Sequence[int | None]) -> str:
    """The whole card. ``pictures`` says of each chart in order which picture of the mail shows it, None if none."""
    shown = iter(pictures)
    blocks = [_block(block, words, next(shown, None) if isinstance(block, Chart) else None) for block in card.blocks]
    title = f'<h2 style="margin:0 0 12px;color:{_TONES[card.tone]}">{_literal(card.title)}</h2>'
    body = "".join((title, *blocks, _actions(card, words, public_url)))
    head = f'<html lang="{escape(card.language)}"><head><meta charset="utf-8"></head>'
    return f'<!DOCTYPE html>{head}<body><div style="{_PAGE}">{body}</div></body></html>'


def _block(block: Block, words: Words, picture: int | None) -> str:
    match block:
        case Text():
            return _paragraph(_marked(block.markdown))
        case Facts():
            return f'<table style="border-collapse:collapse">{"".join(map(_fact, block.items))}</table>'
        case Table():
            return _table(block, words)
        case Chart():
            return _chart(block, words, picture)
        case Note():
            return _paragraph(_lines(block.text), _SMALL)
        case Link():
            return _paragraph(_link(block))
        case Form() | Image() | Progress():
            return _paragraph(_lines(block_as_text(block, words)))
        case _:
            assert_never(block)


def _literal(shown: str) -> str:
    return escape(sendable(shown))


def _lines(shown: str) -> str:
    return _literal(shown).replace("\n", "<br>")


def _paragraph(inner: str, style: str = "") -> str:
    return f'<p style="margin:0 0 12px;{style}">{inner}</p>' if inner else ""


def _marked(markdown: str) -> str:
    """The small Markdown of cards; what looks like HTML in it shows as it was written."""
    return "".join(_span(_lines(each.text), is_bold=each.is_bold, is_code=each.is_code) for each in spans(markdown))


def _span(inner: str, *, is_bold: bool, is_code: bool) -> str:
    inner = f'<code style="{_MONOSPACE}">{inner}</code>' if is_code else inner
    return f"<strong>{inner}</strong>" if is_bold else inner


def _fact(fact: Fact) -> str:
    note = f' <span style="{_SMALL}">{_literal(fact.note)}</span>' if fact.note else ""
    label = f'<td style="{_CELL}left;color:#6d6a62">{_literal(fact.label)}</td>'
    return f'<tr>{label}<td style="{_CELL}left">{_lines(fact.value)}{note}</td></tr>'


def _table(table: Table, words: Words) -> str:
    heads = "".join(f'<th style="{_CELL}{_side(each)}">{_literal(each.title)}</th>' for each in table.columns)
    rows = "".join(f"<tr>{''.join(_cells(row, table, words))}</tr>" for row in table.rows)
    title = _paragraph(f"<strong>{_literal(table.title)}</strong>") if table.title else ""
    grid = f'<table style="border-collapse:collapse;margin:0 0 12px"><tr>{heads}</tr>{rows}</table>'
    return title + grid + _paragraph(_lines("\n".join(rows_missing(table, words))), _SMALL)


def _cells(row: tuple[Cell, ...], table: Table, words: Words) -> Iterator[str]:
    for cell, column in zip(row, table.columns, strict=True):
        colour = f";color:{_LEVELS[cell.tone]}" if isinstance(cell, Level) else ""
        yield f'<td style="{_CELL}{_side(column)}{colour}">{_lines(cell_text(cell, column, words))}</td>'


def _side(column: Column) -> str:
    return "right" if column.kind == "number" else "left"


def _chart(chart: Chart, words: Words, picture: int | None) -> str:
    told = _literal(block_as_text(chart, words))
    if picture is None:
        return f'<pre style="{_MONOSPACE}">{told}</pre>'
    return _paragraph(f'<img src="cid:{picture}" alt="{told}" style="max-width:100%">')


def _link(link: Link) -> str:
    label, url = _literal(link.label), _literal(link.url)
    if not link.url.lower().startswith(("http://", "https://")):
        return f"{label}: {url}"
    return f'<a href="{url}">{label}</a>'


def _actions(card: Card, words: Words, public_url: str) -> str:
    links = [(action, action_link(action, public_url)) for action in card.actions]
    if not links:
        return ""
    if not all(url for _, url in links):
        return _paragraph(_lines(elsewhere(card, words)), _SMALL)
    buttons = "".join(_button(action, url) for action, url in links)
    return f"<div>{buttons}</div>" + _paragraph(_lines(words("card.opens_page")), _SMALL)


def _button(action: Action, url: str) -> str:
    colour = "#b5402c" if action.style == "danger" else "#1f6f5f"
    return f'<a href="{_literal(url)}" style="{_BUTTON}{colour}">{_literal(action.label)}</a>'
