"""Figures as short text, alike on every channel: cells in the reader's language, sparklines, progress bars."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from math import isfinite
from typing import assert_never

from bot.contracts.cards import Cell, Chart, Column, Level, Progress, Series
from bot.contracts.feature import Words

UNKNOWN = "—"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_GAP = "·"
_BAR_STEPS = 10
_WIDEST_SPARKLINE = 60
_LARGEST_IN_WORDS = 10**18  # beyond it nobody reads digits


def cell_text(cell: Cell, column: Column, words: Words) -> str:
    """The cell as text; what is not known is a dash."""
    match cell:
        case None:
            return UNKNOWN
        case str():
            return cell
        case int() | Decimal():
            return _number(Decimal(cell), column.precision, words)
        case datetime():
            return words.moment(cell)
        case date():
            return words.date(cell)
        case Level():
            return cell.label
        case _:
            assert_never(cell)


def sparkline(values: Sequence[float | None]) -> str:
    """The values as a row of bars, lowest to highest; a gap is a dot.

    Note: more than 60 values are averaged into 60 stretches.
    """
    values = [value if value is not None and isfinite(value) else None for value in values]
    shown = _stretches(values) if len(values) > _WIDEST_SPARKLINE else values
    known = [value for value in shown if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    step = (high - low) / (len(_HEIGHTS) - 1) or 1.0
    return "".join(_GAP if value is None else _HEIGHTS[round((value - low) / step)] for value in shown)


def chart_lines(chart: Chart, words: Words) -> tuple[str, ...]:
    """A chart where only text can be shown: title, span of the labels, then per series its sparkline and range."""
    span = f"{chart.labels[0]} – {chart.labels[-1]}" if chart.labels else ""
    heading = "  ".join(part for part in (chart.title, span) if part)
    return (heading, *(_series_line(series, chart.unit, words) for series in chart.series))


def progress_bar(progress: Progress) -> str:
    """Done and total steps as a bar and figures; without a total only what is done."""
    if progress.total <= 0:
        return f"{progress.label} {progress.done}…"
    filled = _BAR_STEPS * min(max(progress.done, 0), progress.total) // progress.total
    bar = "▓" * filled + "░" * (_BAR_STEPS - filled)
    return f"{progress.label} {bar} {progress.done}/{progress.total}"


def _number(value: Decimal, precision: int, words: Words) -> str:
    if not value.is_finite():
        return UNKNOWN
    return words.number(value, precision) if abs(value) < _LARGEST_IN_WORDS else str(value)


def _series_line(series: Series, unit: str, words: Words) -> str:
    known = [value for value in (*series.values, *series.upper) if value is not None and isfinite(value)]
    extent = f"{_figure(min(known), words)} – {_figure(max(known), words)}" if known else UNKNOWN
    return "  ".join(part for part in (series.name, sparkline(series.values), extent, unit) if part)


def _figure(value: float, words: Words) -> str:
    return _number(Decimal(value), 0 if value == round(value) else 1, words)


def _stretches(values: Sequence[float | None]) -> list[float | None]:
    edges = [index * len(values) // _WIDEST_SPARKLINE for index in range(_WIDEST_SPARKLINE + 1)]
    return [_mean(values[start:end]) for start, end in pairwise(edges)]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
