"""How requests leave the house: through the relay, its fallback, or directly if that is allowed."""

import io
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import certifi
import structlog
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from aiohttp.connector import Connection
from yarl import URL

from bot.contracts.clock import Clock

_REST = timedelta(minutes=1)
_CONNECTIONS = 100
_LARGE_BYTES = 1024 * 1024


class NoConnectionError(ClientError):
    """No connection came about, for a reason that aiohttp does not set apart: the relay hung up, say."""


NOT_SENT = (ClientConnectorError, ClientHttpProxyError, ConnectionTimeoutError, NoConnectionError)
"""What is raised before anything left the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyPolicy:
    """Which forward proxies a platform uses, in order; without ``url`` every request goes out directly.

    ``allow_direct`` permits the direct way when all proxies fail (the caller's address is then not white-listed).
    """

    url: str = field(default="", repr=False)
    fallback_url: str = field(default="", repr=False)
    allow_direct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Units: seconds. ``connect`` also limits the wait for a free pooled connection.

    An upload of a mebibyte and more is given up when the platform takes less than ``bytes_per_second``.
    """

    connect: float = 5.0
    read: float = 30.0
    bytes_per_second: float = 64 * 1024

    def whole(self, content: bytes | None, read: float) -> float | None:
        """How long everything may take; None for no limit but those of its parts."""
        if content is None or len(content) < _LARGE_BYTES:
            return None
        return self.connect + read + len(content) / self.bytes_per_second


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, not judged yet; ``headers`` are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Route:
    name: str
    proxy: str
    session: ClientSession | None = None
    resting_until: datetime | None = None


class Routes:
    """One pooled session per way out, made at first use. A way that failed rests a minute while another works."""

    def __init__(self, platform: str, policy: ProxyPolicy, timeouts: Timeouts, clock: Clock) -> None:
        self._timeouts = timeouts
        self._clock = clock
        self._log = structlog.get_logger().bind(platform=platform)
        ways = [_Route("relay", policy.url), _Route("fallback", policy.fallback_url)]
        self._routes = [way for way in ways if way.proxy]
        if not self._routes or policy.allow_direct:
            self._routes.append(_Route("direct", ""))

    @property
    def uses_relay(self) -> bool:
        return bool(self._routes[0].proxy)

    async def send(
        self, method: str, url: str, *, content: bytes | None, headers: Mapping[str, str], read_seconds: float | None
    ) -> Answer:
        """The answer over the first way that connects.

        Raises: one of ``NOT_SENT``, aiohttp.ClientError or TimeoutError, of the last way tried.
        """
        read = read_seconds or self._timeouts.read
        total = self._timeouts.whole(content, read)
        timeout = ClientTimeout(connect=self._timeouts.connect, sock_read=read, total=total)
        exactly = URL(url, encoded=True)  # signed as it is written
        *first, last = self._candidates()
        for route in first:
            try:
                return await self._ask(route, method, exactly, content=content, headers=headers, timeout=timeout)
            except NOT_SENT as error:
                self._rest(route, error)
        return await self._ask(last, method, exactly, content=content, headers=headers, timeout=timeout)

    async def _ask(self, route: _Route, method: str, url: URL, *, content: bytes | None, **parts: Any) -> Answer:
        data = content if content is None or len(content) < _LARGE_BYTES else io.BytesIO(content)  # sent in pieces
        session = route.session = route.session or _new_session()
        proxy = route.proxy or None
        async with session.request(method, url, data=data, proxy=proxy, allow_redirects=False, **parts) as answer:
            body = await answer.read()
        self._works(route)
        return Answer(answer.status, answer.headers, body)

    async def close(self) -> None:
        for route in self._routes:
            session, route.session = route.session, None  # who asks meanwhile gets a new one
            if session is not None:
                await session.close()

    def _candidates(self) -> list[_Route]:
        """All ways, the resting ones last, so that there is always one to try."""
        now = self._clock.now()
        return sorted(self._routes, key=lambda route: route.resting_until is not None and route.resting_until > now)

    def _rest(self, route: _Route, error: Exception) -> None:
        if route.resting_until is None:
            self._log.warning("route_failed", route=route.name, error=type(error).__name__)
        route.resting_until = self._clock.now() + _REST

    def _works(self, route: _Route) -> None:
        if route.resting_until is not None:
            self._log.info("route_recovered", route=route.name)
        route.resting_until = None


class _Connector(TCPConnector):
    """Says of everything that fails before a request leaves that it did."""

    async def connect(self, *asked: Any, **how: Any) -> Connection:
        try:
            return await super().connect(*asked, **how)
        except (*NOT_SENT, TimeoutError):
            raise
        except (ClientError, OSError) as error:
            raise NoConnectionError(type(error).__name__) from error


def _new_session() -> ClientSession:
    connector = _Connector(limit=_CONNECTIONS, ssl=_trust())
    return ClientSession(connector=connector, cookie_jar=DummyCookieJar())


@cache
def _trust() -> ssl.SSLContext:
    """The usual authorities; reading them takes longer than everything else a new session does."""
    return ssl.create_default_context(cafile=certifi.where())
