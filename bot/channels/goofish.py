"""闲管家's pushes: signed in the query, answered with exactly the words that the platform waits for.

A push only names what changed. It is stored like any order's event, under an id made of what it tells.
"""

from aiohttp import web

from bot.channels.json_body import Unreadable, read_at_most, read_object
from bot.channels.order_events import OrderEvents
from bot.channels.orders import LONGEST_BODY
from integrations.goofish.models import PUSH_TAKEN, read_push
from integrations.goofish.models import Unreadable as UnreadablePush
from integrations.goofish.signing import AppKey
from storage.orders.rows import GOOFISH, GOOFISH_TASK, PUSHED

PATH = "/webhooks/goofish"


class GoofishWebhook:
    """Takes the pushes of one app."""

    def __init__(self, key: AppKey, events: OrderEvents) -> None:
        self._key = key
        self._events = events

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """The platform's own words once it is on disk, also for what was there before; 413, 401 and 400 for what is too
        long, not signed or not readable; 503 if it cannot be stored."""
        events = self._events
        body = await read_at_most(request, LONGEST_BODY)
        if len(body) > LONGEST_BODY:
            return events.refused(413, "too_large")
        verdict = self._key.judge(request.query, body, now=events.clock.now())
        if verdict != "genuine":
            return events.refused(401, verdict)
        try:
            push = read_push(read_object(body))
        except (Unreadable, UnreadablePush) as error:
            return events.unreadable(GOOFISH, error)
        kept = await events.keep(
            body, source=GOOFISH, event_id=push.event_id, kind=PUSHED, subject=push.order_no, task=GOOFISH_TASK
        )
        return kept or web.Response(body=PUSH_TAKEN, content_type="application/json", charset="utf-8")
