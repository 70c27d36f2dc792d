"""Hand-overs to platforms that take everything twice and tell nothing later.

What is about to leave is noted first. Whatever then keeps the answer from us, a lost connection or our own end, the
note stays: its outcome is unknown, and nobody but a person sends it again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from bot.channels.base import Outgoing
from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamError, UpstreamUnclear
from storage.database import Database
from storage.outbox.handovers import advance_handover, begin_handover, list_handovers, withdraw_handover
from storage.outbox.rows import Handover

_LEFT: Final = "sent"

_log = structlog.get_logger("once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Keeps the notes of one channel. ``platform`` is its name."""

    platform: str
    database: Database
    clock: Clock

    async def earlier(self, outgoing: Outgoing) -> Sequence[Handover]:
        """Every part of the message, of all its versions, that left or may have left."""
        async with self.database.glance() as reader:
            return await list_handovers(reader, outgoing.id)

    async def hand_over(
        self, outgoing: Outgoing, part: str, earlier: Sequence[Handover], send: Callable[[], Awaitable[None]]
    ) -> None:
        """Let ``send`` hand one part over, unless it left before.

        Raises: UpstreamUnclear with code ``outcome_unknown`` if it may or may not have arrived, now or before;
        whatever else ``send`` raises, when nothing has left.
        """
        handover_id = f"{outgoing.id}-{outgoing.version}-{part}"
        known = next((each for each in earlier if each.id == handover_id), None)
        if known is not None and known.state == _LEFT:
            return
        if known is not None:
            raise self._unknown(f"noted at {known.begun_at:%H:%M}, without an answer")
        await self._note(outgoing, handover_id)
        try:
            await send()
        except UpstreamUnclear as error:
            _log.warning("outcome_open", handover=handover_id, detail=error.detail)
            raise self._unknown(error.detail) from error
        except UpstreamError:
            async with self.database.begin() as tx:
                await withdraw_handover(tx, handover_id)
            raise
        async with self.database.begin() as tx:
            await advance_handover(tx, handover_id, state=_LEFT)

    async def _note(self, outgoing: Outgoing, handover_id: str) -> None:
        handover = Handover(
            id=handover_id,
            message_id=outgoing.id,
            version=outgoing.version,
            is_final=True,
            platform_id="",
            state="pending",
            error="",
            begun_at=self.clock.now(),
        )
        async with self.database.begin() as tx:
            await begin_handover(tx, handover)

    def _unknown(self, detail: str) -> UpstreamUnclear:
        return UpstreamUnclear(detail, platform=self.platform, operation="send", code="outcome_unknown")


def said_enough(outgoing: Outgoing, earlier: Sequence[Handover]) -> bool:
    """True if an earlier version left: nothing there can be edited, and nobody needs it twice."""
    return any(each.version < outgoing.version for each in earlier)
