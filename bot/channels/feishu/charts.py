"""Native charts: a description that the client itself draws.

Source: reference section 8.2, element ``chart``; the description is VChart's, of which only plain line, area and bar
charts are used. A band becomes two lines, because areas between two values are not among the documented ones.
"""

from collections.abc import Iterator
from math import isfinite
from typing import Any

from bot.channels.markup import sendable, short
from bot.contracts.cards import Chart, Series

Point = dict[str, str | float | None]

MOST_CHARTS = 5
"""As many as the platform advises for one card."""
_HEAVY_LABELS = 8
_LONGEST_NAME = 40
_LARGEST_WHOLE = 10**15
_TYPES = {"line": "line", "bar": "bar", "area": "area", "band": "line"}


def chart_element(chart: Chart) -> dict[str, Any] | None:
    """The chart element; None if there is nothing to draw."""
    points = list(_points(chart))
    if not any(point["y"] is not None for point in points):
        return None
    return {
        "tag": "chart",
        "aspect_ratio": "16:9" if chart.kind == "bar" else "2:1",
        "color_theme": "brand",
        "chart_spec": _spec(chart, points),
    }


def _spec(chart: Chart, points: list[Point]) -> dict[str, Any]:
    is_lying = chart.kind == "bar" and max(map(len, chart.labels), default=0) > _HEAVY_LABELS
    fields = ("y", "x") if is_lying else ("x", "y")
    title = " · ".join(part for part in (chart.title, chart.unit) if part)
    spec: dict[str, Any] = {
        "type": _TYPES[chart.kind],
        "title": {"text": short(title, 2 * _LONGEST_NAME)},
        "data": {"values": points},
        "xField": fields[0],
        "yField": fields[1],
        "seriesField": "s",
        "legends": {"visible": len(_names(chart)) > 1, "orient": "bottom"},
    }
    if chart.kind != "bar":
        return spec | {"invalidType": "break", "point": {"visible": False}}
    return spec | {"direction": "horizontal" if is_lying else "vertical", "label": {"visible": True}}


def _points(chart: Chart) -> Iterator[Point]:
    """Every label of every series; what is not known is null, which breaks the line."""
    for name, values in _names(chart).items():
        for label, value in zip(_labels(chart), values, strict=False):
            yield {"x": label, "y": _amount(value), "s": name}


def _amount(value: float | None) -> float | None:
    if value is None or not isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < _LARGEST_WHOLE else value


def _names(chart: Chart) -> dict[str, tuple[float | None, ...]]:
    """The values by a name of their own: two series of one name would be drawn as one."""
    found: dict[str, tuple[float | None, ...]] = {}
    for name, values in (pair for series in chart.series for pair in _ends(series)):
        plain = short(name, _LONGEST_NAME)
        number = sum(each == plain or each.startswith(f"{plain} (") for each in found)
        found[f"{plain} ({number + 1})" if number else plain] = values
    return found


def _ends(series: Series) -> Iterator[tuple[str, tuple[float | None, ...]]]:
    if not series.upper:
        yield series.name, series.values
        return
    yield f"{series.name} ↓".strip(), series.values
    yield f"{series.name} ↑".strip(), series.upper


def _labels(chart: Chart) -> list[str]:
    """Labels of their own, for the same reason."""
    seen: dict[str, int] = {}
    labels = []
    for label in (short(sendable(each), _LONGEST_NAME) for each in chart.labels):
        seen[label] = seen.get(label, 0) + 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return labels
