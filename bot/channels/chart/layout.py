"""Where on a chart what stands. Units: the SVG's own, of which it is 640 wide."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from bot.channels.chart.drawing import fitting, number, path, rect, text, width_of
from bot.channels.chart.scale import Scale, Values, amount, drawable, runs, scale_of
from bot.channels.markup import sendable
from bot.contracts.cards import Chart
from bot.contracts.feature import Words

WIDTH: Final = 640
_PLOT_HEIGHT = 170
_ABOVE = 24
_BELOW = 24
_RIGHT = 14
_LABEL_GAP = 14
_BAR = 13
_BAR_GAP = 9
_WIDEST_LABEL = 210
_PHONE_LABELS = 1.3  # the console writes so much larger on a phone
_MOST_LYING = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """The plot's rectangle, its axis and one slot per label. ``is_lying`` bars grow to the right, label before bar.

    ``values`` are those of every series with the upper ends behind them, one per label.
    """

    scale: Scale
    labels: tuple[str, ...]
    values: tuple[tuple[Values, Values], ...]
    unit: str
    left: float
    top: float
    width: float
    height: float
    is_lying: bool

    @classmethod
    def of(cls, chart: Chart, words: Words, *, top: float) -> "Layout":
        """The layout of a chart whose drawing begins at ``top``."""
        count = max([len(chart.labels), *(len(series.values) for series in chart.series)])
        labels = (*chart.labels, *("",) * (count - len(chart.labels)))
        values = tuple((drawable(each.values, count), drawable(each.upper, count)) for each in chart.series)
        scale = scale_of(chart)
        widest = max((width_of(sendable(label)) for label in labels), default=0.0)
        is_lying = chart.kind == "bar" and 0 < count <= _MOST_LYING and widest + _LABEL_GAP > (WIDTH - 60) / count
        ticks = max(width_of(amount(tick, words, scale.decimals)) for tick in scale.ticks)
        left = (_PHONE_LABELS * min(widest, _WIDEST_LABEL) if is_lying else ticks) + _LABEL_GAP
        right = ticks + _RIGHT if is_lying else max(_RIGHT, min(widest, _WIDEST_LABEL) / 2)
        height = count * (len(chart.series) * _BAR + _BAR_GAP) if is_lying else _PLOT_HEIGHT
        return cls(scale, labels, values, chart.unit, left, top + _ABOVE, WIDTH - left - right, height, is_lying)

    @property
    def bottom(self) -> float:
        return self.top + self.height + _BELOW

    @property
    def slot(self) -> float:
        """The share of the plot that one label has, along the labels."""
        return (self.height if self.is_lying else self.width) / max(1, len(self.labels))

    @property
    def unknown(self) -> list[range]:
        """Stretches of labels of which no series knows a value; lying bars say so one by one."""
        if self.is_lying or not self.values:
            return []
        known = zip(*(lower for lower, _ in self.values), strict=True)
        return runs(None if any(value is not None for value in each) else True for each in known)

    @property
    def labelled(self) -> Sequence[int]:
        """The indexes whose labels are written: as many as fit, the last one always."""
        count = len(self.labels)
        if self.is_lying or not count:
            return range(count)
        widest = max(min(width_of(sendable(label)), _WIDEST_LABEL) for label in self.labels)
        step = ceil(count / max(1, int(self.width / (widest + _LABEL_GAP))))
        return range((count - 1) % step, count, step)

    def along(self, index: float) -> float:
        """The middle of a slot, along the labels."""
        return (self.top if self.is_lying else self.left) + (index + 0.5) * self.slot

    def across(self, value: float) -> float:
        """Where a value lies, across the labels."""
        share = self.scale.share(value)
        return self.left + share * self.width if self.is_lying else self.top + (1 - share) * self.height

    def point(self, index: int, value: float) -> str:
        """A point of a path: ``x,y``."""
        return f"{number(self.along(index))},{number(self.across(value))}"

    def line_across(self, look: str, value: float) -> str:
        """A line over the whole plot at ``value``."""
        at = number(self.across(value))
        if self.is_lying:
            return path(look, f"M{at},{number(self.top)}v{number(self.height)}")
        return path(look, f"M{number(self.left)},{at}h{number(self.width)}")

    def tick_label(self, value: float, shown: str) -> str:
        """The number beside a line of the grid."""
        at = self.across(value)
        if self.is_lying:
            return text("tick", at, self.top + self.height + 15, shown, "middle")
        return text("tick", self.left - 6, at + 4, shown, "end")

    def label(self, index: int) -> str:
        """One label beside its slot."""
        shown = fitting(self.labels[index], _WIDEST_LABEL)
        if self.is_lying:
            return text("label", self.left - 6, self.along(index) + 4, shown, "end")
        return text("label", self.along(index), self.top + self.height + 15, shown, "middle")

    def stretch(self, look: str, indexes: range) -> str:
        """A rectangle over the slots of ``indexes``, as long as the plot is across."""
        start = self.along(indexes.start - 0.5)
        length = len(indexes) * self.slot
        if self.is_lying:
            return rect(look, 0, start, WIDTH, length)
        return rect(look, start, self.top, length, self.height)
