"""Waiting for what must come true soon. For suites about engines and faults; everything else moves a clock."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(happened: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return once ``happened()`` is true. Raises: TimeoutError after ``seconds``."""

    async def look() -> bool:
        return happened()

    await until_true(look, seconds=seconds)


async def until_true(look: Callable[[], Awaitable[bool]], *, seconds: float = 60, pause: float = 0.002) -> None:
    """Return once ``await look()`` is true, looked at every ``pause`` seconds. Raises: TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await look():  # noqa: ASYNC110 -- what is waited for may happen in another process
            await asyncio.sleep(pause)


async def meanwhile(seconds: float = 0.1) -> None:
    """Give what must not happen the time to happen."""
    await asyncio.sleep(seconds)
