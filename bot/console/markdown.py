"""The small Markdown of cards as HTML: paragraphs, "- " lists, **bold**, `code`."""

import re
from itertools import groupby

from markupsafe import Markup

from bot.channels.markup import Span, spans

_BLANK_LINES = re.compile(r"\n\s*\n")
_NOTHING = Markup("")


def to_html(markdown: str) -> Markup:
    """Paragraphs and lists; whatever is not markup comes out escaped."""
    return _NOTHING.join(_blocks(paragraph) for paragraph in _BLANK_LINES.split(markdown.strip()))


def _blocks(paragraph: str) -> Markup:
    runs = groupby(paragraph.split("\n"), key=lambda line: line.startswith("- "))
    return _NOTHING.join(_list([*lines]) if is_list else _paragraph([*lines]) for is_list, lines in runs)


def _list(lines: list[str]) -> Markup:
    items = (Markup("<li>{}</li>").format(_line(line[2:])) for line in lines)
    return Markup("<ul>{}</ul>").format(_NOTHING.join(items))


def _paragraph(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>").join(_line(line) for line in lines))


def _line(text: str) -> Markup:
    return _NOTHING.join(_span(span) for span in spans(text))


def _span(span: Span) -> Markup:
    html = Markup("<code>{}</code>" if span.is_code else "{}").format(span.text)
    return Markup("<strong>{}</strong>").format(html) if span.is_bold else html
