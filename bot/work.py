"""Joins what transactions may ask for: durable work of the engine, messages of the outbox."""

from datetime import datetime

from bot.contracts.feature import Payload
from bot.contracts.messages import Message
from bot.jobs.engine import Engine
from bot.outbox import Outbox
from storage.database import Transaction


class Work:
    """``storage.database.Work`` over one engine and one outbox."""

    def __init__(self, engine: Engine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox

    async def submit(
        self, tx: Transaction, task: str, payload: Payload, *, key: str, lane: str | None, run_at: datetime | None
    ) -> None:
        await self._engine.submit(tx, task, payload, key=key, lane=lane, run_at=run_at)

    async def send(self, tx: Transaction, message: Message) -> None:
        await self._outbox.send(tx, message)
