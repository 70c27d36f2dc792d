"""A card as Feishu card JSON 2.0. What is too big for one card goes on in a second one; nothing is cut or refused.

Source: reference section 8; the limits below stay inside the documented ones (30 KB, 5 tables, 5 charts, 200 elements).
"""

from itertools import count
from typing import Any, assert_never
from urllib.parse import quote, urlsplit

import orjson

from bot.channels.feishu.charts import MOST_CHARTS, chart_element
from bot.channels.feishu.controls import Element, button_rows, can_be_form, form_element, plain_text
from bot.channels.feishu.lines import Line, literal_lines, markdown_elements, marked_lines
from bot.channels.feishu.tables import NativeTable, native_tables
from bot.channels.feishu.weight import element_count, weight
from bot.channels.figures import UNKNOWN, chart_lines, progress_bar
from bot.channels.markup import sendable, short
from bot.channels.plain import form_as_text, rows_missing
from bot.contracts.cards import (
    Block,
    Card,
    Chart,
    Fact,
    Facts,
    Form,
    Image,
    Link,
    Note,
    Progress,
    Table,
    Text,
    Tone,
)
from bot.contracts.feature import Words

_HEAVIEST_CARD = 29_500
_MOST_TABLES = 5
_MOST_ELEMENTS = 150
_LONGEST_TITLE = 120
_FRAME = 2_500  # header, config and separators, at most
_ROOM = _HEAVIEST_CARD - _FRAME
_HEAVIEST_CHART = 16_000  # a heavier one would leave no room for the rest of its card
_FEWEST_ROWS = 5  # a table's beginning with fewer rows is not worth starting at the end of a card
_TEMPLATES: dict[Tone, str] = {
    "info": "blue",
    "good": "green",
    "warning": "orange",
    "bad": "red",
    "working": "wathet",
}


def render(card: Card, words: Words) -> tuple[str, ...]:
    """The card as the JSON texts of one or more cards, which the platform takes as they are."""
    pages = _Pages()
    renderer = _Renderer(pages, words)
    if len(sendable(card.title)) > _LONGEST_TITLE:
        pages.extend(markdown_elements(literal_lines(card.title, is_bold=True)))
    if card.mentions:
        pages.extend([{"tag": "markdown", "content": " ".join(f"<at id={each}></at>" for each in card.mentions)}])
    for block in card.blocks:
        renderer.add(block)
    pages.extend(button_rows(card.actions))
    total = len(pages.pages)
    return tuple(_page(card, elements, number, total) for number, elements in enumerate(pages.pages, start=1))


def _page(card: Card, elements: list[Element], number: int, total: int) -> str:
    title = short(card.title, _LONGEST_TITLE) + (f" {number}/{total}" if total > 1 else "")
    body: dict[str, Any] = {
        "schema": "2.0",
        "config": {"update_multi": True, "width_mode": "fill", "summary": {"content": title}},
        "header": {"template": _TEMPLATES[card.tone], "title": plain_text(title)},
        "body": {"elements": elements or [{"tag": "hr"}]},
    }
    return orjson.dumps(body).decode()


class _Pages:
    """Elements in order, on as few cards as the limits allow."""

    def __init__(self) -> None:
        self.pages: list[list[Element]] = [[]]
        self.room = _ROOM
        self._elements = 0
        self._tables = 0
        self._charts = 0

    def add(self, element: Element) -> None:
        """Put the element on this card, or on the next if it does not fit."""
        if not self._fits(element):
            self.turn()
        self.pages[-1].append(element)
        self.room -= weight(element) + 1
        self._elements += element_count(element)
        self._tables += element["tag"] == "table"
        self._charts += element["tag"] == "chart"

    def extend(self, elements: Any) -> None:
        """Put all elements, in order."""
        for element in elements:
            self.add(element)

    def turn(self) -> None:
        """Go on with a new card, unless this one is still empty."""
        if self.pages[-1]:
            self.pages.append([])
            self.room, self._elements, self._tables, self._charts = _ROOM, 0, 0, 0

    def _fits(self, element: Element) -> bool:
        return (
            weight(element) + 1 <= self.room
            and self._elements + element_count(element) <= _MOST_ELEMENTS
            and self._tables + (element["tag"] == "table") <= _MOST_TABLES
            and self._charts + (element["tag"] == "chart") <= MOST_CHARTS
        )


