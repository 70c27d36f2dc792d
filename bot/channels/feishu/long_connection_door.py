"""What came over the long connection, judged and stored as at the webhook."""

from dataclasses import dataclass

import orjson
import structlog

from bot.channels.feishu.receive import Refused, receive_clear
from bot.channels.feishu.toast import toast
from bot.contracts.clock import Clock, NewId
from bot.contracts.feature import Words
from bot.inbox import Receive
from bot.metrics import Metrics
from bot.refusals import Refusals

STORED, NOT_STORED = 200, 500

_log = structlog.get_logger("long_connection")


@dataclass(slots=True, kw_only=True)
class Door:
    """Takes payloads. ``bot_open_id`` is empty until the platform has named the bot."""

    app_id: str
    accept: Receive
    clock: Clock
    new_id: NewId
    words: Words
    metrics: Metrics
    refusals: Refusals
    bot_open_id: str = ""

    async def take(self, payload: bytes) -> tuple[int, bytes]:
        """200 once the event is on disk, with the answer to a press; 500 for what shall come again."""
        now = self.clock.now()
        judged = receive_clear(payload, self.app_id, self.bot_open_id, now=now, event_id=self.new_id())
        if isinstance(judged, Refused):
            self.metrics.count_event("feishu", f"refused_{judged.reason}")
            self.refusals.record("feishu", judged.reason)
            return NOT_STORED, b""
        try:
            receipt = await self.accept(judged)
        except Exception as error:  # whatever kept it from the disk: the platform shall send it again
            _log.error("event_not_stored", channel="feishu", error=type(error).__name__)
            return NOT_STORED, b""
        shown = toast(receipt, self.words)
        return STORED, orjson.dumps(shown) if shown else b""
