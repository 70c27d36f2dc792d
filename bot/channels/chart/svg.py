"""A chart as one SVG: axes, gaps where nothing is known, a legend, and a reading for every label under the pointer."""

from collections.abc import Iterator
from html import escape

from bot.channels.chart.drawing import fitting, rect, text, width_of
from bot.channels.chart.layout import WIDTH, Layout
from bot.channels.chart.marks import marks
from bot.channels.chart.readings import readings
from bot.channels.chart.scale import amount
from bot.channels.figures import chart_lines
from bot.channels.markup import sendable
from bot.contracts.cards import Chart
from bot.contracts.feature import Words

_LEGEND_LINE = 18
_TITLE_LINE = 24
_SWATCH = 18
_BETWEEN = 28
_LONGEST_NAME = 180

STANDALONE_STYLE = (
    'text{font:15px "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","WenQuanYi Micro Hei",'
    '"DejaVu Sans",sans-serif;fill:#6d6a62}'
    ".title{font-size:17px;font-weight:600;fill:#22262b}.value{fill:#22262b}.paper{fill:#fffdf8}"
    ".grid{stroke:#ded7c8;stroke-width:1;fill:none}.axis{stroke:#a09d95;stroke-width:1;fill:none}"
    ".gap{fill:#ece7db}.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
    ".edge{fill:none;stroke-width:1.5;stroke-dasharray:4 3}.fill{fill-opacity:.16;stroke:none}"
    ".s0{fill:#1f6f5f;stroke:#1f6f5f}.s1{fill:#c9822b;stroke:#c9822b}.s2{fill:#3f6fb0;stroke:#3f6fb0}"
    ".s3{fill:#b5402c;stroke:#b5402c}.s4{fill:#7a5c9e;stroke:#7a5c9e}.s5{fill:#6d6a62;stroke:#6d6a62}"
    ".line.s0,.line.s1,.line.s2,.line.s3,.line.s4,.line.s5{fill:none}.bar{stroke:none}"
    ".edge.s0,.edge.s1,.edge.s2,.edge.s3,.edge.s4,.edge.s5{fill:none}"
    ".fill.s0,.fill.s1,.fill.s2,.fill.s3,.fill.s4,.fill.s5{stroke:none}"
)
"""The console's light colours, for where its style sheet is not; letters are as large as on a phone."""


def chart_svg(chart: Chart, words: Words, *, standalone: bool = False) -> str:
    """The chart as an SVG element, 640 units wide. Values that are not known leave gaps.

    On a page its colours come from the page's style sheet and its title from a caption; ``standalone`` brings both
    along, for pictures, and leaves out what needs a pointer.
    """
    top = _TITLE_LINE if standalone else 0
    layout = Layout.of(chart, words, top=top)
    legend, legend_height = _legend(chart, layout.bottom)
    height = layout.bottom + legend_height
    parts = [
        *(_standing_alone(chart, height) if standalone else ()),
        *_grid(layout, words),
        *_gaps(layout),
        *marks(chart, layout, words),
        *_labels(layout),
        *legend,
        *(() if standalone else readings(chart, layout, words)),
    ]
    size = f' width="{WIDTH}" height="{height:.0f}"' if standalone else ""
    told = escape(sendable("; ".join(chart_lines(chart, words))))
    frame = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"{size}'
    return f'<svg {frame} class="plot" role="img" aria-label="{told}">{"".join(parts)}</svg>'


def _standing_alone(chart: Chart, height: float) -> Iterator[str]:
    yield f"<style>{STANDALONE_STYLE}</style>"
    yield rect("paper", 0, 0, WIDTH, height)
    yield text("title", 12, 20, fitting(chart.title, 0.75 * WIDTH))


def _grid(layout: Layout, words: Words) -> Iterator[str]:
    yield text("unit", layout.left, layout.top - 8, fitting(layout.unit, WIDTH / 3))
    for tick in layout.scale.ticks:
        look = "axis" if tick == 0 else "grid"
        yield layout.line_across(look, tick)
        yield layout.tick_label(tick, amount(tick, words, layout.scale.decimals))


def _gaps(layout: Layout) -> Iterator[str]:
    for stretch in layout.unknown:
        yield layout.stretch("gap", stretch)


def _labels(layout: Layout) -> Iterator[str]:
    for index in layout.labelled:
        yield layout.label(index)


def _legend(chart: Chart, y: float) -> tuple[list[str], float]:
    """The names of more than one series, in as many lines as they need, and the height of all."""
    if len(chart.series) < 2:
        return [], 0
    parts, x, line = [], 12.0, 0
    for number, series in enumerate(chart.series):
        name = fitting(series.name, _LONGEST_NAME)
        needed = _SWATCH + width_of(name) + _BETWEEN
        if x > 12 and x + needed > WIDTH:
            x, line = 12.0, line + 1
        baseline = y + line * _LEGEND_LINE + 13
        parts += [rect(f"bar s{number % 6}", x, baseline - 8, 12, 8), text("name", x + _SWATCH, baseline, name)]
        x += needed
    return parts, (line + 1) * _LEGEND_LINE + 4
