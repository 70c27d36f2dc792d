"""What a reader sees on rendered Feishu cards."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from integrations.feishu.simulator import check_card

_FONT = re.compile(r"</?font[^>]*>")


def accepted(pages: Sequence[str]) -> list[dict[str, Any]]:
    """The cards, each checked as the platform checks it. Raises: CardProblem."""
    for page in pages:
        check_card(page)
        assert len(orjson.dumps(page)) <= 30_000
    return [orjson.loads(page) for page in pages]


def walk(part: Any) -> Iterator[dict[str, Any]]:
    """Every object inside."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)


def tagged(cards: Any, tag: str) -> list[dict[str, Any]]:
    """Every element of that kind, in order."""
    return [each for each in walk(cards) if each.get("tag") == tag]


def tokens(cards: Any) -> list[str]:
    """The tokens of all buttons, in order."""
    return [each["value"]["token"] for each in walk(cards) if each.get("type") == "callback"]


def readable(cards: Any) -> str:
    """All texts as a reader sees them, without markup."""
    return "\n".join(_texts(cards))


def literal(markdown: str) -> str:
    """What Feishu shows for a markdown text, its bold and code marks left out."""
    return html.unescape(_FONT.sub("", markdown).replace("**", "").replace("`", "").replace("&sim;", "~"))


def _texts(part: Any) -> Iterator[str]:
    for each in walk(part):
        for name, value in each.items():
            if isinstance(value, str) and name != "tag":
                yield literal(value) if each.get("tag") == "markdown" else value