class _Renderer:
    """Puts blocks on pages."""

    def __init__(self, pages: _Pages, words: Words) -> None:
        self._pages = pages
        self._words = words
        self._numbers = count()

    def add(self, block: Block) -> None:
        match block:
            case Text():
                self._write(marked_lines(block.markdown))
            case Facts():
                self._write([line for fact in block.items for line in _fact_lines(fact)])
            case Table():
                self._add_table(block)
            case Chart():
                self._add_chart(block)
            case Form():
                self._add_form(block)
            case Note():
                self._write(literal_lines(block.text, is_small=True), text_size="notation")
            case Image():
                self._write(literal_lines(f"[{block.alternative or block.name}]", is_small=True))
            case Link():
                self._add_link(block)
            case Progress():
                self._write(literal_lines(progress_bar(block)))
            case _:
                assert_never(block)

    def _write(self, lines: list[Line], text_size: str = "normal") -> None:
        self._pages.extend(markdown_elements(lines, text_size=text_size))

    def _add_table(self, table: Table) -> None:
        if table.title:
            self._write(literal_lines(table.title, is_bold=True))
        if table.rows and table.columns:
            for native in native_tables(table, self._words, _ROOM - 2):
                self._add_rows(native)
                self._write([line for title in native.long_titles for line in literal_lines(title, is_small=True)])
        else:
            titles = " · ".join(column.title for column in table.columns)
            self._write(literal_lines(f"{titles}: {UNKNOWN}", is_small=True))
        missing = "\n".join(rows_missing(table, self._words))
        self._write(literal_lines(missing, is_small=True), text_size="notation")

    def _add_rows(self, native: NativeTable) -> None:
        """Fill this card with rows, then the next, until all are shown."""
        rows = native.rows
        empty = weight(native.element([])) + 2
        while True:
            fitting = _fitting(rows, self._pages.room - empty)
            if fitting < min(len(rows), _FEWEST_ROWS):
                self._pages.turn()
                fitting = _fitting(rows, self._pages.room - empty)
            self._pages.add(native.element(rows[:fitting]))
            rows = rows[fitting:]
            if not rows:
                return

    def _add_form(self, form: Form) -> None:
        if can_be_form(form):
            element = form_element(form, self._numbers)
            if weight(element) < _ROOM and element_count(element) <= _MOST_ELEMENTS:
                self._pages.add(element)
                return
        self._write(literal_lines(form_as_text(form, self._words)))

    def _add_chart(self, chart: Chart) -> None:
        """The native chart; one that is empty or too heavy is told in lines of text."""
        element = chart_element(chart)
        if element is not None and weight(element) <= _HEAVIEST_CHART:
            self._pages.add(element)
        else:
            self._write([line for text in chart_lines(chart, self._words) for line in literal_lines(text)])

    def _add_link(self, link: Link) -> None:
        address = quote(sendable(link.url), safe="/:?#@!$&*+,;=%~-._'")
        label = literal_lines(link.label or link.url)
        if urlsplit(link.url).scheme in ("http", "https") and len(address) + len(link.label) <= 1000:
            written = " ".join(line.markdown() for line in label)
            self._pages.add({"tag": "markdown", "content": f"[{written}]({address})"})
        else:
            self._write([*label, *literal_lines(link.url, is_small=True)])


def _fact_lines(fact: Fact) -> list[Line]:
    label, *rest = literal_lines(f"{fact.label}", is_bold=True)
    value, *more = literal_lines(f"  {fact.value}")
    note = literal_lines(fact.note, is_small=True) if fact.note else []
    first = [label, *rest]
    first[-1] = Line((*first[-1].spans, *value.spans))
    return [*first, *more, *note]


def _fitting(rows: list[dict[str, Any]], room: int) -> int:
    """How many of the first rows weigh at most ``room`` together."""
    used = 0
    for number, row in enumerate(rows):
        used += weight(row) + 1
        if used > room:
            return number
    return len(rows)
