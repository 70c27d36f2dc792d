"""Axes with round numbers, and values as people read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from bot.contracts.cards import Chart
from bot.contracts.feature import Words

_INTERVALS = 4
_ROUND_STEPS = (1, 2, 2.5, 5, 10)
_LARGEST = 1e15
_FLAT = 1e-9

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high`` with a tick every ``step``."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        """Where ``value`` lies between the ends: 0 at ``low``, 1 at ``high``."""
        return (value - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> tuple[float, ...]:
        count = round((self.high - self.low) / self.step)
        return tuple(self.low + number * self.step for number in range(count + 1))

    @property
    def decimals(self) -> int:
        """How many decimals the ticks need."""
        return next((places for places in range(9) if round(self.step, places) == self.step), 9)


def drawable(values: Sequence[float | None], length: int) -> Values:
    """``length`` values; what is missing, no number, or beyond 10^15 leaves a gap."""
    known = (value if value is not None and isfinite(value) and abs(value) < _LARGEST else None for value in values)
    return (*known, *(None,) * max(0, length - len(values)))[:length]


def scale_of(chart: Chart) -> Scale:
    """The axis of a chart's values. It begins at zero, except for lines that stay far above it."""
    every = [drawable(values, len(values)) for series in chart.series for values in (series.values, series.upper)]
    known = [value for values in every for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if chart.kind != "line" or low < high / 2 or high - low <= _FLAT * max(abs(low), abs(high)):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < _FLAT:
        high = low + 1
    step = _round_step((high - low) / _INTERVALS, is_whole=all(value == int(value) for value in known))
    return Scale(floor(low / step) * step, ceil(high / step) * step, step)


def _round_step(least: float, *, is_whole: bool) -> float:
    power = 10.0 ** floor(log10(least))
    step = next(factor * power for factor in _ROUND_STEPS if factor * power >= least * (1 - _FLAT))
    return max(1.0, float(ceil(step))) if is_whole else step


def runs(values: Iterable[object]) -> list[range]:
    """The stretches of indexes whose values are known."""
    found: list[range] = []
    for index, value in enumerate(values):
        if value is None:
            continue
        if found and found[-1].stop == index:
            found[-1] = range(found[-1].start, index + 1)
        else:
            found.append(range(index, index + 1))
    return found


def amount(value: float, words: Words, decimals: int) -> str:
    """A value with ``decimals``."""
    return words.number(round(value, decimals) + 0.0, decimals)


def figure(value: float, words: Words) -> str:
    """A value with no more decimals than it needs, at most two."""
    return amount(value, words, next((places for places in range(2) if round(value, places) == value), 2))
