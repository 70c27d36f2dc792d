"""Deliveries that were refused: told in the log and counted, so that a wrong key does not look like silence."""

from collections import Counter, deque
from datetime import datetime, timedelta

import structlog

from bot.contracts.clock import Clock

_WITHIN = timedelta(hours=1)
_QUIET = timedelta(minutes=1)

_log = structlog.get_logger("server")


class Refusals:
    """Of this process. One line of log per reason and minute; per reason one number per minute of the last hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minutes: dict[tuple[str, str], deque[tuple[datetime, int]]] = {}

    def record(self, channel: str, reason: str) -> None:
        """A delivery was refused."""
        now = self._clock.now()
        minutes = self._minutes.setdefault((channel, reason), deque(maxlen=60))
        if minutes and now - minutes[-1][0] < _QUIET:
            began, count = minutes.pop()
            minutes.append((began, count + 1))
            return
        minutes.append((now, 1))
        _log.warning("delivery_refused", channel=channel, reason=reason)

    def within_hour(self) -> dict[str, int]:
        """How many were refused in the last hour, by reason."""
        since = self._clock.now() - _WITHIN
        counted: Counter[str] = Counter()
        for (_, reason), minutes in self._minutes.items():
            counted[reason] += sum(count for began, count in minutes if began > since)
        return dict(+counted)
