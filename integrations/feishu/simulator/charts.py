"""What the platform accepts as the description of a chart.

Source: reference section 8.2, element ``chart``: VChart JSON without functions. The types that are checked are those
of the platform's own chart page; that it looks into the values is assumed, so that a chart nobody could see fails here.
"""

from collections.abc import Mapping
from typing import Any

_TYPES = ("line", "area", "bar", "pie", "radar", "scatter", "funnel", "linearProgress", "circularProgress", "wordCloud")
_WITH_AXES = ("line", "area", "bar", "scatter")
_FUNCTION = ("function", "=>")


def chart_problem(spec: Mapping[str, Any]) -> str:
    """Why the description is refused; empty if it is not."""
    if spec.get("type") not in _TYPES:
        return "type"
    if any(sign in text for text in _texts({**spec, "data": None, "title": None}) for sign in _FUNCTION):
        return "a function"
    values = _values(spec.get("data"))
    if not values or not all(isinstance(each, dict) for each in values):
        return "data.values"
    return _field_problem(spec, values) if spec["type"] in _WITH_AXES else ""


def _values(data: Any) -> list[Any] | None:
    data = data[0] if isinstance(data, list) and data else data
    values = data.get("values") if isinstance(data, dict) else None
    return values if isinstance(values, list) else None


def _field_problem(spec: Mapping[str, Any], values: list[dict[str, Any]]) -> str:
    is_lying = spec.get("direction", "vertical") == "horizontal"
    label, amount = ("yField", "xField") if is_lying else ("xField", "yField")
    names = [spec[each] for each in (label, amount, "seriesField") if each in spec]
    if label not in spec or amount not in spec or any(not isinstance(name, str) for name in names):
        return "fields"
    if any(name not in value for value in values for name in names):
        return "a value lacks a field"
    return "" if all(_is_amount(value[spec[amount]]) for value in values) else "a value is no number"


def _is_amount(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for each in inner for text in _texts(each)]
