"""Durable work as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SUSPICIOUS_STARTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to be stored unless its key exists."""

    id: str
    key: str
    task: str
    lane: str | None
    payload: Mapping[str, Any]
    run_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedJob:
    """A job that is now ours to run. ``attempt`` counts earlier failures, ``starts`` those that a crash ended."""

    id: str
    key: str
    task: str
    lane: str | None
    payload: Mapping[str, Any]
    attempt: int
    run_at: datetime
    first_started_at: datetime | None
    starts: int

    @property
    def is_suspect(self) -> bool:
        """It was running in two crashes: it may be what kills the process, so no other suspect runs beside it."""
        return self.starts >= SUSPICIOUS_STARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job as people see it."""

    id: str
    key: str
    task: str
    lane: str | None
    payload: Mapping[str, Any]
    state: str
    run_at: datetime
    due_at: datetime
    attempt: int
    finished_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much work waits. ``oldest_due_at`` is None when nothing that is due waits."""

    waiting: int
    running: int
    dead: int
    oldest_due_at: datetime | None
