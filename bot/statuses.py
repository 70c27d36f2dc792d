"""What platforms tell later about messages that they took: each state once, only forwards."""

from datetime import timedelta
from typing import cast

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.clock import Clock
from bot.contracts.events import Event
from bot.metrics import Metrics
from bot.outbox import SEND_TASK
from storage.database import Database, Transaction
from storage.outbox.handovers import (
    advance_handover,
    doubt_handovers,
    find_handover,
    settle_message,
)
from storage.outbox.rows import Handover, HandoverState
from storage.outbox.store import load_message

PATIENCE = timedelta(minutes=5)
"""How long a message may be without any status before its outcome is called unknown."""
_LOOK_SECONDS = 20.0
_BITE = 200

_log = structlog.get_logger("statuses")


class Statuses:
    """Follows messages of channels whose platform reports back."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics

    async def follow(self, tx: Transaction, event: Event) -> None:
        """Note one status; one that nobody waits for is only stored."""
        told, now = event.form, self._clock.now()
        state = cast(HandoverState, told["state"])
        handover = await find_handover(tx, told["echo"], event.message_id)
        if handover is None:
            return
        if not await advance_handover(
            tx, handover.id, state=state, platform_id=event.message_id, error=told.get("error", "")
        ):
            return
        seconds = (now - handover.begun_at).total_seconds()
        self._metrics.delivery.labels(event.channel, state).observe(seconds)
        if told.get("again") == "True":
            await self._send_again(tx, handover)
        await settle_message(tx, handover.message_id, now=now)

    async def _send_again(self, tx: Transaction, handover: Handover) -> None:
        """The same version once more: its channel will find another way."""
        message = await load_message(tx, handover.message_id)
        if message is None or message.state == "resent":
            return
        key = f"send:{handover.id}:again"
        lane = f"send:{message.channel}:{message.chat_id}"
        await tx.submit(SEND_TASK, {"message": message.id, "again": True}, key=key, lane=lane)

    async def doubt_from_time_to_time(self) -> None:
        """Call unknown what nothing was told of in time; never returns."""
        while True:
            try:
                await self.doubt()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("doubt_failed", error=type(error).__name__)
            await self._clock.sleep(_LOOK_SECONDS)

    async def doubt(self) -> None:
        """Once: everything that waits longer than ``PATIENCE`` for its first status."""
        now = self._clock.now()
        count = _BITE
        while count == _BITE:
            async with self._database.begin() as tx:
                count = await doubt_handovers(tx, begun_before=now - PATIENCE, now=now, limit=_BITE)
            if count:
                _log.warning("outcome_unknown", messages=count)
