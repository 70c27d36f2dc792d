"""The small Markdown of cards taken apart: ``**bold**``, ``code``, and a backslash before what is meant literally."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPAN = re.compile(r"\\(?P<literal>.)|\*\*(?P<bold>(?:\\.|[^\\])+?)\*\*|`(?P<code>(?:\\.|[^`\\])+)`", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of literal text in one look."""

    text: str
    is_bold: bool = False
    is_code: bool = False


def spans(markdown: str, *, is_bold: bool = False) -> Iterator[Span]:
    """The stretches of one line or paragraph, in order; none is empty."""
    literal = ""
    position = 0
    for found in _SPAN.finditer(markdown):
        literal += markdown[position : found.start()] + (found["literal"] or "")
        position = found.end()
        if found["literal"] is not None:
            continue
        if literal:
            yield Span(literal, is_bold)
            literal = ""
        if found["bold"] is not None:
            yield from spans(found["bold"], is_bold=True)
        else:
            yield Span(_ESCAPED.sub(r"\1", found["code"]), is_bold, is_code=True)
    if literal + markdown[position:]:
        yield Span(literal + markdown[position:], is_bold)


def without_markup(markdown: str) -> str:
    """The text as it reads, list dashes kept."""
    return "".join(span.text for span in spans(markdown))


def sendable(text: str) -> str:
    """``text`` without control signs and half characters, which no platform takes."""
    return _UNSENDABLE.sub("", text)


def short(text: str, longest: int) -> str:
    """``text``, or its beginning and an ellipsis."""
    text = sendable(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"
