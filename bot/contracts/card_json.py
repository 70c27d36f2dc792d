"""Cards as plain JSON objects and back, exactly: for the outbox's rows and for programs.

A card is ``{title, tone, blocks, actions, matter, language}``, and ``reader_id`` and ``mentions`` if it has them; a
block is its fields and a ``type`` (``text facts table chart form note image link progress``). Table cells are JSON
strings, whole numbers and nulls, and tagged objects for the rest: ``{"decimal": "1.50"}``, ``{"date": "2025-03-01"}``,
``{"time": "2025-03-01T08:00:00+00:00"}``, ``{"level": "urgent", "tone": "bad"}``.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never

from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Chart,
    Column,
    Fact,
    Facts,
    Field,
    Form,
    Image,
    Level,
    Link,
    Note,
    Progress,
    Series,
    Table,
    Text,
)

JsonObject = dict[str, Any]

_FLAT: dict[str, type[Text | Note | Image | Link | Progress]] = {
    "text": Text,
    "note": Note,
    "image": Image,
    "link": Link,
    "progress": Progress,
}


def card_to_json(card: Card) -> JsonObject:
    """The card as JSON values only; ``card_from_json`` makes an equal card of it."""
    whole = {
        "title": card.title,
        "tone": card.tone,
        "blocks": [_block_to_json(block) for block in card.blocks],
        "actions": [_plain_fields(action) for action in card.actions],
        "matter": card.matter,
        "language": card.language,
    }
    rare = {"reader_id": card.reader_id, "mentions": list(card.mentions)}
    return whole | {name: value for name, value in rare.items() if value}


def card_from_json(stored: Mapping[str, Any]) -> Card:
    """The card that ``card_to_json`` wrote. Raises: ValueError if ``stored`` is no such object."""
    try:
        return Card(
            title=stored["title"],
            tone=stored["tone"],
            blocks=tuple(_block_from_json(block) for block in stored["blocks"]),
            actions=tuple(Action(**action) for action in stored["actions"]),
            matter=stored["matter"],
            language=stored["language"],
            reader_id=stored.get("reader_id", ""),
            mentions=tuple(stored.get("mentions", ())),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a stored card: {error!r}") from error


def cell_to_json(cell: Cell) -> str | int | JsonObject | None:
    """One table cell, tagged where JSON has no such type."""
    match cell:
        case None | str() | int():
            return cell
        case Decimal():
            return {"decimal": str(cell)}
        case datetime():
            return {"time": cell.isoformat()}
        case date():
            return {"date": cell.isoformat()}
        case Level():
            return {"level": cell.label, "tone": cell.tone}
        case _:
            assert_never(cell)


def cell_from_json(stored: str | int | Mapping[str, Any] | None) -> Cell:
    """The cell that ``cell_to_json`` wrote. Raises: ValueError for an unknown tag."""
    match stored:
        case None | str() | int():
            return stored
        case {"decimal": str(digits)}:
            return Decimal(digits)
        case {"time": str(text)}:
            return datetime.fromisoformat(text)
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case {"level": str(label), "tone": tone}:
            return Level(label, tone)
        case _:
            raise ValueError(f"not a stored cell: {stored!r}")


def _block_to_json(block: Block) -> JsonObject:
    changed: JsonObject
    match block:
        case Facts():
            changed = {"items": [_plain_fields(item) for item in block.items]}
        case Table():
            rows = [[cell_to_json(cell) for cell in row] for row in block.rows]
            changed = {"columns": [_plain_fields(column) for column in block.columns], "rows": rows}
        case Chart():
            changed = {"labels": list(block.labels), "series": [_plain_fields(series) for series in block.series]}
        case Form():
            changed = {"fields": [_plain_fields(each) for each in block.fields], "submit": _plain_fields(block.submit)}
        case Text() | Note() | Image() | Link() | Progress():
            changed = {}
        case _:
            assert_never(block)
    own = {each.name: getattr(block, each.name) for each in fields(block)}
    return {"type": type(block).__name__.lower(), **own, **changed}


def _block_from_json(stored: Mapping[str, Any]) -> Block:
    own = {name: value for name, value in stored.items() if name != "type"}
    match stored["type"]:
        case "facts":
            return Facts(tuple(Fact(**item) for item in own["items"]))
        case "table":
            rows = tuple(tuple(cell_from_json(cell) for cell in row) for row in own["rows"])
            return Table(**own | {"columns": tuple(Column(**column) for column in own["columns"]), "rows": rows})
        case "chart":
            series = tuple(Series(**_tuples(each)) for each in own["series"])
            return Chart(**own | {"labels": tuple(own["labels"]), "series": series})
        case "form":
            inputs = tuple(Field(**_tuples(each)) for each in own["fields"])
            return Form(inputs, Action(**own["submit"]))
        case kind:
            return _FLAT[kind](**own)


def _plain_fields(value: Action | Column | Fact | Field | Series) -> JsonObject:
    own = {each.name: getattr(value, each.name) for each in fields(value)}
    return {name: _lists(each) for name, each in own.items()}


def _lists(value: Any) -> Any:
    return [_lists(each) for each in value] if isinstance(value, tuple) else value


def _tuples(stored: Mapping[str, Any]) -> JsonObject:
    return {name: _deep_tuple(value) for name, value in stored.items()}


def _deep_tuple(value: Any) -> Any:
    return tuple(_deep_tuple(each) for each in value) if isinstance(value, list) else value
