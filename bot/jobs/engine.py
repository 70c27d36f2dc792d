"""What every engine promises: durable work, once per key, in order per lane; writes committed in groups."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.contracts.feature import Payload, Task
from storage.database import Transaction

Item = TypeVar("Item")
Answer = TypeVar("Answer")
GroupWrite = Callable[[Transaction, Sequence[Item]], Awaitable[Sequence[Answer]]]
"""Writes many items at once and answers for each, in order."""
ObserveJob = Callable[[str, str, float], None]
"""(task, outcome, seconds): outcome is done, retried or dead."""


class ProcessDied(Exception):
    """A job was running in so many crashes that it is taken for their cause. What it did is not known."""


class Engine(Protocol):
    """Durable work: now, later, in lanes. Everything it accepted survives kill -9."""

    def register(self, tasks: Iterable[Task]) -> None:
        """Say how each kind of job is run; before ``start``."""
        ...

    async def start(self) -> None:
        """Recover what a crash left behind and begin to work."""
        ...

    async def stop(self, grace: timedelta) -> None:
        """Take no new work, let running jobs end within ``grace``; the others wait for the next start."""
        ...

    def is_writing(self) -> bool:
        """False while the database takes nothing: what arrives cannot be stored."""
        ...

    async def submit(
        self, tx: Transaction, task: str, payload: Payload, *, key: str, lane: str | None, run_at: datetime | None
    ) -> None:
        """Part of ``tx``: ask for a job, unless its key was ever seen."""
        ...

    async def commit(self, write: GroupWrite[Item, Answer], item: Item) -> Answer:
        """Write ``item`` in one commit with whatever else arrives now; returns once it is on disk.

        Raises: what ``write`` raised for this item alone, or the database's error.
        """
        ...
