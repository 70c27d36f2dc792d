"""Verified deliveries about orders: stored with whatever else arrives now, encrypted, once each."""

from collections.abc import Sequence

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.clock import Clock, NewId
from bot.jobs.engine import Engine
from bot.metrics import Metrics
from storage.credentials.cipher import Cipher
from storage.database import Transaction
from storage.orders.buyers import seal_text
from storage.orders.events import add_events
from storage.orders.rows import EVENT_TASK, NewEvent

_RETRY_AFTER = {"Retry-After": "5"}

_log = structlog.get_logger("orders")


class OrderEvents:
    """Where the doors of one ``channel`` keep what they were brought, and how they answer."""

    def __init__(
        self, channel: str, engine: Engine, cipher: Cipher, *, clock: Clock, new_id: NewId, metrics: Metrics
    ) -> None:
        self.clock = clock
        self._channel = channel
        self._engine = engine
        self._cipher = cipher
        self._new_id = new_id
        self._metrics = metrics

    async def keep(
        self, body: bytes, *, source: str, event_id: str, kind: str, subject: str, task: str = EVENT_TASK
    ) -> web.Response | None:
        """None once it is on disk, also if it was there before; the answer 503 if it cannot be stored."""
        our_id = self._new_id()
        event = NewEvent(
            id=our_id,
            source=source,
            event_id=event_id,
            kind=kind,
            subject=subject,
            body=seal_text(self._cipher, our_id, body.decode()),
            received_at=self.clock.now(),
            task=task,
        )
        try:
            is_new = await self._engine.commit(_store, event)
        except (SQLAlchemyError, OSError) as error:
            _log.error("event_not_stored", channel=self._channel, error=type(error).__name__)
            return web.Response(status=503, headers=_RETRY_AFTER)
        self.count("stored" if is_new else "duplicate")
        return None

    def refused(self, status: int, reason: str) -> web.Response:
        """The answer to what is not taken."""
        self.count(f"refused_{reason}")
        return web.Response(status=status)

    def unreadable(self, source: str, error: Exception) -> web.Response:
        """The answer to what fits no model."""
        _log.warning("event_unreadable", channel=self._channel, source=source, reason=str(error))
        return self.refused(400, "unreadable")

    def count(self, outcome: str) -> None:
        self._metrics.count_event(self._channel, outcome)


async def _store(tx: Transaction, events: Sequence[NewEvent]) -> list[bool]:
    return await add_events(tx, events)
