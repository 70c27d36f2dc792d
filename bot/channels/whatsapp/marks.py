"""Text in WhatsApp's own marks: bold, code and monospace blocks. Nothing a person wrote becomes a mark."""

import re

from bot.channels.markup import sendable, spans

_OPENING = re.compile(r"(?<![^\W_])([*_~`])(?=\S)")
_DEFUSED = "\u200b"
_FENCE = "```"


def literal(text: str) -> str:
    """``text`` that shows as it is: there is no escape sign, so what could open a mark is parted from its word."""
    return _OPENING.sub(r"\1" + _DEFUSED, sendable(text))


def bold(text: str) -> str:
    """One line in bold; what is empty stays so."""
    shown = literal(text).replace("*", "∗").strip()
    return f"*{shown}*" if shown else ""


def monospace(text: str) -> str:
    """Lines whose columns stay aligned."""
    return f"{_FENCE}{sendable(text).replace(_FENCE, '')}{_FENCE}"


def marked(markdown: str) -> str:
    """A card's small Markdown in the marks of WhatsApp."""
    shown = ""
    for span in spans(markdown):
        text = literal(span.text)
        if span.is_code and "`" not in span.text and "\n" not in span.text:
            text = f"`{sendable(span.text)}`"
        elif span.is_bold and "\n" not in span.text:
            text = bold(span.text)
        shown += text
    return shown


def split(text: str, longest: int) -> list[str]:
    """``text`` in parts of at most ``longest`` characters, numbered ``(1/3)``, cut between lines where it can be."""
    if len(text) <= longest:
        return [text]
    pieces = _cut(text, longest - len("(9999/9999)\n"))
    return [f"({number}/{len(pieces)})\n{piece}" for number, piece in enumerate(pieces, start=1)]


def _cut(text: str, longest: int) -> list[str]:
    """Whole lines as long as they fit; a line that is too long by itself is broken."""
    pieces = [""]
    for line in text.split("\n"):
        for start in range(0, len(line) or 1, longest):
            fragment = line[start : start + longest]
            if pieces[-1] and len(pieces[-1]) + 1 + len(fragment) > longest:
                pieces.append(fragment)
            else:
                pieces[-1] = f"{pieces[-1]}\n{fragment}" if pieces[-1] else fragment
    return [piece for piece in pieces if piece.strip()]
