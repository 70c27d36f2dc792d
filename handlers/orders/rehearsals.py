"""How far shadow mode and people agree, per item; and the card that says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Protocol

from bot.contracts.cards import Card, Cell, Column, Note, Table, Text
from bot.contracts.feature import Words

DAYS = 30
_NO_TIME = timedelta()
_COLUMNS = ("item", "title", "rehearsed", "done", "same", "earlier", "latest")


class Rehearsed(Protocol):
    """What ``storage.orders.rehearsals`` knows of one order."""

    @property
    def item_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def express_code(self) -> str: ...
    @property
    def done_at(self) -> datetime | None: ...
    @property
    def done_code(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReport:
    """An item's orders that would have gone out: how many people shipped, how many of those by the same company, and by
    how much shadow mode would usually have been earlier (negative: later; None if people shipped none)."""

    item_id: str
    title: str
    rehearsed: int
    done: int
    same: int
    earlier: timedelta | None
    latest: datetime


@dataclass(frozen=True, slots=True)
class ShadowResult:
    """One report per item, those with most orders first."""

    items: tuple[ItemReport, ...]


def report(rehearsals: Iterable[Rehearsed]) -> tuple[ItemReport, ...]:
    """What was rehearsed, by item, the most often rehearsed first."""
    by_item: dict[str, list[Rehearsed]] = {}
    for each in rehearsals:
        by_item.setdefault(each.item_id, []).append(each)
    reports = (_of_item(item_id, of_item) for item_id, of_item in by_item.items())
    return tuple(sorted(reports, key=lambda each: (-each.rehearsed, each.item_id)))


def _of_item(item_id: str, rehearsals: Sequence[Rehearsed]) -> ItemReport:
    done = [each for each in rehearsals if each.done_at is not None]
    ahead = [(each.done_at - each.at).total_seconds() for each in done if each.done_at is not None]
    return ItemReport(
        item_id=item_id,
        title=rehearsals[0].title,
        rehearsed=len(rehearsals),
        done=len(done),
        same=sum(each.express_code == each.done_code for each in done),
        earlier=timedelta(seconds=median(ahead)) if ahead else None,
        latest=max(each.at for each in rehearsals),
    )


def shadow_card(items: Sequence[ItemReport], words: Words) -> Card:
    """Per item what would have gone out, and what people did with the same orders."""
    title = words("orders.shadow_report.title", days=DAYS)
    if not items:
        return Card(title, "info", (Text(words("orders.shadow_report.none")),), language=words.language)
    done, same = sum(each.done for each in items), sum(each.same for each in items)
    said = words("orders.shadow_report.text", rehearsed=sum(each.rehearsed for each in items), done=done, same=same)
    kinds = {"rehearsed": "number", "done": "number", "same": "number", "latest": "time"}
    columns = tuple(
        Column(words(f"orders.shadow_report.column.{name}"), kinds.get(name, "text"))  # type: ignore[arg-type]
        for name in _COLUMNS
    )
    table = Table(columns, tuple(_row(each, words) for each in items), len(items))
    return Card(title, "info", (Text(said), table, Note(words("orders.shadow_report.note"))), language=words.language)


def _row(each: ItemReport, words: Words) -> tuple[Cell, ...]:
    ahead = None
    if each.earlier is not None:
        name = "earlier" if each.earlier >= _NO_TIME else "later"
        ahead = words(f"orders.shadow_report.{name}", time=words.duration(abs(each.earlier)))
    return (each.item_id, each.title or None, each.rehearsed, each.done, each.same, ahead, each.latest)
