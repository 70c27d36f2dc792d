"""Matters as cards: the living one in every chat, the whole of one, the list, and the words said in its thread."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Column,
    ColumnKind,
    Fact,
    Facts,
    Field,
    FieldKind,
    Form,
    Level,
    LevelTone,
    Note,
    Table,
    Text,
    Tone,
    plain,
)
from bot.contracts.feature import Words
from handlers.common.ladder import said_target
from handlers.common.reasons import reason_told
from handlers.matters.results import Found, MatterView
from handlers.matters.rules import REMIND_EVERY, cry_for_help
from storage.matters.rows import Entry, Matter, MatterState

_LINES = 5
_MOST_LINES = 40
MOST_ROWS = 200
"""What a table on a card holds."""
_WITH_BUTTONS = 3
_TELL_OF_TARGETS = ("told", "held", "nobody")
_KINDS: Mapping[str, ColumnKind] = {"state": "level", "due": "time"}
_LEVELS: dict[MatterState, LevelTone] = {"open": "bad", "taken": "warning", "snoozed": "neutral", "settled": "good"}


def title_of(matter: Matter, words: Words) -> str:
    """What it is, with its number."""
    return f"#{matter.number} {words(f'matter.{matter.kind}.title', **matter.details)}"


def living_card(view: MatterView, words: Words) -> Card:
    """The card that stands in a chat as long as the matter lives, as it is now."""
    matter = view.matter
    blocks: list[Block] = [Text(_text(matter, words)), Facts(_facts(view, words))]
    if matter.state == "open":
        blocks.append(Text(_next(matter, words)))
    blocks.extend(_own_forms(view, words))
    blocks.extend(_timeline(view, words, most=_LINES))
    if matter.state == "open":
        blocks.append(Note(words("matters.remind_note", every=words.duration(REMIND_EVERY))))
    return _card(matter, title_of(matter, words), tuple(blocks), _buttons(view, words), words)


def whole_card(view: MatterView, words: Words, *, most_lines: int = _MOST_LINES) -> Card:
    """All about one matter, with what can be filled in."""
    matter = view.matter
    blocks: list[Block] = [Text(_text(matter, words)), Facts(_facts(view, words)), Text(_next(matter, words))]
    blocks.extend(_timeline(view, words, most=most_lines))
    blocks.extend(_own_forms(view, words)[:1])
    if not matter.is_over:
        blocks.extend(_forms(matter, words))
    return _card(matter, title_of(matter, words), tuple(blocks), _buttons(view, words)[:-1], words)


def word_card(view: MatterView, what: str, words: Words, *, names: Sequence[str] = ()) -> Card:
    """A short word in the matter's thread: ``remind``, ``mention`` or ``closed``."""
    matter = view.matter
    ended = matter.settled_at or view.now
    said = {
        "title": plain(words(f"matter.{matter.kind}.title", **matter.details)),
        "age": words.duration(ended - matter.opened_at),
        "names": plain(words("matters.separator").join(names)),
        "name": plain(view.owner) or words("matters.itself"),
    }
    tone: Tone = "good" if matter.is_over else _tone(matter)
    title = words(f"matters.word.{what}.title", number=matter.number, age=said["age"])
    return Card(
        title,
        tone,
        (Text(words(f"matters.word.{what}.text", **said)),),
        () if matter.is_over else _buttons(view, words),
        str(matter.number),
        language=words.language,
    )


def done_card(view: MatterView, entry: Entry, words: Words) -> Card:
    """What a command changed."""
    matter = view.matter
    line = _line(entry, replace(view, entries=()), words)
    title = words(f"matters.done.{entry.kind}", number=matter.number)
    text = Text(plain(words(f"matter.{matter.kind}.title", **matter.details)))
    show = Action(words("matters.button.show", number=matter.number), words("matters.command.show", n=matter.number))
    return Card(title, "good", (text, Note(line)), (show,), str(matter.number), language=words.language)


def list_card(found: Found, words: Words, now: datetime, *, sought: str = "") -> Card:
    """What waits, in the order given; or what was found."""
    title = words("matters.found" if sought else "matters.title", text=sought)
    if not found.total:
        return Card(title, "info" if sought else "good", (Text(words("matters.none")),), language=words.language)
    table = table_of(found, ("number", "title", "state", "owner", "cost", "age", "due"), words, now)
    table = replace(table, more=f"{words('matters.command.list')} {sought}".strip())
    waiting = [matter for matter in found.matters if matter.state == "open"]
    actions = tuple(
        Action(words("matters.button.take_number", number=each.number), words("matters.command.take", n=each.number))
        for each in waiting[:_WITH_BUTTONS]
    )
    hint = Note(words("matters.hint"))
    return Card(title, "warning" if waiting else "info", (table, hint), actions, language=words.language)


def table_of(found: Found, columns: Sequence[str], words: Words, now: datetime) -> Table:
    """The matters with some of the columns, named as their titles in the catalogue."""
    shown = tuple(Column(words(f"matters.column.{name}"), _KINDS.get(name, "text")) for name in columns)
    cells = (_cells(matter, found.names, words, now) for matter in found.matters)
    return Table(shown, tuple(tuple(row[name] for name in columns) for row in cells), found.total)


