"""Transactions that only note which jobs they asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.contracts.feature import Payload
from bot.contracts.messages import Message
from storage.database import Transaction


@dataclass(slots=True)
class Submitted:
    """``storage.database.Work`` without an engine: jobs and messages by key, each once as with an engine."""

    jobs: dict[str, tuple[str, Mapping[str, object], datetime | None]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    async def submit(
        self, tx: Transaction, task: str, payload: Payload, *, key: str, lane: str | None, run_at: datetime | None
    ) -> None:
        self.jobs.setdefault(key, (task, dict(payload), run_at))

    async def send(self, tx: Transaction, message: Message) -> None:
        self.messages.append(message)

    @property
    def keys(self) -> list[str]:
        return list(self.jobs)
