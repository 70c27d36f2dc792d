"""A small brake against guessing."""

from datetime import datetime, timedelta


class Throttle:
    """At most ``limit`` tries per address in each window of ``per``; memory is bounded by ``addresses``."""

    def __init__(self, *, limit: int, per: timedelta, addresses: int = 10_000) -> None:
        self._limit = limit
        self._per = per
        self._addresses = addresses
        self._tries: dict[str, int] = {}
        self._window_ends: datetime | None = None

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """None and one try counted, or how long ``address`` has to wait."""
        if self._window_ends is None or now >= self._window_ends:
            self._tries.clear()
            self._window_ends = now + self._per
        tries = self._tries.get(address, 0)
        if tries >= self._limit or (tries == 0 and len(self._tries) >= self._addresses):
            return self._window_ends - now
        self._tries[address] = tries + 1
        return None
