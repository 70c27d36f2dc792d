"""From HTTP to ``Asked``, and from an answer and its weather back to HTTP."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from integrations.http.simulation.words import Answer, Asked, Route, Weather

_HTML = "<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"


async def asked(route: Route, request: web.Request, *, is_control: bool = False) -> Asked:
    """The request as a simulator reads it. What controls it is JSON whatever it is called: ``curl -d`` says a form."""
    raw = await request.read()
    return Asked(
        operation=route.operation,
        method=request.method,
        path=request.path,
        raw_query=request.url.raw_query_string,
        query=dict(request.query),
        headers={name.lower(): value for name, value in request.headers.items()},
        raw=raw,
        body=_parsed("application/json" if is_control else request.content_type, raw),
        params=dict(request.match_info),
    )


def _parsed(content_type: str, raw: bytes) -> Any:
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(raw.decode(), keep_blank_values=True))
    try:
        return orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return None


def spoilt(answer: Answer, weather: Weather) -> web.Response:
    status = weather.status or answer.status
    headers = {"Retry-After": str(weather.retry_after)} if weather.retry_after is not None else {}
    if weather.html:
        return web.Response(status=status, text=_HTML.format(status=status), content_type="text/html", headers=headers)
    body = answer.body if weather.body is None else weather.body
    drifted = _renamed(body, weather.rename) if weather.rename else body
    return rendered(Answer(status=status, body=drifted, headers={**answer.headers, **headers}))


def rendered(answer: Answer) -> web.Response:
    if isinstance(answer.body, bytes):
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))
    return web.Response(
        status=answer.status,
        body=orjson.dumps(answer.body, default=str),
        content_type="application/json",
        headers=dict(answer.headers),
    )


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """``value`` with keys changed at every depth; those renamed to "" are left out."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {names.get(key, key): _renamed(item, names) for key, item in value.items() if names.get(key, key)}
