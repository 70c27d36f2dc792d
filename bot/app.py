"""The composition root: everything is built once, here, and handed out. The only place that sees all parts."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from importlib.metadata import version

import structlog
from aiohttp import web

from bot.administration import Administration, pairing_code
from bot.attachments import Attachments
from bot.bot_name import BotName
from bot.channels.base import Channel
from bot.channels.feishu.channel import FeishuChannel
from bot.channels.feishu.long_connection import LongConnection
from bot.channels.outgoing import outgoing_channels
from bot.channels.sms.reports import SmsReports
from bot.channels.web import ChatLive, WebChannel
from bot.channels.whatsapp.channel import Templates, WhatsAppChannel
from bot.clients import Foundation, choose_buckets, make_clients, make_feishu_door, other_doors
from bot.commands import CommandBook
from bot.console.deps import ConsoleDeps
from bot.console.guests import Guests
from bot.console.routes import routes as console_routes
from bot.contracts.clock import Clock, id_source
from bot.control import ControlServer, Terminal, TerminalChannel, TerminalLive
from bot.heavy.worker import HeavyWorker
from bot.inbox import Inbox
from bot.jobs.choice import Role, check_role, choose_engine, is_shared
from bot.jobs.schedule import Ticker
from bot.jobs.timetable import Timetable
from bot.live import Live
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.phone_chats import PhoneChats
from bot.presses import Presses
from bot.reading import Reading
from bot.refusals import Refusals
from bot.retention import RETENTION_SCHEDULE, retention_task
from bot.router import Router
from bot.server import FeishuWebhook, Health, Server, make_application
from bot.settings import Settings
from bot.standing import Standing
from bot.statuses import Statuses
from bot.words import load_catalogue, machine_texts
from bot.work import Work
from handlers.alerts.ports import AlertsDeps
from handlers.deliveries.ports import DeliveriesDeps
from handlers.ladder.ports import LadderDeps
from handlers.matters.ports import MattersDeps
from handlers.orders.key_commands import put_keys
from handlers.orders.ports import OrdersDeps, bridges_of
from handlers.people.ports import PeopleDeps
from handlers.registry import FeatureDeps, features, text_folders
from handlers.restock.jobs import stockouts_ahead
from handlers.restock.policy import RestockPolicy
from handlers.restock.ports import RestockDeps
from handlers.stores.ports import StoresDeps
from handlers.subscriptions.ports import SubscriptionsDeps
from handlers.sync.ports import SyncDeps
from handlers.system.ports import FeishuApp, Platform, SystemDeps
from integrations.feishu.client import Pace
from integrations.http.shared_buckets import SharedBuckets
from integrations.whatsapp.client import WhatsAppClient
from storage.credentials.cipher import Cipher
from storage.credentials.store import StoredTokens
from storage.database import Database
from storage.matters.rows import OUTSIDE_TASK
from storage.orders.key_witness import KeyWitness

STOP_GRACE = timedelta(seconds=4)

_log = structlog.get_logger("app")


class App:
    """One process of the service, built but not started."""

    def __init__(
        self,
        settings: Settings,
        keys: tuple[bytes, ...],
        clock: Clock,
        *,
        feishu_pace: Pace | None = None,
        guests: Guests | None = None,
        role: Role = "all",
    ) -> None:
        self.settings = settings
        self._role = role
        self._guests = guests
        database = Database(settings.database_url.reveal())
        check_role(database, role)
        new_id = id_source(clock)
        buckets, cipher = choose_buckets(database, clock, new_id), Cipher(*keys)
        base = Foundation(
            settings=settings,
            clock=clock,
            new_id=new_id,
            database=database,
            tokens=StoredTokens(database, cipher),
            cipher=cipher,
            buckets=buckets,
            catalogue=load_catalogue([machine_texts(), *text_folders()], timezone=settings.timezone),
            metrics=Metrics(),
        )
        self._base = base
        self.database, self.clock, self.metrics = database, clock, base.metrics
        self.words = base.catalogue.words
        self._closing: list[Callable[[], Awaitable[None]]] = []
        clients = self._clients = make_clients(base, feishu_pace)
        self._feishu, self._whatsapp, self._lingxing = clients.feishu, clients.whatsapp, clients.lingxing
        self._closing.extend(transport.close for transport in clients.transports)
        if isinstance(buckets, SharedBuckets):
            self._closing.append(buckets.close)
        self._refusals = Refusals(clock)
        self.chat_live: ChatLive = Live()
        self.terminal_live: TerminalLive = Live()
        self._build_machine()
        self._build_doors()

    def _build_machine(self) -> None:
        base = self._base
        self._orders = self._orders_deps()
        self.features = features(self._feature_deps())
        book = self._book = CommandBook(command for feature in self.features for command in feature.commands)
        self.engine = choose_engine(
            self.database, self.clock, base.new_id, observe=self.metrics.observe_job, role=self._role
        )
        self.heavy = HeavyWorker(self.clock)
        self._closing.append(self.heavy.close)
        self._reading = Reading(self.database, book, self.clock, base.new_id)
        files = Attachments(self.database, self._reading, self.heavy, zone=str(self.settings.timezone))
        channels: list[Channel] = [WebChannel(self.chat_live), TerminalChannel(self.terminal_live)]
        if self._feishu is not None:
            channels.append(FeishuChannel(self._feishu, self.words, self.clock, files=files))
        if self._whatsapp is not None:
            channels.append(self._whatsapp_channel(self._whatsapp, files))
        reached_at = self.settings.public_url or (self.console_url if self._guests else "")  # who tries it sits here
        channels += outgoing_channels(self._clients, base, self.words, files, public_url=reached_at)
        self._channels_on = frozenset(channel.name for channel in channels)
        outbox = Outbox(
            self.database,
            channels,
            clock=self.clock,
            new_id=base.new_id,
            new_token=partial(secrets.token_urlsafe, 16),
            pressed_once=book.is_change,
            metrics=self.metrics,
        )
        router = Router(
            self.database,
            book,
            base.catalogue,
            outbox,
            clock=self.clock,
            new_id=base.new_id,
            language=self.settings.language,
            metrics=self.metrics,
        )
        self.database.work, self.database.tell = Work(self.engine, outbox), self.chat_live.tell
        self.engine.register([router.task(), outbox.task(), retention_task(self.database, self.clock)])
        self.engine.register(task for feature in self.features for task in feature.tasks)
        self.statuses = Statuses(self.database, self.clock, self.metrics)
        self.inbox = Inbox(
            self.engine,
            Presses(book, self.clock).claim,
            self.metrics,
            phones=PhoneChats(base.catalogue, self.clock, language=self.settings.language),
            follow=self.statuses.follow,
        )
        schedules = [schedule for feature in self.features for schedule in feature.schedules]
        schedules.append(RETENTION_SCHEDULE)
        zone = self.settings.timezone
        self._ticker = Ticker(schedules, self.database, self.clock, zone)
        self._newest_slots = {each.name: Timetable(each.cron, zone).newest for each in schedules}

    def _whatsapp_channel(self, client: WhatsAppClient, files: Attachments) -> WhatsAppChannel:
        own = self.settings.whatsapp
        assert own is not None
        templates = Templates(alert=own.template_alert, notice=own.template_notice)
        return WhatsAppChannel(client, self.database, self.words, self.clock, templates=templates, files=files)

    def _feature_deps(self) -> FeatureDeps:
        base = self._base
        return FeatureDeps(
            system=SystemDeps(
                database=self.database,
                clock=self.clock,
                platforms=tuple(Platform(*each) for each in self._clients.checks()),
                started_at=self.clock.now(),
                version=version("zhanggui"),
                words=self.words,
                refused=self._refusals.within_hour,
                feishu=self._feishu_app(),
                feishu_trouble=self._feishu_trouble,
            ),
            people=PeopleDeps(
                database=self.database,
                new_id=base.new_id,
                new_token=partial(secrets.token_urlsafe, 32),
                console_url=self.console_url,
                words=self.words,
                new_code=partial(pairing_code, secrets.randbelow),
                zone=self.settings.timezone,
            ),
            stores=StoresDeps(database=self.database),
            restock=RestockDeps(database=self.database, policy=RestockPolicy()),
            orders=self._orders,
            sync=SyncDeps(database=self.database, source=self._lingxing, clock=self.clock, words=self.words),
            deliveries=DeliveriesDeps(database=self.database),
            subscriptions=self._subscriptions_deps(),
            matters=MattersDeps(
                database=self.database,
                clock=self.clock,
                words=self.words,
                zone=self.settings.timezone,
                language=self.settings.language,
                channels=lambda: self._channels_on,
            ),
            ladder=LadderDeps(database=self.database),
            alerts=AlertsDeps(
                database=self.database,
                clock=self.clock,
                zone=self.settings.timezone,
                stockouts=partial(stockouts_ahead, policy=RestockPolicy()),
                schedules=lambda: self._newest_slots,
            ),
        )

    def _orders_deps(self) -> OrdersDeps:
        base = self._base
        return OrdersDeps(
            database=self.database,
            clock=self.clock,
            new_id=base.new_id,
            cipher=base.cipher,
            bridges=bridges_of(self._clients.bridges, self._clients.goofish),
            goofish=self._clients.goofish,
            courier=self._clients.courier,
            lingxing=self._lingxing,
            words=self.words,
            zone=self.settings.timezone,
            witness=KeyWitness(self.settings.data_dir / "keys-sent"),
        )

    def _feishu_trouble(self) -> str:
        return self.long_connection.trouble if self.long_connection is not None else ""

    def _feishu_app(self) -> FeishuApp | None:
        own = self.settings.feishu
        if own is None or self._feishu is None:
            return None
        return FeishuApp(app_id=own.app_id, base_url=own.base_url, scopes=self._feishu.scopes)

    def _subscriptions_deps(self) -> SubscriptionsDeps:
        base = self._base
        gate = Standing(
            database=self.database,
            book=lambda: self._book,  # made of the commands of all features, this one's too
            catalogue=base.catalogue,
            clock=self.clock,
            new_id=base.new_id,
            language=self.settings.language,
            metrics=self.metrics,
        )
        return SubscriptionsDeps(
            database=self.database,
            gate=gate,
            clock=self.clock,
            words=self.words,
            zone=self.settings.timezone,
            language=self.settings.language,
        )

    def _build_doors(self) -> None:
        base, settings = self._base, self.settings
        console = ConsoleDeps(
            database=self.database,
            receive=self.inbox.receive,
            live=self.chat_live,
            words=self.words,
            clock=self.clock,
            new_id=base.new_id,
            new_token=partial(secrets.token_urlsafe, 32),
            heavy=self.heavy,
            whole=self._reading.whole,
            zone=str(settings.timezone),
            public_url=settings.public_url,
            language=settings.language,
            guests=self._guests,
        )
        health = Health(
            database=self.database,
            clock=self.clock,
            metrics=self.metrics,
            is_writing=self.engine.is_writing,
            is_public=bool(settings.public_url),
        )
        door = make_feishu_door(base, self.inbox.receive, self._refusals)
        self.webhook = door if isinstance(door, FeishuWebhook) else None
        self.long_connection = door if isinstance(door, LongConnection) else None
        self._bot_name = self._naming()
        hooks = [web.post("/webhooks/feishu", self.webhook.handle)] if self.webhook else []
        hooks += other_doors(base, self.inbox.receive, self.engine, outside_task=OUTSIDE_TASK)
        application = make_application([*hooks, *health.routes(), *console_routes(console, self.features)])
        self._server = Server(application, settings.host, settings.port)
        self.administration = Administration(
            database=self.database,
            clock=self.clock,
            new_id=base.new_id,
            random_below=secrets.randbelow,
            acts={"add keys": partial(put_keys, deps=self._orders)},
        )
        self.terminal = Terminal(
            database=self.database,
            receive=self.inbox.receive,
            live=self.terminal_live,
            administration=self.administration,
            clock=self.clock,
            new_id=base.new_id,
            words=self.words(settings.language),
        )
        self._control = ControlServer(settings.data_dir, self.terminal, self.administration)

    def _naming(self) -> BotName | None:
        own = self.settings.feishu
        door = self.webhook or self.long_connection
        if own is None or self._feishu is None or door is None:
            return None
        return BotName(own.app_id, self._feishu, door.name_bot, self.database, self.clock)

    @property
    def console_url(self) -> str:
        """Where people reach the console, without a path."""
        return self.settings.public_url or f"http://127.0.0.1:{self.settings.port}"

    async def start(self, *, listening: bool = True, on_schedule: bool = True) -> int:
        """Begin to work and, unless told otherwise, to listen and to follow the schedules.

        Returns the port, 0 when not listening. Raises: OSError for a port in use.
        """
        await self.engine.start()
        if on_schedule:
            self._ticker.start()
        self._background: list[asyncio.Task[None]] = []
        if self._bot_name is not None:
            await self._bot_name.recall()
            self._background.append(asyncio.create_task(self._bot_name.learn(), name="bot name"))
        if self._whatsapp is not None:
            doubting = self.statuses.doubt_from_time_to_time()
            self._background.append(asyncio.create_task(doubting, name="doubt"))
        if self._clients.sms is not None:
            asking = SmsReports(self._clients.sms, self.database, self.clock).ask_from_time_to_time()
            self._background.append(asyncio.create_task(asking, name="sms reports"))
        if self.database.is_sqlite:
            keeping = self.database.keep_log_short(self.clock)
            self._background.append(asyncio.create_task(keeping, name="short log"))
        if is_shared(self.database):
            self._background.append(asyncio.create_task(self._talk_to_neighbours(), name="news"))
        if listening or self._role == "worker":
            await self._control.start()
        if not listening:
            return 0
        port = await self._server.start()
        if self.long_connection is not None:
            self.long_connection.start()
        _log.info("listening", port=port)
        return port

    async def _talk_to_neighbours(self) -> None:
        from bot.neighbours import Neighbours  # loads PostgreSQL's driver

        lives = (self.chat_live, self.terminal_live)
        await Neighbours(self.database, lives, self.clock, name=self._base.new_id()).talk()

    async def stop(self) -> None:
        """Stop intake, finish what runs, flush the outbox, close clients and database; within ten seconds."""
        self.chat_live.close()
        self.terminal_live.close()
        if self.long_connection is not None:
            await self.long_connection.stop()
        await self._server.stop()
        await self._control.stop()
        await self._ticker.stop()
        await self.engine.stop(STOP_GRACE)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        for close in self._closing:
            await close()
        await self.database.close()
