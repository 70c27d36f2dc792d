"""Time and identifiers as dependencies, so that a test can set both."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)

NewId = Callable[[], str]


class Clock(Protocol):
    """The only source of "now" and the only way to wait."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` of this clock's time."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def id_source(clock: Clock, random_bits: Callable[[int], int] = secrets.randbits) -> NewId:
    """A maker of 14-character ids that sort by time: 45 bits of milliseconds, then 25 random bits.

    Ids of one source always rise, also within a millisecond.
    """
    last = 0

    def new_id() -> str:
        nonlocal last
        milliseconds = (clock.now() - _EPOCH) // timedelta(milliseconds=1)
        last = max(last + 1, (milliseconds << 25) | random_bits(25))
        return "".join(_ALPHABET[(last >> shift) & 31] for shift in range(65, -1, -5))

    return new_id
