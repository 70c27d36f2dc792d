"""Orders' webhook: one address per source, each delivery signed as Standard Webhooks says.

The order is fixed: size, signature over the raw bytes, then reading; stored with whatever else arrives now, then 200.
"""

from collections.abc import Mapping, Sequence

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.json_body import Unreadable, read_at_most, read_object
from bot.contracts.clock import Clock, NewId
from bot.jobs.engine import Engine
from bot.metrics import Metrics
from integrations.marketplace.models import (
    ChannelEvent,
    Event,
    MessageEvent,
    OrderEvent,
    UnknownEvent,
    UnreadableEvent,
    read_event,
)
from integrations.marketplace.signing import ID_HEADER, Signer
from storage.credentials.cipher import Cipher
from storage.database import Transaction
from storage.orders.buyers import seal_text
from storage.orders.events import add_events
from storage.orders.rows import NewEvent

PATH = "/webhooks/orders/{source}"
LONGEST_BODY = 256 * 1024
_RETRY_AFTER = {"Retry-After": "5"}
_CHANNEL = "orders"

_log = structlog.get_logger("orders")


class OrdersWebhook:
    """Takes the events of all sources. ``signers`` are what each of them signs with, by its name."""

    def __init__(
        self,
        signers: Mapping[str, Signer],
        engine: Engine,
        cipher: Cipher,
        *,
        clock: Clock,
        new_id: NewId,
        metrics: Metrics,
    ) -> None:
        self._signers = signers
        self._engine = engine
        self._cipher = cipher
        self._clock = clock
        self._new_id = new_id
        self._metrics = metrics

    def routes(self) -> list[web.RouteDef]:
        """Where the sources may post, if there are any."""
        return [web.post(PATH, self.handle)] if self._signers else []

    async def handle(self, request: web.Request) -> web.Response:
        """200 once it is on disk, also for what was there before; 404, 413, 401 and 400 for what is not ours, too long,
        not signed or not readable; 503 if it cannot be stored."""
        source = request.match_info["source"]
        signer = self._signers.get(source)
        if signer is None:
            return self._refused(404, "source")
        body = await read_at_most(request, LONGEST_BODY)
        if len(body) > LONGEST_BODY:
            return self._refused(413, "too_large")
        verdict = signer.judge(request.headers, body, now=self._clock.now())
        if verdict != "genuine":
            return self._refused(401, verdict)
        try:
            event = read_event(read_object(body))
        except (Unreadable, UnreadableEvent) as error:
            _log.warning("event_unreadable", channel=_CHANNEL, source=source, reason=str(error))
            return self._refused(400, "unreadable")
        if isinstance(event, UnknownEvent):
            self._metrics.count_event(_CHANNEL, "unknown")
            return web.Response()
        return await self._accept(self._new_event(source, request.headers[ID_HEADER], event, body))

    def _new_event(self, source: str, event_id: str, event: Event, body: bytes) -> NewEvent:
        our_id = self._new_id()
        return NewEvent(
            id=our_id,
            source=source,
            event_id=event_id,
            kind=event.type,
            subject=_subject(event),
            body=seal_text(self._cipher, our_id, body.decode()),
            received_at=self._clock.now(),
        )

    async def _accept(self, event: NewEvent) -> web.Response:
        try:
            is_new = await self._engine.commit(_store, event)
        except (SQLAlchemyError, OSError) as error:
            _log.error("event_not_stored", channel=_CHANNEL, error=type(error).__name__)
            return web.Response(status=503, headers=_RETRY_AFTER)
        self._metrics.count_event(_CHANNEL, "stored" if is_new else "duplicate")
        return web.Response()

    def _refused(self, status: int, reason: str) -> web.Response:
        self._metrics.count_event(_CHANNEL, f"refused_{reason}")
        return web.Response(status=status)


async def _store(tx: Transaction, events: Sequence[NewEvent]) -> list[bool]:
    return await add_events(tx, events)


def _subject(event: Event) -> str:
    """What is taken in one after the other."""
    match event:
        case OrderEvent():
            return f"{event.data.account_id}/{event.data.order_id}"
        case MessageEvent():
            return f"{event.data.account_id}/chat/{event.data.chat_id}"
        case ChannelEvent():
            return f"{event.data.account_id}/channel"
        case UnknownEvent():
            return ""
