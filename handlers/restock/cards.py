"""Restock plans and stock as cards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Chart,
    Column,
    Fact,
    Facts,
    Level,
    LevelTone,
    Note,
    Table,
    Text,
    plain,
)
from bot.contracts.feature import Words
from handlers.common.freshness import NORMAL, freshness, gap_texts, oldest
from handlers.restock.policy import Component
from handlers.restock.rules import RestockLine, Urgency
from handlers.restock.surroundings import Surroundings
from storage.catalog.rows import STOCK_STATES, DataKind, ListingFacts, Store

PAGE_ROWS = 200
_WHY_BUTTONS = 3
_INPUTS: tuple[DataKind, ...] = ("sales", "stock", "suggestions", "products")
_STORE_INPUTS: tuple[DataKind, ...] = ("sales", "stock", "suggestions")
_TONES: Mapping[Urgency, LevelTone] = {
    "stockout": "bad",
    "urgent": "bad",
    "soon": "warning",
    "unknown": "neutral",
    "enough": "good",
    "idle": "neutral",
}


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one page out of ``total``; ``title`` names the scope, ``more`` is the command for the next page.

    ``stores`` are those asked about, with or without lines; ``charts`` stand above the list.
    """

    title: str
    stores: Sequence[Store]
    lines: Sequence[RestockLine]
    total: int
    more: str = ""
    charts: tuple[Chart, ...] = ()


def restock_card(page: Page, around: Surroundings) -> Card:
    """The list of what to order, the most urgent first."""
    words = around.words
    gaps = gap_texts(page.stores, _STORE_INPUTS, around.ages, words=words, now=around.now)
    if not page.lines:
        return Card(page.title, "warning", gaps or (Text(words("restock.empty")),), language=words.language)
    table = Table(_columns(words), tuple(_row(line, around) for line in page.lines), page.total, page.more)
    return Card(
        page.title,
        "warning" if gaps or any(line.urgency in ("stockout", "urgent") for line in page.lines) else "good",
        (*gaps, *page.charts, table, *_notes(page.lines, page.stores, around)),
        why_actions(page.lines[:_WHY_BUTTONS], words),
        language=words.language,
    )


def past_end_card(title: str, pages: int, first: str, last: str, words: Words) -> Card:
    """Says that there are only so many pages; ``first`` and ``last`` are the commands that show them."""
    ends = {first: words("restock.button.first_page"), last: words("restock.button.last_page", page=pages)}
    return Card(
        title,
        "warning",
        (Text(words("restock.past_end", pages=pages)),),
        tuple(Action(label, command) for command, label in ends.items()),
        language=words.language,
    )


def sku_card(code: str, lines: Sequence[RestockLine], charts: Sequence[Chart], around: Surroundings) -> Card:
    """One SKU in detail, store by store."""
    words = around.words
    table = Table(_columns(words), tuple(_row(line, around) for line in lines), len(lines))
    details = tuple(block for line in lines[:10] for block in _detail(line, around))
    why = Action(words("restock.button.why", sku=code), words("restock.line.why", sku=code) + _asked(lines[0]))
    stock = Action(words("restock.button.stock"), words("restock.line.stock", sku=code))
    stores = [around.stores[store_id] for store_id in dict.fromkeys(line.facts.listing.store_id for line in lines)]
    gaps = gap_texts(stores, _STORE_INPUTS, around.ages, words=words, now=around.now)
    return Card(
        words("restock.title.sku", sku=code),
        "warning" if any(line.urgency in ("stockout", "urgent") for line in lines) else "info",
        (*gaps, table, *charts, *details, *_notes(lines, stores, around)),
        (why, stock),
        language=words.language,
    )


def stock_card(code: str, facts: Sequence[ListingFacts], charts: Sequence[Chart], around: Surroundings) -> Card:
    """Every state of one SKU's stock, store by store."""
    words = around.words
    titles = tuple(Column(words(f"restock.state.{state}"), "number") for state in STOCK_STATES)
    columns = (Column(words("restock.column.store")), Column("MSKU"), *titles, Column(words("restock.column.age")))
    rows = tuple(_stock_row(each, around) for each in facts)
    notes = [words("restock.note.dash")]
    if any(each.stock and each.stock.is_shared for each in facts):
        notes.append(words("restock.note.shared"))
    name = next((each.listing.name for each in facts if each.listing.name), "")
    return Card(
        words("restock.title.stock", sku=code),
        "info",
        (*((Text(plain(name)),) if name else ()), Table(columns, rows, len(rows)), *charts, *map(Note, notes)),
        (Action(words("restock.button.restock"), words("restock.line.restock", sku=code)),),
        language=words.language,
    )


def why_actions(lines: Sequence[RestockLine], words: Words) -> tuple[Action, ...]:
    """One button per line that explains it, for the same days."""
    actions = (
        Action(words("restock.button.why", sku=code), words("restock.line.why", sku=code) + _asked(line))
        for line in lines
        if (code := typeable_code(line.facts))
    )
    return tuple(dict.fromkeys(actions))


