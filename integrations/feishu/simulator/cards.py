"""What the platform accepts as a card of JSON 2.0; everything else is refused with its sub-code.

Source: reference section 8; sub-codes from section 6.2. Which sub-code an unknown property gets is assumed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from integrations.feishu.simulator.charts import chart_problem
from integrations.feishu.simulator.shapes import (
    CELLS,
    ELEMENTS,
    ROOT,
    SYNTAX,
    CardProblem,
    Properties,
    check_object,
    is_element_id,
    is_text,
)

MOST_ELEMENTS = 200
MOST_TABLES = 5
MOST_NESTING = 5

TOO_MANY = 11310
GONE = 200861
NAMELESS = 200530
BAD_ROW = 200914
BAD_CHART = 200550
_MARKDOWN_TABLE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*\|", re.MULTILINE)
_INTERACTIVE = ("button", "input", "select_static", "date_picker")
_CONTAINERS = ("form", "column_set", "column")
_COMMON: Properties = {"tag": is_text, "element_id": is_element_id}


def check_card(content: str) -> None:
    """Return if the platform would show the card. Raises: CardProblem."""
    try:
        card = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CardProblem(SYNTAX, "card json syntax") from error
    check_object(card, ROOT, ("schema", "body"), "card")
    elements = card["body"]["elements"]
    _check_counts(elements)
    _check_names(elements)
    _check_level(elements, root=True, form=False, depth=1)


def _check_level(elements: list[Any], *, root: bool, form: bool, depth: int) -> None:
    if depth > MOST_NESTING + 1:
        raise CardProblem(TOO_MANY, "containers nest too deeply")
    for element in elements:
        _check_element(element, root=root, form=form)
        tag = element["tag"]
        if tag in _CONTAINERS:
            children = element["columns" if tag == "column_set" else "elements"]
            if tag == "column_set" and any(_tag(child) != "column" for child in children):
                raise CardProblem(SYNTAX, "column_set holds columns only")
            _check_level(children, root=False, form=form or tag == "form", depth=depth + 1)


def _check_element(element: Any, *, root: bool, form: bool) -> None:
    tag = _tag(element)
    if tag not in ELEMENTS:
        raise CardProblem(GONE, f"not an element of 2.0: {tag}")
    properties, required = ELEMENTS[tag]
    check_object(element, {**_COMMON, **properties}, required, tag)
    if tag in ("table", "form") and not root:
        raise CardProblem(SYNTAX, f"{tag} stands at the root only")
    if form and tag in _INTERACTIVE and not element.get("name"):
        raise CardProblem(NAMELESS, f"{tag} in a form has no name")
    if not form and (element.get("required") or "form_action_type" in element):
        raise CardProblem(SYNTAX, f"{tag} is not in a form")
    if (further := _FURTHER.get(tag)) is not None:
        further(element)


def _check_table(table: Mapping[str, Any]) -> None:
    types = {column["name"]: column["data_type"] for column in table["columns"]}
    if not types or len(types) < len(table["columns"]):
        raise CardProblem(SYNTAX, "column names are missing or repeated")
    for row in table["rows"]:
        if not isinstance(row, dict) or not row.keys() <= types.keys():
            raise CardProblem(BAD_ROW, "a row has a column that is not there")
        if wrong := [name for name, value in row.items() if not CELLS[types[name]](value)]:
            raise CardProblem(BAD_ROW, f"a row has a wrong {types[wrong[0]]}")


def _check_form(form: Mapping[str, Any]) -> None:
    actions = [element.get("form_action_type") for element in _walk(form["elements"]) if _tag(element) == "button"]
    if "submit" not in actions:
        raise CardProblem(SYNTAX, "a form without a submit button")


def _check_select(select: Mapping[str, Any]) -> None:
    values = [option["value"] for option in select["options"]]
    if not values or select.get("initial_option", values[0]) not in values:
        raise CardProblem(SYNTAX, "select_static without options, or with an unknown initial_option")


def _check_chart(chart: Mapping[str, Any]) -> None:
    if problem := chart_problem(chart["chart_spec"]):
        raise CardProblem(BAD_CHART, f"chart_spec invalid: {problem}")


_FURTHER: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "table": _check_table,
    "chart": _check_chart,
    "form": _check_form,
    "select_static": _check_select,
}


def _check_counts(elements: list[Any]) -> None:
    tables = 0
    for count, element in enumerate(_walk(elements), start=1):
        tables += _tag(element) == "table"
        tables += len(_MARKDOWN_TABLE.findall(str(element.get("content", ""))))
        if count > MOST_ELEMENTS:
            raise CardProblem(TOO_MANY, "element count over limit")
    if tables > MOST_TABLES:
        raise CardProblem(TOO_MANY, "table number over limit")


def _check_names(elements: list[Any]) -> None:
    seen: set[object] = set()
    for element in _walk(elements):
        names = [(kind, element[kind]) for kind in ("name", "element_id") if kind in element]
        if repeated := seen.intersection(names):
            raise CardProblem(SYNTAX, f"repeated {repeated}")
        seen.update(names)


def _walk(elements: Any) -> Iterator[dict[str, Any]]:
    """Every element, nested ones after their container."""
    for element in elements if isinstance(elements, list) else ():
        if isinstance(element, dict):
            yield element
            yield from _walk(element.get("columns") if _tag(element) == "column_set" else element.get("elements"))


def _tag(element: Any) -> str:
    tag = element.get("tag") if isinstance(element, dict) else None
    return tag if isinstance(tag, str) else ""
