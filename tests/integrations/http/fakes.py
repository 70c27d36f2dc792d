"""Time that only moves when somebody waits, a bare simulator and a token store in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

from bot.contracts.clock import Clock
from bot.contracts.credentials import Token
from integrations.http.simulation import Answer, Asked, Route, Simulator


class SteppingClock:
    """Starts at a set moment; sleeping moves it at once."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 3, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class HurriedClock:
    """Time that runs by itself, a hundred times as fast as ours, so that things overlap as they do in reality."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 3, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time() * 100)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)


class Echo(Simulator):
    """Answers with what it was asked, and counts what it did."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.done = 0
        self.reply_headers: dict[str, str] = {}
        self.tokens_expired = 0

    def routes(self) -> tuple[Route, ...]:
        return (Route("echo", "POST", "/echo/{name}", self._echo), Route("show", "GET", "/echo/{name}", self._echo))

    def expire_tokens(self) -> None:
        self.tokens_expired += 1

    async def _echo(self, asked: Asked) -> Answer:
        self.done += 1
        return Answer(
            body={"query": dict(asked.query), "body": asked.body, "raw_query": asked.raw_query},
            headers=self.reply_headers,
        )


class MemoryTokens:
    """A token store for tests."""

    def __init__(self) -> None:
        self.tokens: dict[tuple[str, str], Token] = {}
        self._lock = asyncio.Lock()

    async def load(self, platform: str, account: str) -> Token | None:
        return self.tokens.get((platform, account))

    async def save(self, platform: str, account: str, token: Token) -> None:
        self.tokens[platform, account] = token

    async def clear(self, platform: str, account: str) -> None:
        self.tokens.pop((platform, account), None)

    def lock(self, platform: str, account: str) -> AbstractAsyncContextManager[None]:
        return self._held()

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        async with self._lock:
            yield