def _cells(matter: Matter, names: Mapping[str, str], words: Words, now: datetime) -> dict[str, Cell]:
    return {
        "number": f"#{matter.number}",
        "kind": words(f"matter.{matter.kind}.name"),
        "title": words(f"matter.{matter.kind}.title", **matter.details),
        "state": Level(words(f"matters.state.{matter.state}"), _LEVELS[matter.state]),
        "owner": names.get(matter.owner_id),
        "cost": _cost(matter, words) or None,
        "age": words.duration((matter.settled_at or now) - matter.opened_at),
        "due": matter.due_at,
    }


def said_of_kind(sample: Matter, words: Words) -> str:
    """What is said of every matter of the kind of ``sample``, whatever its details."""
    blanks = dict.fromkeys(sample.details, " ")
    return f"{words(f'matter.{sample.kind}.name')} {words(f'matter.{sample.kind}.title', **blanks)}"


def _card(matter: Matter, title: str, blocks: tuple[Block, ...], actions: tuple[Action, ...], words: Words) -> Card:
    return Card(title, _tone(matter), blocks, actions, str(matter.number), language=words.language)


def _tone(matter: Matter) -> Tone:
    match matter.state:
        case "open":
            return "bad" if matter.is_urgent else "warning"
        case "taken" | "snoozed":
            return "info"
        case "settled":
            return "good"


def _text(matter: Matter, words: Words) -> str:
    return words(f"matter.{matter.kind}.text", **_told(matter, words))


def _next(matter: Matter, words: Words) -> str:
    return words(f"matter.{matter.kind}.next", **_told(matter, words))


def _told(matter: Matter, words: Words) -> dict[str, str]:
    """Its details as sentences are filled with them."""
    details = {**matter.details, "error": reason_told(matter.details.get("error", ""), words)}
    return {name: plain(text) for name, text in details.items()}


def _facts(view: MatterView, words: Words) -> tuple[Fact, ...]:
    matter = view.matter
    ended = matter.settled_at or view.now
    facts = [
        Fact(words("matters.fact.state"), words(f"matters.state.{matter.state}")),
        Fact(
            words("matters.fact.lasted" if matter.is_over else "matters.fact.since"),
            words.duration(ended - matter.opened_at),
            words.moment(matter.opened_at),
        ),
    ]
    if view.owner:
        facts.append(Fact(words("matters.fact.owner"), view.owner))
    if matter.snoozed_until is not None and matter.state == "snoozed":
        facts.append(Fact(words("matters.fact.until"), words.moment(matter.snoozed_until)))
    if matter.due_at is not None:
        facts.append(
            Fact(words("matters.fact.due"), words.moment(matter.due_at), _left(matter, matter.due_at - view.now, words))
        )
    if matter.cost_per_day is not None:
        facts.append(Fact(words("matters.fact.cost"), _cost(matter, words)))
    return tuple(facts)


def _left(matter: Matter, left: timedelta, words: Words) -> str:
    if matter.is_over:
        return ""
    return words("matters.late" if left < timedelta() else "matters.left", time=words.duration(abs(left)))


def _cost(matter: Matter, words: Words) -> str:
    return "" if matter.cost_per_day is None else f"{words.number(matter.cost_per_day, 2)} {matter.currency}"


def _timeline(view: MatterView, words: Words, *, most: int) -> tuple[Block, ...]:
    shown = view.entries[-most:]
    if not shown:
        return ()
    lines = "\n".join(f"- {_line(entry, view, words)}" for entry in shown)
    return (Text(lines),)


def _line(entry: Entry, view: MatterView, words: Words) -> str:
    name = view.names.get(entry.person_id, "")
    text = said_target(entry.text, words, view.names) if entry.kind in _TELL_OF_TARGETS else entry.text
    said = words(f"matters.entry.{entry.kind}", name=plain(name), text=plain(text))
    return words("matters.line", at=words.moment(entry.at), said=said.strip())


def _buttons(view: MatterView, words: Words) -> tuple[Action, ...]:
    matter, number = view.matter, view.matter.number
    show = Action(words("matters.button.more"), words("matters.command.show", n=number))
    if matter.is_over:
        return (show,)
    settle = Action(words("matters.button.settle"), words("matters.command.settle", n=number))
    take = Action(words("matters.button.take"), words("matters.command.take", n=number), "primary")
    call = Action(words("matters.button.help"), words("matters.command.help", n=number))
    calling = (call,) if view.form and cry_for_help(view.entries) is None else ()
    return (*(() if matter.state == "taken" else (take,)), settle, *calling, show)


def _own_forms(view: MatterView, words: Words) -> tuple[Form, ...]:
    """Of a kind that is done on its card: its own form, and one for handing it over."""
    if view.form is None or view.matter.is_over:
        return ()
    return (view.form(view.matter, words), _form(view.matter, "hand", ("to",), words))


def _forms(matter: Matter, words: Words) -> tuple[Form, ...]:
    asked = {"snooze": ("until", "reason"), "hand": ("to",), "note": ("text",)}
    return tuple(_form(matter, name, fields, words) for name, fields in asked.items())


def _form(matter: Matter, name: str, fields: Sequence[str], words: Words) -> Form:
    kinds: Mapping[str, FieldKind] = {"until": "date"}
    asked = (Field(each, words(f"matters.field.{each}"), kinds.get(each, "text"), required=True) for each in fields)
    submit = Action(words(f"matters.button.{name}"), words(f"matters.command.{name}", n=matter.number))
    return Form(tuple(asked), submit)
