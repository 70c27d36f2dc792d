"""Charts as SVG: one pure function for the console and, from the same lines, for pictures."""

from bot.channels.chart.svg import chart_svg

__all__ = ["chart_svg"]
