"""Shipping settings as cards and tables: what goes at a level, what a change would do, who changed what."""

from collections.abc import Iterator, Mapping, Sequence

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
    Form,
    Level,
    LevelTone,
    Note,
    Table,
    Text,
    plain,
)
from bot.contracts.feature import Words
from handlers.orders.content import PLAIN_TEMPLATE
from handlers.orders.results import ChangeSeen, SettingView
from handlers.orders.settings import Outlook, differences, name_of
from handlers.orders.shipping import Effective
from storage.orders.rows import ShippingMode, ShippingSetting

MOST_SHOWN = 20
SETTABLE = ("mode", "delay", "company", "stock", "low_stock", "template")
"""What the form of settings gives, by the names that ``read_changes`` knows."""
_NOTHING = "—"
_TONES: Mapping[ShippingMode, LevelTone] = {"auto": "good", "shadow": "warning"}
_COLUMNS: Mapping[str, ColumnKind] = {
    "level": "text",
    "what": "text",
    "title": "text",
    "mode": "level",
    "delay": "text",
    "company": "text",
    "stock": "text",
    "low_stock": "text",
    "template": "text",
}
_CHANGES: Mapping[str, ColumnKind] = {"at": "time", "who": "text", "what": "text", "change": "text", "state": "level"}


def setting_card(view: SettingView, words: Words, *, batch: str = "") -> Card:
    """What goes for an item, a shop or everything, and at which level each of it is set."""
    chosen = view.effective
    facts = tuple(
        Fact(words(f"orders.setting.{name}"), value, words(f"orders.level.{chosen.levels[name]}"))
        for name, value in _values(chosen, words).items()
    )
    title = words("orders.setting.title", what=_named(view))
    blocks: tuple[Block, ...] = (Facts(facts), *_unseen([view], words), Note(words("orders.setting.hint")))
    return Card(title, "info", blocks, _undo(batch, words), language=words.language)


def _named(view: SettingView) -> str:
    return f"{view.what} {view.setting.variant}".strip()


def settings_card(views: Sequence[SettingView], words: Words, *, batch: str = "") -> Card:
    """What goes for several of them."""
    title = words("orders.setting.title", what=words("orders.setting.several", count=len(views)))
    return Card(title, "info", _lines(views, words), _undo(batch, words), language=words.language)


def preview_card(views: Sequence[SettingView], seen: Outlook, save: str, words: Words) -> Card:
    """What a change would do; ``save`` is the command that does it."""
    said = words("orders.preview.text", go=seen.go, stop=seen.stop, rehearse=seen.rehearse)
    looked = words("orders.preview.all" if seen.is_all else "orders.preview.some", count=seen.looked_at)
    action = Action(words("orders.button.save"), save, "primary")
    blocks = (Text(said), *_lines(views, words), Note(looked))
    return Card(words("orders.preview.title"), "warning", blocks, (action,), language=words.language)


def undone_card(changes: Sequence[ChangeSeen], words: Words) -> Card:
    """What was taken back."""
    lines = "\n".join(f"- {plain(_what(each.change.after, words))}：{plain(_change(each, words))}" for each in changes)
    return Card(words("orders.setting.undone"), "good", (Text(lines),), language=words.language)


def _undo(batch: str, words: Words) -> tuple[Action, ...]:
    return (Action(words("orders.button.undo"), words("orders.command.undo", change=batch)),) if batch else ()


def _lines(views: Sequence[SettingView], words: Words) -> tuple[Text | Note, ...]:
    shown = "\n".join(
        f"- **{plain(_named(view))}**：{plain(' · '.join(_line(view.effective, words)))}" for view in views[:MOST_SHOWN]
    )
    more = len(views) - MOST_SHOWN
    cut = (Note(words("orders.setting.more", count=more)),) if more > 0 else ()
    return (Text(shown), *cut, *_unseen(views, words))


def _unseen(views: Sequence[SettingView], words: Words) -> tuple[Note, ...]:
    """A line about items that may be mistyped, or set up ahead."""
    items = tuple(dict.fromkeys(view.setting.item_id for view in views if view.is_unseen))
    named = words("orders.separator").join(items[:MOST_SHOWN]) + "…" * (len(items) > MOST_SHOWN)
    return (Note(words("orders.setting.unseen", items=plain(named))),) if items else ()


def _line(chosen: Effective, words: Words) -> Iterator[str]:
    """What goes, in short: what says nothing is left out."""
    for name, value in _values(chosen, words).items():
        if value != _NOTHING:
            yield f"{words(f'orders.setting.{name}')} {value}" if name in ("template", "stock", "low_stock") else value


