"""How much of a platform limit a piece of a card uses up."""

from typing import Any

import orjson


def weight(part: Any) -> int:
    """UTF-8 bytes of ``part`` inside a request, where the card is JSON text within JSON."""
    return len(orjson.dumps(orjson.dumps(part).decode()))


def element_count(part: Any) -> int:
    """Elements in ``part``, nested ones included."""
    if isinstance(part, list):
        return sum(map(element_count, part))
    if not isinstance(part, dict):
        return 0
    return ("tag" in part) + sum(map(element_count, part.values()))
