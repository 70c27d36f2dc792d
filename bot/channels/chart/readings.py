"""What a pointer reads off a chart, label by label. Shown by the page's style sheet alone, without a script."""

from collections.abc import Iterator

from bot.channels.chart.drawing import fitting, number, path, text
from bot.channels.chart.layout import Layout
from bot.channels.chart.scale import figure
from bot.channels.figures import UNKNOWN
from bot.contracts.cards import Chart, Series
from bot.contracts.feature import Words

_LONGEST_NAME = 90
_MOST_NAMED = 6


def readings(chart: Chart, layout: Layout, words: Words) -> Iterator[str]:
    """One group per label: the area that the pointer meets, a guide, a dot per value, and the reading in words."""
    for index, label in enumerate(layout.labels):
        told = "  ".join((label, *_told(chart, layout, index, words), chart.unit)).strip()
        shown = text("reading", layout.left + layout.width, layout.top - 8, fitting(told, layout.width), "end")
        area = layout.stretch("hit", range(index, index + 1))
        yield f'<g class="slot">{area}{_guide(layout, index)}{"".join(_dots(layout, index))}{shown}</g>'


def _told(chart: Chart, layout: Layout, index: int, words: Words) -> Iterator[str]:
    named = len(chart.series) > 1
    for series, (values, upper) in list(zip(chart.series, layout.values, strict=True))[:_MOST_NAMED]:
        low, high = values[index], upper[index]
        shown = UNKNOWN if low is None else figure(low, words)
        if high is not None:
            shown += f"–{figure(high, words)}"
        yield f"{_name(series)} {shown}" if named else shown


def _name(series: Series) -> str:
    return fitting(series.name, _LONGEST_NAME)


def _guide(layout: Layout, index: int) -> str:
    if layout.is_lying:
        return ""
    return path("guide", f"M{number(layout.along(index))},{number(layout.top)}v{number(layout.height)}")


def _dots(layout: Layout, index: int) -> Iterator[str]:
    for series_number, pair in enumerate(layout.values):
        for value in (each[index] for each in pair):
            if value is not None and not layout.is_lying:
                x, y = layout.point(index, value).split(",")
                yield f'<circle class="dot s{series_number % 6}" cx="{x}" cy="{y}" r="3.5"/>'
