"""How requests leave the house: through the relay, its fallback, or directly if that is allowed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import structlog

from bot.contracts.clock import Clock

if TYPE_CHECKING:
    from ssl import SSLContext

    import httpx

_REST = timedelta(minutes=1)


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
    """Units: seconds. ``connect`` also limits the wait for a free pooled connection."""

    connect: float = 5.0
    read: float = 30.0


@dataclass(slots=True)
class _Route:
    name: str
    proxy: str
    client: "httpx.AsyncClient | None" = None
    resting_until: datetime | None = None


class Routes:
    """One pooled client per way out, made at first use. A way that failed rests a minute while another works."""

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
    ) -> "httpx.Response":
        """The answer over the first way that connects. Raises: httpx.RequestError of the last way tried."""
        import httpx

        *first, last = self._candidates()
        extra = httpx.Timeout(self._timeouts.connect, read=read_seconds or self._timeouts.read)
        for route in first:
            try:
                answer = await self._client(route).request(
                    method, url, content=content, headers=dict(headers), timeout=extra
                )
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
                self._rest(route, error)
            else:
                self._works(route)
                return answer
        answer = await self._client(last).request(method, url, content=content, headers=dict(headers), timeout=extra)
        self._works(last)
        return answer

    async def close(self) -> None:
        for route in self._routes:
            if route.client is not None:
                await route.client.aclose()
                route.client = None

    def _candidates(self) -> list[_Route]:
        """All ways, the resting ones last, so that there is always one to try."""
        now = self._clock.now()
        return sorted(self._routes, key=lambda route: route.resting_until is not None and route.resting_until > now)

    def _client(self, route: _Route) -> "httpx.AsyncClient":
        import httpx

        if route.client is None:
            for name in ("httpx", "httpcore"):  # both log whole addresses, access tokens included
                logging.getLogger(name).setLevel(logging.WARNING)
            route.client = httpx.AsyncClient(verify=_trust(), proxy=route.proxy or None, trust_env=False)
        return route.client

    def _rest(self, route: _Route, error: Exception) -> None:
        if route.resting_until is None:
            self._log.warning("route_failed", route=route.name, error=type(error).__name__)
        route.resting_until = self._clock.now() + _REST

    def _works(self, route: _Route) -> None:
        if route.resting_until is not None:
            self._log.info("route_recovered", route=route.name)
        route.resting_until = None


@cache
def _trust() -> "SSLContext":
    """The usual authorities; reading them takes longer than everything else a new client does."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
