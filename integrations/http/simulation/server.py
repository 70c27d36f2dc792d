"""The server that all simulators are."""

import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Self

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from bot.contracts.clock import Clock
from integrations.http.simulation import wire
from integrations.http.simulation.words import ANY, Answer, Asked, Recorded, Route, Weather

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Simulator:
    """A stand-in for a platform on loopback. Subclasses give ``routes`` and keep the state."""

    def __init__(self, clock: Clock, *, keep_calls: int = 200_000) -> None:
        self.clock = clock
        self.calls: deque[Recorded] = deque(maxlen=keep_calls)
        self.counts: Counter[str] = Counter()
        self._weather: list[Weather] = []
        self._runner: web.AppRunner | None = None
        self._received = 0
        self._dice = random.Random(0)

    def routes(self) -> tuple[Route, ...]:
        """The platform's operations."""
        return ()

    def control_routes(self) -> tuple[Route, ...]:
        """Further operations below ``/_control`` of this simulator; they know no weather and are not recorded."""
        return ()

    def expire_tokens(self) -> None:
        """Make every token that was given out invalid."""

    def begin(self, asked: Asked) -> Answer | None:
        """Called as a request arrives, before the weather; an answer refuses it. ``end`` follows in any case."""
        return None

    def end(self, asked: Asked) -> None:
        """Called when a request is over, however it went."""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Raises: ValueError for a host that others could reach, OSError for a port in use."""
        if host not in _LOOPBACK:
            raise ValueError("simulators listen on loopback only")
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens. Raises: RuntimeError before ``start``."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("the simulator is not running")
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def set_weather(self, weather: Weather) -> None:
        self._weather.append(weather)

    def next_answer(
        self, operation: str = ANY, *, status: int, retry_after: float | None = None, times: int = 1
    ) -> None:
        """Answer the next ``times`` calls with a bare status."""
        self.set_weather(Weather(operation=operation, status=status, retry_after=retry_after, times=times))

    def delay(self, operation: str = ANY, *, seconds: float, times: int | None = 1) -> None:
        """Answer late."""
        self.set_weather(Weather(operation=operation, delay_seconds=seconds, times=times))

    def drop_connection(self, operation: str = ANY, *, handled: bool = False, times: int = 1) -> None:
        """Close the connection without an answer; ``handled``: after doing what was asked."""
        self.set_weather(Weather(operation=operation, drop=True, handled=handled, times=times))

    def clear(self) -> None:
        """Fair weather and an empty record; the platform's state stays."""
        self._weather.clear()
        self.calls.clear()
        self.counts.clear()

    def calls_of(self, operation: str) -> list[Recorded]:
        return [call for call in self.calls if call.operation == operation]

    def take_weather(self, operation: str) -> Weather:
        """The weather for one answer or one delivery of ``operation``, used up by it."""
        for index, weather in enumerate(self._weather):
            if weather.operation in (ANY, operation) and (weather.share >= 1 or self._dice.random() < weather.share):
                if weather.times is not None:
                    self._weather[index] = replace(weather, times=weather.times - 1)
                    self._weather = [left for left in self._weather if left.times != 0]
                return weather
        return Weather(times=None)

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        control = (
            Route("calls", "GET", "/_control/calls", self._show_calls),
            Route("weather", "POST", "/_control/weather", self._accept_weather),
            Route("clear", "POST", "/_control/clear", self._accept_clear),
        )
        for route in (*control, *self.control_routes()):
            application.router.add_route(route.method, route.path, self._plain(route))
        for route in self.routes():
            application.router.add_route(route.method, route.path, self._weathered(route))
        return application

    def _plain(self, route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            return wire.rendered(await route.handler(await wire.asked(route, request, is_control=True)))

        return answer

    def _weathered(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            asked = await wire.asked(route, request)
            weather = self.take_weather(route.operation)
            refusal = self.begin(asked)
            try:
                given = refusal or await self._given(route, asked, weather)
            finally:
                self.end(asked)
            response = wire.spoilt(given, weather)
            self._record(asked, 0 if weather.drop else response.status)
            if weather.drop and request.transport is not None:
                request.transport.abort()
            return response

        return answer

    async def _given(self, route: Route, asked: Asked, weather: Weather) -> Answer:
        if weather.expire_token:
            self.expire_tokens()
        if weather.delay_seconds:
            await self.clock.sleep(weather.delay_seconds)
        return await route.handler(asked) if weather.handled or not weather.spoils else Answer()

    def _record(self, asked: Asked, status: int) -> None:
        self._received += 1
        self.counts[asked.operation] += 1
        self.calls.append(
            Recorded(
                number=self._received,
                operation=asked.operation,
                at=self.clock.now(),
                method=asked.method,
                path=asked.path,
                query=asked.query,
                body=asked.body,
                status=status,
            )
        )

    async def _show_calls(self, asked: Asked) -> Answer:
        """The record, optionally of one ``operation`` and ``after`` a number."""
        operation, after = asked.query.get("operation"), int(asked.query.get("after", "0"))
        calls = [call for call in self.calls if call.number > after and operation in (None, call.operation)]
        return Answer(body={"counts": dict(self.counts), "calls": calls})

    async def _accept_weather(self, asked: Asked) -> Answer:
        if not isinstance(asked.body, dict):
            return Answer(status=400, body={"errors": ['the body must be a JSON object, such as {"status": 503}']})
        try:
            self.set_weather(TypeAdapter(Weather).validate_python(asked.body))
        except ValidationError as error:
            return Answer(
                status=400, body={"errors": [".".join(map(str, problem["loc"])) for problem in error.errors()]}
            )
        return Answer(body={})

    async def _accept_clear(self, _: Asked) -> Answer:
        self.clear()
        return Answer(body={})
