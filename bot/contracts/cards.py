"""A channel-neutral answer. Handlers build it, each channel renders it as well as it can."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Tone = Literal["info", "good", "warning", "bad", "working"]
"""``working`` marks a card that will be replaced; all others are final."""
ColumnKind = Literal["text", "number", "date", "time", "level"]
ActionStyle = Literal["default", "primary", "danger"]
FieldKind = Literal["text", "number", "date", "select", "file"]
"""``file`` only on pages: what is uploaded is no argument of a command."""
ChartKind = Literal["line", "bar", "area", "band"]
LevelTone = Literal["neutral", "good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Level:
    """A short coloured word in a table cell, such as an urgency."""

    label: str
    tone: LevelTone = "neutral"


Cell = str | int | Decimal | date | datetime | Level | None
"""None is "not known": channels show a dash, never a zero."""


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs in a small Markdown: **bold**, `code`, "- " lists. User data in it must be escaped by ``plain``."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; ``note`` says where it comes from and how old it is."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    items: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A typed column. ``precision`` is the number of decimals shown for ``number``."""

    title: str
    kind: ColumnKind = "text"
    precision: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """At most 200 rows; ``total`` counts all and ``more`` is the command line that shows the rest."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    more: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Values along the chart's labels; None leaves a gap. ``upper`` makes a band of values..upper."""

    name: str
    values: tuple[float | None, ...]
    upper: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    kind: ChartKind
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: sources, ages, what is missing."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    name: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps; ``total`` 0 means unknown."""

    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Action:
    """A button. It runs the command line ``command`` through the same gate as if it were typed.

    ``token`` is empty until the router stored the action; channels carry the token only.
    ``asker_only`` limits pressing to the person who got the card.
    """

    label: str
    command: str = ""
    style: ActionStyle = "default"
    confirm: str = ""
    asker_only: bool = False
    token: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a form; its value becomes the named argument ``name`` of the form's command."""

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """(value, label) pairs of a select."""


@dataclass(frozen=True, slots=True)
class Form:
    fields: tuple[Field, ...]
    submit: Action


Block = Text | Facts | Table | Chart | Form | Note | Image | Link | Progress


@dataclass(frozen=True, slots=True)
class Card:
    """One answer. ``matter`` is the id of the business matter it belongs to, if any.

    ``reader_id`` is the person whose rights decide what it shows, where no event tells who asked. ``mentions`` are
    ids on the card's channel of people in the chat whom it calls, besides naming them in its text.
    """

    title: str
    tone: Tone = "info"
    blocks: tuple[Block, ...] = ()
    actions: tuple[Action, ...] = ()
    matter: str = ""
    language: str = field(default="zh", kw_only=True)
    reader_id: str = field(default="", kw_only=True)
    mentions: tuple[str, ...] = field(default=(), kw_only=True)

    def all_actions(self) -> tuple[Action, ...]:
        """Every action on the card, those that submit forms included."""
        return self.actions + tuple(block.submit for block in self.blocks if isinstance(block, Form))

    def with_tokens(self, tokens: Mapping[Action, str]) -> "Card":
        """The same card whose actions carry their stored tokens."""
        blocks = tuple(
            replace(block, submit=replace(block.submit, token=tokens[block.submit]))
            if isinstance(block, Form)
            else block
            for block in self.blocks
        )
        actions = tuple(replace(action, token=tokens[action]) for action in self.actions)
        return replace(self, blocks=blocks, actions=actions)

    def without_actions(self) -> "Card":
        """The same card with no live buttons or forms."""
        return replace(self, actions=(), blocks=tuple(b for b in self.blocks if not isinstance(b, Form)))


_MARKUP = str.maketrans({c: "\\" + c for c in "\\*`_[]"})


def plain(text: str) -> str:
    """``text`` escaped so that ``Text`` shows it literally."""
    return text.translate(_MARKUP)