def _values(chosen: Effective, words: Words) -> dict[str, str]:
    last = max(chosen.delay_from, chosen.delay_to)
    return {
        "mode": words(f"orders.mode.{chosen.mode}"),
        "delay_from": _seconds(chosen.delay_from, last, words),
        "express_code": chosen.express_code or _NOTHING,
        "template": _NOTHING if chosen.template == PLAIN_TEMPLATE else chosen.template,
        "stock": _NOTHING if chosen.stock is None else str(chosen.stock),
        "low_stock": str(chosen.low_stock or _NOTHING),
    }


def _seconds(first: int, last: int, words: Words) -> str:
    return words("orders.seconds", first=first, last=last) if first != last else words("orders.seconds_sharp", n=first)


def setting_table(rows: Sequence[tuple[SettingView, str]], total: int, words: Words) -> Table:
    """The levels at which something is set, each with its item's title and what goes there."""
    columns = tuple(Column(words(f"orders.setting.column.{name}"), kind) for name, kind in _COLUMNS.items())
    return Table(columns, tuple(_row(view, title, words) for view, title in rows), total)


def _row(view: SettingView, title: str, words: Words) -> tuple[Cell, ...]:
    setting, chosen = view.setting, view.effective
    values = _values(chosen, words)
    own = {name: words(f"orders.level.{level}") for name, level in chosen.levels.items()}
    return (
        words(f"orders.setting.at.{_level_of(setting)}"),
        _what(setting, words),
        title or None,
        Level(_with(values["mode"], setting.mode is None, own["mode"]), _TONES.get(chosen.mode, "neutral")),
        _with(values["delay_from"], setting.delay_from is None, own["delay_from"]),
        _with(values["express_code"], setting.express_code is None, own["express_code"]),
        _with(values["stock"], setting.stock is None, own["stock"]),
        _with(values["low_stock"], setting.low_stock is None, own["low_stock"]),
        _with(values["template"], setting.template is None, own["template"]),
    )


def _with(value: str, is_from_above: bool, level: str) -> str:
    return f"{value}（{level}）" if is_from_above and value != _NOTHING else value


def _level_of(setting: ShippingSetting) -> str:
    if setting.account_id:
        return "shop"
    return ("variant" if setting.variant else "item") if setting.item_id else "default"


def _what(setting: ShippingSetting, words: Words) -> str:
    if not (setting.account_id or setting.item_id):
        return words("orders.setting.default")
    return f"{setting.item_id} {setting.variant}".strip() if setting.variant else name_of(setting)


def edit_form(words: Words) -> Form:
    """What several levels can be given at once, to be looked at before it is saved."""
    modes = tuple((mode, words(f"orders.mode.{mode}")) for mode in ("auto", "manual", "shadow"))
    above = ("above", words("orders.setting.above"))
    fields = (
        Field("what", words("orders.field.what")),
        Field("mode", words("orders.setting.mode"), "select", options=(*modes, above)),
        Field("delay", words("orders.field.delay")),
        Field("company", words("orders.field.company")),
        Field("stock", words("orders.setting.stock")),
        Field("low_stock", words("orders.setting.low_stock")),
        Field("template", words("orders.field.template", keys=PLAIN_TEMPLATE)),
    )
    return Form(fields, Action(words("orders.button.preview"), words("orders.command.preview")))


def undo_form(words: Words) -> Form:
    """Takes ticked changes back."""
    return Form((), Action(words("orders.button.undo"), words("orders.command.undo", change="").strip()))


def change_table(changes: Sequence[ChangeSeen], total: int, words: Words) -> Table:
    """Who changed what from what to what."""
    columns = tuple(Column(words(f"orders.changes.{name}"), kind) for name, kind in _CHANGES.items())
    return Table(columns, tuple(_change_row(each, words) for each in changes), total)


def _change_row(seen: ChangeSeen, words: Words) -> tuple[Cell, ...]:
    change = seen.change
    undone = words("orders.changes.undone", name=seen.undone_by) if change.undone_at else words("orders.changes.stands")
    state = Level(undone, "neutral" if change.undone_at else "good")
    return (change.at, seen.name, _what(change.after, words), _change(seen, words), state)


def _change(seen: ChangeSeen, words: Words) -> str:
    found = differences(seen.change.before, seen.change.after).items()
    said = (
        f"{words(f'orders.setting.{name}')} {_said(old, words)} → {_said(new, words)}" for name, (old, new) in found
    )
    return "；".join(said)


def _said(value: object, words: Words) -> str:
    if value is None:
        return "—"
    return words(f"orders.mode.{value}") if value in ("auto", "manual", "shadow") else str(value)
