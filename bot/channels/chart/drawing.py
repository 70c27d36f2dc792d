"""The few SVG elements charts are made of. Every text in them is escaped; colours come from classes."""

from html import escape
from typing import Literal
from unicodedata import east_asian_width

from bot.channels.markup import sendable, short

Anchor = Literal["start", "middle", "end"]

FONT = 11.5
_NARROW = 0.58
_WIDE_SIGNS = "WFA"


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def path(look: str, *parts: str) -> str:
    """A path of ``parts``; nothing if there are none."""
    return f'<path class="{look}" d="{"".join(parts)}"/>' if parts else ""


def rect(look: str, x: float, y: float, width: float, height: float) -> str:
    sizes = f'width="{number(width)}" height="{number(height)}"'
    return f'<rect class="{look}" x="{number(x)}" y="{number(y)}" {sizes}/>'


def text(look: str, x: float, y: float, content: str, anchor: Anchor = "start") -> str:
    shown = escape(sendable(content).replace("\n", " "))
    return f'<text class="{look}" x="{number(x)}" y="{number(y)}" text-anchor="{anchor}">{shown}</text>'


def width_of(content: str) -> float:
    """About how wide ``content`` is in pixels."""
    return sum(FONT if east_asian_width(sign) in _WIDE_SIGNS else FONT * _NARROW for sign in content)


def fitting(content: str, width: float) -> str:
    """``content``, or its beginning, no wider than ``width``."""
    content = sendable(content)
    longest = len(content)
    while longest > 1 and width_of(short(content, longest)) > width:
        longest -= 1
    return short(content, longest) if content else ""
