"""JSON from outside: limited before it is parsed, and read field by field without trusting a shape."""

import re
from typing import Any

import orjson
from aiohttp import web

Body = dict[str, Any]

DEEPEST = 32
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # an unclosed one runs to the end
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


class Unreadable(ValueError):
    """Not UTF-8, not JSON, not an object, or nested too deeply."""


def read_object(raw: bytes) -> Body:
    """The JSON object in ``raw``. Raises: Unreadable."""
    if _is_too_deep(raw):
        raise Unreadable
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Unreadable from error
    if not isinstance(parsed, dict):
        raise Unreadable
    return parsed


def part(body: Body, name: str) -> Body:
    """The object under ``name``, empty if there is none."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def parts(body: Body, name: str) -> list[Body]:
    """The objects in the list under ``name``."""
    value = body.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(body: Body, name: str) -> str:
    """The string under ``name``, empty if there is none. NUL is dropped: PostgreSQL cannot store it."""
    value = body.get(name)
    return value.replace("\0", "") if isinstance(value, str) else ""


def _is_too_deep(raw: bytes) -> bool:
    if raw.count(b"{") + raw.count(b"[") <= DEEPEST:
        return False
    brackets = _STRING.sub(b"", raw).translate(_ONE_KIND, _NOT_BRACKETS)
    for _ in range(DEEPEST):  # each round peels the innermost pairs off
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


async def read_at_most(request: web.Request, longest: int) -> bytes:
    """The body; of one that is longer only the beginning, which is too long as well."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > longest:
            break
    return bytes(body)
