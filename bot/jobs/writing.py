"""Whether the database takes what arrives, told once when that changes."""

from time import perf_counter

import structlog

from bot.contracts.errors import told
from storage.database import cannot_write

_COUNTS_SECONDS = 15.0

_log = structlog.get_logger("jobs")


class Writing:
    """What the last commits say about the next one."""

    def __init__(self) -> None:
        self._failed_at: float | None = None

    def failed(self, error: Exception) -> None:
        """Note a failed commit. A full disk is told once, not five times a second: the log may lie on it too."""
        if not (cannot_write(error) or isinstance(error, OSError)):  # no connection is an OSError
            _log.error("cycle_failed", error=type(error).__name__, exc_info=error)
        elif self._failed_at is None:
            _log.error("nothing_can_be_written", error=told(getattr(error, "orig", None) or error))
        self._failed_at = perf_counter()

    def succeeded(self) -> None:
        """Note a commit that changed something."""
        if self._failed_at is not None:
            _log.warning("written_again")
        self._failed_at = None

    def is_possible(self) -> bool:
        """False after a failed commit, until one succeeds or so much time has passed that somebody should try."""
        return self._failed_at is None or perf_counter() - self._failed_at > _COUNTS_SECONDS
