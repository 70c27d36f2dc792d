"""Every request to a platform: pooled connections, timeouts, relay, redacted log, metric, errors of our own."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import structlog
from aiohttp import ClientError, InvalidURL, NonHttpUrlClientError

from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamError
from integrations.http.answers import Call, Response
from integrations.http.routes import NOT_SENT, Answer, ProxyPolicy, Routes, Timeouts

Observer = Callable[[str, str, str, float], None]
"""Told of every call: platform, operation, outcome ("ok" or an error's code), seconds."""
Judge = Callable[[Response], None]
"""Raises the error that an answer's own code stands for; the platform's ``errors.py`` offers one."""

_REQUEST_ID_HEADERS = ("x-request-id", "x-tt-logid")
_PAUSE_HEADERS = ("x-ogw-ratelimit-reset", "retry-after")
_JSON_TYPE = "application/json; charset=utf-8"
_FORM_TYPE = "application/x-www-form-urlencoded"
_LONGEST_PAUSE = timedelta(hours=1)


class Transport:
    """The way to one platform."""

    def __init__(
        self,
        platform: str,
        base_url: str,
        *,
        clock: Clock,
        judge: Judge | None = None,
        proxy: ProxyPolicy | None = None,
        timeouts: Timeouts | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._platform = platform
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._judge = judge
        self._observer = observer
        self._routes = Routes(platform, proxy or ProxyPolicy(), timeouts or Timeouts(), clock)
        self._log = structlog.get_logger().bind(platform=platform)

    async def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        idempotent: bool,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Response:
        """Ask once and return the accepted answer. ``body`` is JSON text, sent byte for byte.

        Raises: UpstreamUnavailable if nothing was done there, UpstreamUnclear if a write may have happened,
        UpstreamRateLimited, UpstreamContractError for a page instead of JSON, and what the judge raises.
        """
        call = Call(platform=self._platform, operation=operation, idempotent=idempotent)
        url = self._base_url + path + ("?" + urlencode(query, quote_via=quote, safe="") if query else "")
        content, kind = (urlencode(form).encode(), _FORM_TYPE) if form is not None else (body, _JSON_TYPE)
        sent_headers = {**({"Content-Type": kind} if content is not None else {}), **(headers or {})}
        started = self._clock.now()
        try:
            answer = await self._exchange(
                call, method, url, content=content, headers=sent_headers, read_seconds=timeout_seconds
            )
            response = self._accept(call, answer)
        except UpstreamError as error:
            self._report(call, started, error.code, error)
            raise
        self._report(call, started, "ok", None)
        return response

    async def close(self) -> None:
        """Close every pooled connection; the transport may be used again."""
        await self._routes.close()

    async def _exchange(self, call: Call, method: str, url: str, **parts: Any) -> Answer:
        # What is caught tells whole addresses, tokens among them: it stays out of every traceback.
        try:
            return await self._routes.send(method, url, **parts)
        except NOT_SENT as error:
            code = "upstream_relay" if self._routes.uses_relay else None
            raise call.unsent(type(error).__name__, code) from None
        except (InvalidURL, NonHttpUrlClientError) as error:
            raise call.unsent(type(error).__name__) from None
        except (ClientError, TimeoutError, OSError) as error:
            raise call.unavailable(type(error).__name__) from None

    def _accept(self, call: Call, answer: Answer) -> Response:
        request_id = next((answer.headers[name] for name in _REQUEST_ID_HEADERS if name in answer.headers), "")
        if answer.status == 429:
            raise call.rate_limited("HTTP 429", self._pause(answer.headers), request_id)
        if answer.status >= 500:
            raise call.unavailable(f"HTTP {answer.status}", request_id)
        response = Response(
            call=call,
            status=answer.status,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=answer.body,
            json=_parsed(call, answer, request_id),
            request_id=request_id,
        )
        if self._judge is not None:
            self._judge(response)
        return response

    def _pause(self, headers: Mapping[str, str]) -> timedelta:
        text = next((headers[name] for name in _PAUSE_HEADERS if name in headers), "")
        wait = _seconds(text, self._clock.now())
        return min(max(wait, timedelta()), _LONGEST_PAUSE)

    def _report(self, call: Call, started: datetime, outcome: str, error: UpstreamError | None) -> None:
        seconds = (self._clock.now() - started).total_seconds()
        if self._observer is not None:
            self._observer(call.platform, call.operation, outcome, seconds)
        known = {"operation": call.operation, "outcome": outcome, "seconds": round(seconds, 3)}
        if error is None:
            self._log.debug("platform_call", **known)
        else:
            self._log.warning("platform_call", **known, detail=error.detail, request_id=error.request_id)


def _parsed(call: Call, answer: Answer, request_id: str) -> Any:
    """The body as JSON. A page under 400 is a gateway in the way and may pass; above, the path is wrong."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        detail = f"HTTP {answer.status} without JSON"
        known = call.misfit if answer.status >= 400 else call.unavailable
        raise known(detail, request_id) from error


def _seconds(text: str, now: datetime) -> timedelta:
    """How long a pause header asks for: seconds, fractions of them, or an HTTP date; one second if unreadable."""
    try:
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        pass
    try:
        return parsedate_to_datetime(text) - now
    except (ValueError, TypeError):
        return timedelta(seconds=1)
