"""The HTTP side of the service: webhooks, health, metrics, console; start and stop in order."""

import asyncio
import ipaddress
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.feishu.receive import LONGEST_BODY, Challenge, Inbound, Refused, receive
from bot.channels.feishu.toast import toast
from bot.channels.json_body import read_at_most
from bot.channels.whatsapp import receive as whatsapp
from bot.contracts.clock import Clock, NewId
from bot.contracts.feature import Words
from bot.inbox import Receive
from bot.metrics import Metrics
from bot.refusals import Refusals
from storage.database import Database
from storage.jobs.store import backlog
from storage.matters.store import count_unsettled
from storage.migrate import schema_state
from storage.outbox.store import count_open

MOST_QUEUE_LAG = timedelta(minutes=1)
_RETRY_AFTER = {"Retry-After": "5"}
_LONGEST_FORM = 6 * 1024 * 1024  # a page's form with the largest file that one takes; webhooks have limits of their own
_OPEN_REQUESTS_SECONDS = 2.0  # that a stop waits for

_log = structlog.get_logger("server")


class FeishuWebhook:
    """Takes Feishu's deliveries. ``inbound`` is renewed once the platform has named the bot."""

    def __init__(
        self,
        inbound: Inbound,
        accept: Receive,
        *,
        clock: Clock,
        new_id: NewId,
        words: Words,
        metrics: Metrics,
        refusals: Refusals,
    ) -> None:
        self._inbound = inbound
        self.accept = accept
        self._clock = clock
        self._new_id = new_id
        self._words = words
        self._metrics = metrics
        self._refusals = refusals

    def name_bot(self, open_id: str) -> None:
        """From now on, mentions of ``open_id`` address the bot."""
        self._inbound = replace(self._inbound, bot_open_id=open_id)

    async def handle(self, request: web.Request) -> web.Response:
        """Verify, store, answer 200; what cannot be stored is answered 503 and comes again."""
        if request.content_type != "application/json":
            return self._refused(415, "wrong_type")
        body = await read_at_most(request, LONGEST_BODY)
        now = self._clock.now()
        judged = receive(body, request.headers, self._inbound, now=now, event_id=self._new_id())
        match judged:
            case Challenge(answer):
                return _json({"challenge": answer})
            case Refused(status, reason):
                return self._refused(status, reason)
            case event:
                try:
                    receipt = await self.accept(event)
                except Exception as error:  # whatever kept it from the disk: the platform shall send it again
                    _log.error("event_not_stored", channel="feishu", error=type(error).__name__)
                    return web.Response(status=503, headers=_RETRY_AFTER)
                return _json(toast(receipt, self._words))

    def _refused(self, status: int, reason: str) -> web.Response:
        self._metrics.events.labels("feishu", f"refused_{reason}").inc()
        self._refusals.record("feishu", reason)
        return web.Response(status=status)


class WhatsAppWebhook:
    """Takes WhatsApp's deliveries, of which each may hold many items."""

    def __init__(
        self, inbound: whatsapp.Inbound, accept: Receive, *, clock: Clock, new_id: NewId, metrics: Metrics
    ) -> None:
        self._inbound = inbound
        self._accept = accept
        self._clock = clock
        self._new_id = new_id
        self._metrics = metrics

    async def verify(self, request: web.Request) -> web.Response:
        """Answer the dashboard's check with its challenge, or 403."""
        challenge = whatsapp.verified_challenge(request.query, self._inbound)
        return web.Response(status=403) if challenge is None else web.Response(text=challenge)

    async def handle(self, request: web.Request) -> web.Response:
        """Verify, store every item, answer 200; if one cannot be stored the batch is answered 503 and comes again."""
        body = await read_at_most(request, whatsapp.LONGEST_BODY)
        judged = whatsapp.receive(body, request.headers, self._inbound, now=self._clock.now(), new_id=self._new_id)
        if isinstance(judged, whatsapp.Refused):
            self._metrics.count_event("whatsapp", f"refused_{judged.reason}")
            return web.Response(status=judged.status)
        for what in judged.ignored:
            self._metrics.count_event("whatsapp", f"ignored_{what}")
        stored = await asyncio.gather(*map(self._accept, judged.events), return_exceptions=True)
        if failed := [each for each in stored if isinstance(each, BaseException)]:
            _log.error("event_not_stored", channel="whatsapp", error=type(failed[0]).__name__, count=len(failed))
            return web.Response(status=503, headers=_RETRY_AFTER)
        return web.Response()

    def routes(self) -> list[web.RouteDef]:
        path = "/webhooks/whatsapp"
        return [web.get(path, self.verify, allow_head=False), web.post(path, self.handle)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the health routes look at. Metrics are shown to this machine alone, and not at all when public."""

    database: Database
    clock: Clock
    metrics: Metrics
    is_writing: Callable[[], bool] = lambda: True
    is_public: bool = False

    async def healthz(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return _json({"status": "ok"})

    async def readyz(self, _request: web.Request) -> web.Response:
        """The database answers and takes what arrives, the schema is ours and the queue moves."""
        if not self.is_writing():
            return _json({"database": False, "reason": "nothing can be written"}, status=503)
        try:
            lag = await self._measure()
            is_current = await schema_state(self.database) == "current"
        except Exception as error:  # any failure of the database means the same: not ready
            _log.warning("not_ready", error=type(error).__name__)
            return _json({"database": False}, status=503)
        checks = {"database": True, "migrations": is_current, "queue": lag <= MOST_QUEUE_LAG}
        return _json(checks, status=200 if all(checks.values()) else 503)

    async def read_metrics(self, request: web.Request) -> web.Response:
        """For Prometheus on this machine."""
        is_local = not self.is_public and ipaddress.ip_address(request.remote or "0.0.0.0").is_loopback
        if not is_local:
            return web.Response(status=401)
        with suppress(SQLAlchemyError, OSError):  # the other figures tell what is wrong with the database
            await self._measure()
        return web.Response(body=self.metrics.render(), content_type="text/plain", charset="utf-8")

    async def _measure(self) -> timedelta:
        """Renew the gauges; returns how long the oldest due job has waited."""
        now = self.clock.now()
        async with self.database.read() as reader:
            oldest_due_at = (await backlog(reader, now=now)).oldest_due_at
            unsent = await count_open(reader)
            unsettled = await count_unsettled(reader)
        lag = now - oldest_due_at if oldest_due_at else timedelta()
        self.metrics.inbox_lag.set(lag.total_seconds())
        self.metrics.matters_open.clear()
        for kind, count in unsettled:
            self.metrics.matters_open.labels(kind).set(count)
        self.metrics.outbox_pending.clear()
        for each in unsent:
            if each.state == "queued":
                self.metrics.outbox_pending.labels(each.channel).set(each.count)
        return lag

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.read_metrics),
        ]


def make_application(routes: Iterable[web.RouteDef]) -> web.Application:
    """An aiohttp application over all routes."""
    application = web.Application(client_max_size=_LONGEST_FORM)
    application.add_routes(routes)
    return application


class Server:
    """A listening application."""

    def __init__(self, application: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=_OPEN_REQUESTS_SECONDS
        )
        self._host = host
        self._port = port

    async def start(self) -> int:
        """Listen; returns the port (of use when 0 was asked for). Raises: OSError if it is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
        await site.start()
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """Take no new requests and end the open ones."""
        await self._runner.cleanup()


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(value, ensure_ascii=False), status=status, content_type="application/json")
