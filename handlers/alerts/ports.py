"""What alarms need."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.contracts.clock import Clock
from storage.database import Database, Reader
from storage.matters.rows import NewMatter

Stockouts = Callable[[Reader], Awaitable[Sequence[NewMatter] | None]]
"""What will sell out before an order placed now can arrive, one per store; None while nothing can be planned."""
Newest = Callable[[datetime, datetime], datetime | None]
"""The newest slot of a schedule after one moment and not after another, if there was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsDeps:
    """``schedules`` are all schedules by name; ``zone`` is the team's."""

    database: Database
    clock: Clock
    zone: tzinfo
    stockouts: Stockouts
    schedules: Callable[[], Mapping[str, Newest]]
