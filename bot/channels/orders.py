"""Orders' webhook: one address per source, each delivery signed as Standard Webhooks says.

The order is fixed: size, signature over the raw bytes, then reading; stored with whatever else arrives now, then 200.
"""

from collections.abc import Mapping

from aiohttp import web

from bot.channels.json_body import Unreadable, read_at_most, read_object
from bot.channels.order_events import OrderEvents
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

PATH = "/webhooks/orders/{source}"
LONGEST_BODY = 256 * 1024


class OrdersWebhook:
    """Takes the events of all sources. ``signers`` are what each of them signs with, by its name."""

    def __init__(self, signers: Mapping[str, Signer], events: OrderEvents) -> None:
        self._signers = signers
        self._events = events

    def routes(self) -> list[web.RouteDef]:
        """Where the sources may post, if there are any."""
        return [web.post(PATH, self.handle)] if self._signers else []

    async def handle(self, request: web.Request) -> web.Response:
        """200 once it is on disk, also for what was there before; 404, 413, 401 and 400 for what is not ours, too long,
        not signed or not readable; 503 if it cannot be stored."""
        source, events = request.match_info["source"], self._events
        signer = self._signers.get(source)
        if signer is None:
            return events.refused(404, "source")
        body = await read_at_most(request, LONGEST_BODY)
        if len(body) > LONGEST_BODY:
            return events.refused(413, "too_large")
        verdict = signer.judge(request.headers, body, now=events.clock.now())
        if verdict != "genuine":
            return events.refused(401, verdict)
        try:
            event = read_event(read_object(body))
        except (Unreadable, UnreadableEvent) as error:
            return events.unreadable(source, error)
        if isinstance(event, UnknownEvent):
            events.count("unknown")
            return web.Response()
        event_id = request.headers[ID_HEADER]
        kept = await events.keep(body, source=source, event_id=event_id, kind=event.type, subject=_subject(event))
        return kept or web.Response()


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
