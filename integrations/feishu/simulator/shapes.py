"""The properties of a card's parts and what each may hold, as tables.

Source: reference sections 8.1 and 8.2. Properties that are not there are unknown, and unknown ones are refused.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Properties = Mapping[str, Callable[[Any], bool]]

SYNTAX = 200621
_ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WIDTH = re.compile(r"auto|fill|default|\d{1,3}(px|%)")
_COLUMN_WIDTH = re.compile(r"auto|weighted|\d{2,3}px")
_ROW_HEIGHT = re.compile(r"low|middle|high|auto|\d{2,3}px")
_CHART_HEIGHT = re.compile(r"auto|[1-9]\d{0,2}px")
_TEMPLATE = re.compile("blue|wathet|turquoise|green|yellow|orange|red|carmine|violet|purple|indigo|grey|default")
_OPTION_COLOUR = re.compile("neutral|blue|turquoise|lime|orange|violet|wathet|green|yellow|red|purple|carmine|indigo")
_BUTTON_TYPE = re.compile("(primary|danger)(_text|_filled)?|default|text|laser")


class CardProblem(ValueError):
    """Why the card could not be built."""

    def __init__(self, sub_code: int, message: str) -> None:
        super().__init__(message)
        self.sub_code = sub_code
        self.message = message


def check_object(value: Any, properties: Properties, required: tuple[str, ...], what: str) -> None:
    """Return if ``value`` has all required and no unknown properties, each as it should be. Raises: CardProblem."""
    if not isinstance(value, dict):
        raise CardProblem(SYNTAX, f"{what} is not an object")
    if missing := [name for name in required if name not in value]:
        raise CardProblem(SYNTAX, f"{what} lacks {missing[0]}")
    for name, given in value.items():
        check = properties.get(name)
        if check is None:
            raise CardProblem(SYNTAX, f"{what} has the unknown property {name}")
        if not check(given):
            raise CardProblem(SYNTAX, f"{what} has a wrong {name}")


_Check = Callable[[Any], bool]


def is_text(value: Any) -> bool:
    """True for any string."""
    return isinstance(value, str)


def is_element_id(value: Any) -> bool:
    """True for a name an element may have: a letter first, at most 20 signs."""
    return isinstance(value, str) and _ELEMENT_ID.fullmatch(value) is not None


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _at_most(longest: int) -> _Check:
    return lambda value: isinstance(value, str) and len(value) <= longest


def _within(least: int, most: int) -> _Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _like(pattern: re.Pattern[str]) -> _Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(*allowed: object) -> _Check:
    return lambda value: value in allowed


def _shape(properties: Properties, *required: str) -> _Check:
    """An object with these properties and no others."""

    def check(value: Any) -> bool:
        check_object(value, properties, required, "object")
        return True

    return check


def _each(check: _Check, most: int | None = None) -> _Check:
    return lambda value: isinstance(value, list) and len(value) <= (most or len(value)) and all(map(check, value))


def _plain_text(longest: int = 100_000) -> _Check:
    return _shape({"tag": _one_of("plain_text"), "content": _at_most(longest)}, "tag", "content")


_ANY_TEXT = _shape({"tag": _one_of("plain_text", "lark_md"), "content": is_text}, "tag", "content")
_BEHAVIOUR = _shape(
    {
        "type": _one_of("callback", "open_url"),
        "value": _is_object,
        "default_url": is_text,
        "pc_url": is_text,
        "ios_url": is_text,
        "android_url": is_text,
    },
    "type",
)
_ALIGN = _one_of("left", "center", "right")
_TEXT_TAG = _shape({"tag": _one_of("text_tag"), "text": _ANY_TEXT, "color": is_text}, "tag", "text")

ROOT: Properties = {
    "schema": _one_of("2.0"),
    "config": _shape(
        {
            "streaming_mode": _is_flag,
            "streaming_config": _is_object,
            "summary": _shape({"content": is_text}, "content"),
            "locales": _is_list,
            "enable_forward": _is_flag,
            "update_multi": _one_of(True),
            "width_mode": _one_of("compact", "fill", "default"),
            "enable_forward_interaction": _is_flag,
            "style": _is_object,
        }
    ),
    "card_link": _shape({"url": is_text, "android_url": is_text, "ios_url": is_text, "pc_url": is_text}),
    "header": _shape(
        {
            "title": _ANY_TEXT,
            "subtitle": _ANY_TEXT,
            "text_tag_list": _each(_TEXT_TAG, 3),
            "template": _like(_TEMPLATE),
            "icon": _is_object,
            "padding": is_text,
        },
        "title",
    ),
    "body": _shape(
        {
            "direction": _one_of("vertical", "horizontal"),
            "padding": is_text,
            "horizontal_spacing": is_text,
            "vertical_spacing": is_text,
            "horizontal_align": _ALIGN,
            "vertical_align": is_text,
            "elements": _is_list,
        },
        "elements",
    ),
}
_COLUMN = _shape(
    {
        "name": is_text,
        "display_name": is_text,
        "width": _like(_WIDTH),
        "data_type": _one_of("text", "lark_md", "options", "number", "persons", "date", "markdown"),
        "horizontal_align": _ALIGN,
        "vertical_align": is_text,
        "format": _shape({"symbol": _at_most(1), "precision": _within(0, 10), "separator": _is_flag}),
        "date_format": is_text,
    },
    "name",
    "data_type",
)
_OPTION = _shape({"text": _plain_text(), "value": is_text}, "text", "value")

ELEMENTS: Mapping[str, tuple[Properties, tuple[str, ...]]] = {
    "hr": ({}, ()),
    "markdown": (
        {"content": is_text, "text_size": is_text, "text_align": _ALIGN, "icon": _is_object},
        ("content",),
    ),
    "table": (
        {
            "page_size": _within(1, 10),
            "row_height": _like(_ROW_HEIGHT),
            "row_max_height": is_text,
            "freeze_first_column": _is_flag,
            "header_style": _is_object,
            "columns": _each(_COLUMN, 50),
            "rows": _is_list,
        },
        ("columns", "rows"),
    ),
    "chart": (
        {
            "chart_spec": _is_object,
            "aspect_ratio": _one_of("1:1", "2:1", "4:3", "16:9"),
            "color_theme": _one_of("brand", "rainbow", "complementary", "converse", "primary"),
            "preview": _is_flag,
            "height": _like(_CHART_HEIGHT),
        },
        ("chart_spec",),
    ),
    "column_set": (
        {
            "flex_mode": _one_of("none", "stretch", "flow", "bisect", "trisect"),
            "horizontal_spacing": is_text,
            "columns": _is_list,
        },
        ("columns",),
    ),
    "column": (
        {"width": _like(_COLUMN_WIDTH), "weight": _within(1, 5), "elements": _is_list},
        ("elements",),
    ),
    "form": ({"name": is_text, "elements": _is_list}, ("name", "elements")),
    "button": (
        {
            "name": is_text,
            "text": _plain_text(100),
            "type": _like(_BUTTON_TYPE),
            "size": _one_of("tiny", "small", "medium", "large"),
            "width": _like(_WIDTH),
            "icon": _is_object,
            "disabled": _is_flag,
            "disabled_tips": _is_object,
            "hover_tips": _is_object,
            "confirm": _shape({"title": _plain_text(), "text": _plain_text()}, "title", "text"),
            "behaviors": _each(_BEHAVIOUR),
            "form_action_type": _one_of("submit", "reset"),
        },
        ("text",),
    ),
    "input": (
        {
            "name": is_text,
            "required": _is_flag,
            "placeholder": _plain_text(100),
            "default_value": _at_most(1000),
            "max_length": _within(1, 1000),
            "input_type": _one_of("text", "multiline_text", "password"),
            "rows": _is_number,
            "label": _plain_text(),
            "width": _like(_WIDTH),
        },
        (),
    ),
    "select_static": (
        {
            "name": is_text,
            "options": _each(_OPTION),
            "initial_option": is_text,
            "placeholder": _plain_text(100),
            "type": _one_of("default", "text"),
            "behaviors": _each(_BEHAVIOUR),
        },
        ("options",),
    ),
    "date_picker": (
        {"name": is_text, "initial_date": _like(_DAY), "placeholder": _plain_text(100)},
        (),
    ),
}
CELLS: Properties = {
    "text": is_text,
    "lark_md": is_text,
    "markdown": is_text,
    "number": _is_number,
    "date": _within(0, 10**14),
    "options": _each(_shape({"text": is_text, "color": _like(_OPTION_COLOUR)}, "text")),
    "persons": lambda value: isinstance(value, str | list),
}
"""What a row may hold, by the data type of its column."""
