"""The marks of chat platforms as HTML. Whatever is no mark comes out escaped."""

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from re import Match

from markupsafe import Markup, escape

from bot.console.card_views import web_address

_ADDRESS = re.compile(r"(?P<address>https?://[^\s<>]+)")
_WECOM = re.compile(
    r'<font color="(?P<colour>\w+)">(?P<coloured>.*?)</font>|\*\*(?P<bold>.+?)\*\*'
    r"|\[(?P<label>[^\]\n]+)\]\((?P<address>[^)\s]+)\)"
)

Write = Callable[[Match[str]], Markup]

_WHATSAPP = re.compile(
    r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|(?<!\w)\*(?P<bold>[^*\s](?:[^*\n]*[^*\s])?)\*(?!\w)"
    r"|(?P<address>https?://[^\s<>]+)",
    re.DOTALL,
)
_FEISHU = re.compile(
    r"<font color='(?P<colour>\w+)'>(?P<coloured>.*?)</font>|\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<address>[^)\s]+)\)"
)


def from_whatsapp(text: str) -> Markup:
    """``*bold*``, ```` `code` ````, monospace blocks and addresses; line breaks stay as they are."""
    return _written(_WHATSAPP, text, _IN_WHATSAPP, escape)


def from_feishu(markdown: str) -> Markup:
    """Bold, code, coloured text and links of a ``markdown`` element; line breaks stay as they are."""
    return _written(_FEISHU, markdown, _IN_FEISHU, lambda text: escape(unescape(text)))


def from_wecom(markdown: str) -> Markup:
    """Bold, coloured text and links of a robot's markdown; line breaks stay as they are."""
    return _written(_WECOM, markdown, _IN_WECOM, escape)


def from_plain(text: str) -> Markup:
    """Addresses become links; everything else stays as it is."""
    return _written(_ADDRESS, text, _IN_WHATSAPP, escape)


def _written(marks: re.Pattern[str], text: str, ways: Mapping[str, Write], literal: Callable[[str], Markup]) -> Markup:
    return Markup("").join(_pieces(marks, text, ways, literal))


def _pieces(
    marks: re.Pattern[str], text: str, ways: Mapping[str, Write], literal: Callable[[str], Markup]
) -> Iterator[Markup]:
    end = 0
    for found in marks.finditer(text):
        yield literal(text[end : found.start()])
        yield ways[str(found.lastgroup)](found)
        end = found.end()
    yield literal(text[end:])


def _coloured(found: Match[str]) -> Markup:
    return Markup('<span class="ink-{}">{}</span>').format(found["colour"], from_feishu(found["coloured"]))


def _link(address: str, label: Markup) -> Markup:
    there = web_address(address)
    wrap = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
    return wrap.format(there, label) if there else label


_IN_WHATSAPP: Mapping[str, Write] = {
    "block": lambda found: Markup("<pre>{}</pre>").format(found["block"].strip("\n")),
    "code": lambda found: Markup("<code>{}</code>").format(found["code"]),
    "bold": lambda found: Markup("<strong>{}</strong>").format(found["bold"]),
    "address": lambda found: _link(found["address"], escape(found["address"])),
}
_IN_FEISHU: Mapping[str, Write] = {
    "coloured": _coloured,
    "bold": lambda found: Markup("<strong>{}</strong>").format(from_feishu(found["bold"])),
    "code": lambda found: Markup("<code>{}</code>").format(found["code"]),
    "address": lambda found: _link(unescape(found["address"]), from_feishu(found["label"])),
}
_IN_WECOM: Mapping[str, Write] = {
    "coloured": lambda found: Markup('<span class="wecom-{}">{}</span>').format(
        found["colour"], from_wecom(found["coloured"])
    ),
    "bold": lambda found: Markup("<strong>{}</strong>").format(from_wecom(found["bold"])),
    "address": lambda found: _link(found["address"], from_wecom(found["label"])),
}
