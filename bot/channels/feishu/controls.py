"""Buttons and forms. A button carries only its server-side token; a field's name tells its kind on the way back."""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from bot.channels.feishu.lines import literal_lines, markdown_elements
from bot.channels.markup import sendable, short
from bot.contracts.cards import Action, Field, Form

Element = dict[str, Any]

_LONGEST_LABEL = 100
_LONGEST_INPUT = 1000
_BUTTONS_PER_ROW = 6
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def button_rows(actions: Sequence[Action]) -> Iterator[Element]:
    """The buttons side by side, wrapping; a label too long for a button is also written out above."""
    for start in range(0, len(actions), _BUTTONS_PER_ROW):
        row = actions[start : start + _BUTTONS_PER_ROW]
        yield from _written_out(row)
        columns = [{"tag": "column", "width": "auto", "elements": [_button(action)]} for action in row]
        yield {"tag": "column_set", "flex_mode": "flow", "columns": columns}


def can_be_form(form: Form) -> bool:
    """False if an input could not hold its present value: such a form is shown as its usage line."""
    return all(field.name and len(field.value) <= _LONGEST_INPUT for field in form.fields)


def form_element(form: Form, numbers: "count[int]") -> Element:
    """The form; ``numbers`` makes names unique within the card."""
    number = next(numbers)
    fields = [element for field in form.fields for element in _field(field, next(numbers))]
    submit = _button(form.submit) | {"name": f"submit{number}", "form_action_type": "submit"}
    return {"tag": "form", "name": f"form{number}", "elements": [*fields, *_written_out([form.submit]), submit]}


def plain_text(text: str) -> Element:
    """A text object without markup."""
    return {"tag": "plain_text", "content": sendable(text)}


def _written_out(actions: Sequence[Action]) -> Iterator[Element]:
    for action in actions:
        if len(sendable(action.label)) > _LONGEST_LABEL:
            yield from markdown_elements(literal_lines(action.label))


def _button(action: Action) -> Element:
    button: Element = {
        "tag": "button",
        "text": plain_text(short(action.label, _LONGEST_LABEL) or "…"),
        "type": action.style,
        "behaviors": [{"type": "callback", "value": {"token": action.token}}],
    }
    if action.confirm:
        button["confirm"] = {"title": button["text"], "text": plain_text(action.confirm)}
    return button


def _field(field: Field, number: int) -> Iterator[Element]:
    label = (field.label or field.name) + (" *" if field.required else "")
    yield from markdown_elements(literal_lines(label))
    name = f"f{number}_{field.kind}_{sendable(field.name)}"
    if field.kind == "select" and field.options:
        yield _select(field, name)
    elif field.kind == "date":
        day = {"initial_date": field.value} if _DAY.fullmatch(field.value) else {}
        yield {"tag": "date_picker", "name": name, **day}
    else:
        value = {"default_value": sendable(field.value)} if field.value else {}
        yield {"tag": "input", "name": name, "required": field.required, "width": "fill", **value}


def _select(field: Field, name: str) -> Element:
    options = [{"text": plain_text(label or value), "value": sendable(value)} for value, label in field.options]
    chosen = {"initial_option": field.value} if field.value in dict(field.options) else {}
    return {"tag": "select_static", "name": name, "options": options, **chosen}
