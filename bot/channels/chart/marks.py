"""The values themselves: lines, areas, bands and bars."""

from collections.abc import Iterator
from itertools import chain

from bot.channels.chart.drawing import path, rect, text
from bot.channels.chart.layout import Layout
from bot.channels.chart.scale import Values, figure, runs
from bot.channels.figures import UNKNOWN
from bot.contracts.cards import Chart
from bot.contracts.feature import Words

_STUB = 1.5  # what a zero is shown as; what is not known has no bar at all
_WIDEST_BAR = 40


def marks(chart: Chart, layout: Layout, words: Words) -> Iterator[str]:
    """The marks of every series, in the series' colours ``s0`` to ``s5``."""
    if chart.kind == "bar":
        yield from _bars(layout, words)
        return
    for number, (values, upper) in enumerate(layout.values):
        look = f"s{number % 6}"
        if chart.kind == "area":
            yield path(f"fill {look}", *(_down_to_zero(layout, values, run) for run in runs(values)))
        if chart.kind == "band":
            yield path(f"fill {look}", *_between(layout, values, upper))
            yield path(f"edge {look}", *_lines(layout, upper))
        yield path(f"line {look}", *_lines(layout, values))


def _lines(layout: Layout, values: Values) -> Iterator[str]:
    """A line per stretch of known values; a single value between gaps is a dot."""
    for run in runs(values):
        points = _points(layout, values, run)
        yield f"M{points[0]}" + ("m-1.5,0h3" if len(points) == 1 else "L" + " ".join(points[1:]))


def _down_to_zero(layout: Layout, values: Values, run: range) -> str:
    zero = min(max(0.0, layout.scale.low), layout.scale.high)
    points = [layout.point(run[0], zero), *_points(layout, values, run), layout.point(run[-1], zero)]
    return f"M{' '.join(points)}Z"


def _between(layout: Layout, values: Values, upper: Values) -> Iterator[str]:
    both = [None if None in pair else True for pair in zip(values, upper, strict=True)]
    for run in runs(both):
        there, back = _points(layout, values, run), _points(layout, upper, run)[::-1]
        yield f"M{' '.join(chain(there, back))}Z"


def _points(layout: Layout, values: Values, run: range) -> list[str]:
    return [layout.point(index, value) for index in run if (value := values[index]) is not None]


def _bars(layout: Layout, words: Words) -> Iterator[str]:
    zero = layout.across(min(max(0.0, layout.scale.low), layout.scale.high))
    thick = min(layout.slot * 0.76 / max(1, len(layout.values)), _WIDEST_BAR)
    for number, (values, _) in enumerate(layout.values):
        offset = (number - len(layout.values) / 2) * thick
        for index, value in enumerate(values):
            start = layout.along(index) + offset
            if value is not None:
                yield _bar(layout, f"bar s{number % 6}", start, thick, ends=(zero, layout.across(value)))
            if layout.is_lying:
                end = zero if value is None else max(zero, layout.across(value))
                shown = UNKNOWN if value is None else figure(value, words)
                yield text("value", end + 5, start + thick / 2 + 4, shown)


def _bar(layout: Layout, look: str, start: float, thick: float, *, ends: tuple[float, float]) -> str:
    length, thin = max(abs(ends[0] - ends[1]), _STUB), max(0.5, thick - 1)
    if layout.is_lying:
        return rect(look, min(ends), start, length, thin)
    return rect(look, start, max(ends) - length, thin, length)