def typeable_code(facts: ListingFacts) -> str:
    """A code of the listing that can be typed as one word; empty if it has none."""
    listing = facts.listing
    codes = (listing.msku, listing.fnsku, listing.asin, listing.local_sku)
    return next((code for code in codes if code and len(code.split()) == 1), "")


def exact(words: Words, value: Decimal | int) -> str:
    """A number with all its digits and no more."""
    digits = Decimal(value).normalize().as_tuple().exponent
    return words.number(value, max(0, -digits) if isinstance(digits, int) else 0)


def component_text(part: Component, words: Words) -> str:
    """One stretch of days with its origin, such as "purchasing 15 days (default)"."""
    return words(
        "restock.component",
        name=words(f"restock.component_name.{part.name}"),
        days=part.days,
        origin=words(f"restock.origin.{part.origin}"),
    )


def _columns(words: Words) -> tuple[Column, ...]:
    return (
        Column("SKU"),
        Column(words("restock.column.store")),
        Column(words("restock.column.daily"), "number", 2),
        Column(words("restock.column.supply"), "number", 1),
        Column(words("restock.column.supply_with_transit"), "number", 1),
        Column(words("restock.column.transit"), "number"),
        Column(words("restock.column.order"), "number"),
        Column(words("restock.column.lingxing"), "number"),
        Column(words("restock.column.urgency"), "level"),
    )


def _row(line: RestockLine, around: Surroundings) -> tuple[Cell, ...]:
    suggestion = line.facts.suggestion
    return (
        line.facts.listing.msku,
        around.store_name(line.facts),
        line.daily_units,
        line.supply_days,
        line.supply_days_with_transit,
        line.transit_units,
        line.order_units,
        suggestion.purchase_units if suggestion else None,
        Level(around.words(f"restock.urgency.{line.urgency}"), _TONES[line.urgency]),
    )


def _stock_row(facts: ListingFacts, around: Surroundings) -> tuple[Cell, ...]:
    fresh = freshness(around.ages, facts.listing.store_id, "stock", around.now)
    states = (getattr(facts.stock, state) if facts.stock else None for state in STOCK_STATES)
    age = Level(fresh.told(around.words), "warning" if fresh.needs_attention else "neutral")
    return (around.store_name(facts), facts.listing.msku, *states, age)


def _detail(line: RestockLine, around: Surroundings) -> tuple[Block, ...]:
    words = around.words
    heading = Text(f"**{plain(around.store_name(line.facts))}** · {plain(line.facts.listing.msku)}")
    days = " + ".join(component_text(part, words) for part in line.components)
    figures: tuple[tuple[str, Decimal | int | None, str], ...] = (
        ("sellable", line.sellable_units, ""),
        ("transit", line.transit_units, ""),
        ("target_days", line.target_days, days),
        ("target", line.target_units, ""),
        ("need", line.need_units, ""),
        ("carton", line.packing.units_per_carton, words(f"restock.origin.{line.packing.carton_origin}")),
        ("order", line.order_units, ""),
    )
    unknown = words("restock.unknown")
    facts = (
        Fact(words(f"restock.figure.{key}"), unknown if value is None else exact(words, value), note)
        for key, value, note in figures
    )
    return (heading, Facts(tuple(facts)))


def _notes(lines: Sequence[RestockLine], stores: Sequence[Store], around: Surroundings) -> tuple[Note, ...]:
    words = around.words
    pulled = [store.store_id for store in stores if store.status == NORMAL] or [store.store_id for store in stores]
    ages = (f"{words(f'kind.{kind}')} {oldest(around.ages, pulled, kind, around.now).told(words)}" for kind in _INPUTS)
    through = min((line.facts.sales.through for line in lines if line.facts.sales), default=None)
    texts = [words("restock.note.ages", ages=" · ".join(ages))]
    if through:
        texts.append(words("restock.note.through", day=words.date(through)))
    if any(window.known_days < window.days for line in lines for window in line.windows):
        texts.append(words("restock.note.known_days"))
    texts += _assumptions(lines, words)
    if any(line.unknown for line in lines):
        texts.append(words("restock.note.dash"))
    return tuple(Note(text) for text in texts)


def _assumptions(lines: Sequence[RestockLine], words: Words) -> Iterator[str]:
    """What is assumed; purchasing is told apart as soon as the product records tell it for some lines."""
    purchasing = [line.components[0] for line in lines]
    measured = sum(part.origin == "product" for part in purchasing)
    assumed = dict.fromkeys(part for line in lines for part in line.components[1 if measured else 0 :])
    yield words(
        "restock.note.assumed", parts=words("restock.separator").join(component_text(part, words) for part in assumed)
    )
    if measured == len(lines):
        yield words("restock.note.measured_all")
    elif measured:
        default = next(part.days for part in purchasing if part.origin != "product")
        yield words("restock.note.measured_some", count=measured, others=len(lines) - measured, days=default)
    if any(line.packing.carton_origin == "default" for line in lines):
        yield words("restock.note.carton")


def _asked(line: RestockLine) -> str:
    cycle = line.components[-1]
    return f" {cycle.days}" if cycle.origin == "asked" else ""
