"""Text as Feishu's own Markdown: everything a person or a shop wrote is shown, nothing of it is obeyed.

Source: reference section 8.2, element ``markdown`` (which signs to write as entities).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.channels.feishu.weight import weight
from bot.channels.markup import Span, sendable, spans

_ENTITIES = {
    "<": "&#60;",
    ">": "&#62;",
    "*": "&#42;",
    "_": "&#95;",
    "[": "&#91;",
    "]": "&#93;",
    "`": "&#96;",
    "~": "&sim;",
    "#": "&#35;",
    "$": "&#36;",
    "\\": "&#92;",
    "|": "&#124;",
    "&": "&#38;",
}
_SPECIAL = re.compile(r"[<>*_\[\]`~#$\\|]|&(?=#?\w+;)")
_LINE_STARTER = re.compile(r"^(\s*)([-+=])(?! )")  # "---" would be a rule, "===" a heading
_UNFIT_FOR_CODE = re.compile(r"[`<&|]")
_LONGEST_SLICE = 1000
_HEAVIEST_ELEMENT = 8000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of spans; ``is_small`` is for sources, ages and other small print."""

    spans: tuple[Span, ...]
    is_small: bool = False

    def markdown(self) -> str:
        """The line in Feishu's Markdown."""
        body = _LINE_STARTER.sub(_literal_start, "".join(map(_marked_up, self.spans)))
        return f"<font color='grey'>{body}</font>" if self.is_small and body else body

    def slices(self) -> Iterator["Line"]:
        """The same line in pieces of bearable length; nearly always one."""
        if sum(len(span.text) for span in self.spans) <= _LONGEST_SLICE:
            yield self
            return
        for span in self.spans:
            for start in range(0, len(span.text), _LONGEST_SLICE):
                piece = replace(span, text=span.text[start : start + _LONGEST_SLICE])
                yield replace(self, spans=(piece,))


def marked_lines(markdown: str) -> list[Line]:
    """The lines of a card's own small Markdown."""
    lines: list[list[Span]] = [[]]
    for span in spans(sendable(markdown)):
        first, *further = (replace(span, text=text) for text in span.text.split("\n"))
        lines[-1].append(first)
        lines += [[later] for later in further]
    return [Line(tuple(line)) for line in lines]


def literal_lines(text: str, *, is_small: bool = False, is_bold: bool = False) -> list[Line]:
    """The lines of a text that has no markup."""
    return [Line((Span(line, is_bold),), is_small) for line in sendable(text).split("\n")]


def markdown_elements(lines: Iterable[Line], *, text_size: str = "normal") -> Iterator[dict[str, object]]:
    """The lines as few ``markdown`` elements, none too heavy for a card; none at all if there is nothing to read."""
    collected: list[str] = []
    collected_weight = 0
    for line in (piece for whole in lines for piece in whole.slices()):
        written = line.markdown()
        line_weight = weight(written)
        if collected and collected_weight + line_weight > _HEAVIEST_ELEMENT:
            yield _markdown(collected, text_size)
            collected, collected_weight = [], 0
        collected.append(written)
        collected_weight += line_weight
    if any(written.strip() for written in collected):
        yield _markdown(collected, text_size)


def _markdown(lines: list[str], text_size: str) -> dict[str, object]:
    return {"tag": "markdown", "content": "\n".join(lines), "text_size": text_size}


def _marked_up(span: Span) -> str:
    if span.is_code and not _UNFIT_FOR_CODE.search(span.text):
        return f"`{span.text}`"
    escaped = _escaped(span.text)
    core = escaped.strip()
    return escaped.replace(core, f"**{core}**", 1) if span.is_bold and core else escaped


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ENTITIES[found[0]], text)


def _literal_start(found: re.Match[str]) -> str:
    return f"{found[1]}&#{ord(found[2])};"
