"""The clients of the platforms that the settings turn on, Feishu's way in, and what they are built on."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.channels.alertmanager import alertmanager_routes
from bot.channels.feishu.long_connection import LongConnection, LongConnectionApp
from bot.channels.feishu.long_connection_door import Door
from bot.channels.feishu.receive import Inbound
from bot.channels.goofish import GoofishWebhook
from bot.channels.order_events import OrderEvents
from bot.channels.orders import OrdersWebhook
from bot.channels.whatsapp import receive as whatsapp_inbound
from bot.contracts.clock import Clock, NewId
from bot.contracts.secret import Secret
from bot.inbox import Receive
from bot.jobs.choice import is_shared
from bot.jobs.engine import Engine
from bot.metrics import Metrics
from bot.refusals import Refusals
from bot.server import FeishuWebhook, WhatsAppWebhook
from bot.settings import FeishuSettings, GoofishSettings, Settings, WebhookKeys
from bot.words import Catalogue
from integrations.courier import errors as courier_errors
from integrations.courier.client import CourierClient
from integrations.email.account import Account
from integrations.email.client import EmailClient
from integrations.feishu import errors as feishu_errors
from integrations.feishu.client import Credentials as FeishuCredentials
from integrations.feishu.client import FeishuClient, Pace
from integrations.feishu.signing import EventKey
from integrations.goofish import errors as goofish_errors
from integrations.goofish.client import GoofishClient
from integrations.goofish.signing import AppKey
from integrations.http.buckets import BucketStore, ProcessBuckets
from integrations.http.routes import ProxyPolicy, Timeouts
from integrations.http.shared_buckets import SharedBuckets
from integrations.http.transport import Transport
from integrations.lingxing import errors as lingxing_errors
from integrations.lingxing.client import LingxingClient
from integrations.lingxing.session import Credentials as LingxingCredentials
from integrations.lingxing.session import Session
from integrations.marketplace import errors as marketplace_errors
from integrations.marketplace.client import MarketplaceClient
from integrations.marketplace.signing import Signer
from integrations.sms import errors as sms_errors
from integrations.sms.client import HttpSms
from integrations.wecom import errors as wecom_errors
from integrations.wecom.client import WeComClient
from integrations.whatsapp import errors as whatsapp_errors
from integrations.whatsapp.client import Credentials as WhatsAppCredentials
from integrations.whatsapp.client import WhatsAppClient
from integrations.whatsapp.signing import AppSecret
from storage.credentials.cipher import Cipher
from storage.credentials.store import StoredTokens
from storage.database import Database
from storage.rates.store import RateRows

Way = Callable[[str, str, Callable[..., None]], Transport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What everything else is built on."""

    settings: Settings
    clock: Clock
    new_id: NewId
    database: Database
    tokens: StoredTokens
    cipher: Cipher
    buckets: BucketStore
    catalogue: Catalogue
    metrics: Metrics

    def transport(self, platform: str, base_url: str, judge: Callable[..., None]) -> Transport:
        """The way to one platform, through the relay if the settings say so."""
        policy, timeouts = way_to(platform, self.settings)
        return Transport(
            platform,
            base_url,
            clock=self.clock,
            judge=judge,
            proxy=policy,
            timeouts=timeouts,
            observer=self.metrics.observe_request,
        )


def choose_buckets(database: Database, clock: Clock, new_id: NewId) -> ProcessBuckets | SharedBuckets:
    """Rate limits for this process alone, or kept with all others that work on the database."""
    if not is_shared(database):
        return ProcessBuckets(clock)
    return SharedBuckets(RateRows(database, new_id()), clock)


def way_to(platform: str, settings: Settings) -> tuple[ProxyPolicy, Timeouts]:
    """Through which relays a platform is reached, if any, and how long its answers may take."""
    proxy = settings.proxy
    if proxy is None or platform not in proxy.platforms:
        return ProxyPolicy(), Timeouts()
    policy = ProxyPolicy(
        url=proxy.url.reveal(),
        fallback_url=proxy.fallback_url.reveal() if proxy.fallback_url else "",
        allow_direct=proxy.allow_direct,
    )
    return policy, Timeouts(read=float(proxy.timeout_seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """One client per platform, None for one that is off; ``transports`` are to be closed at the end."""

    feishu: FeishuClient | None
    whatsapp: WhatsAppClient | None
    lingxing: LingxingClient | None
    email: EmailClient | None
    wecom: WeComClient | None
    sms: HttpSms | None
    bridges: Mapping[str, MarketplaceClient]
    """By the name of their source."""
    goofish: GoofishClient | None
    courier: CourierClient | None
    transports: tuple[Transport, ...]

    def checks(self) -> tuple[tuple[str, str, Callable[[], Awaitable[object]] | None], ...]:
        """Each platform with the first setting that turns it on and a cheap live call, None if it is off."""
        feishu, whatsapp, goofish = self.feishu, self.whatsapp, self.goofish
        return (
            ("feishu", "FEISHU_APP_ID", feishu.bot_info if feishu else None),
            ("whatsapp", "WHATSAPP_ACCESS_TOKEN", whatsapp.number if whatsapp else None),
            ("lingxing", "LINGXING_APP_ID", self.lingxing.check if self.lingxing else None),
            ("email", "SMTP_URL", self.email.check if self.email else None),
            ("wecom", "WECOM_ROBOT_URL", self.wecom.check if self.wecom else None),
            ("sms", "SMS_BASE_URL", self.sms.check if self.sms else None),
            ("goofish", "GOOFISH_APP_KEY", goofish.check if goofish else None),
            ("courier", "COURIER_BASE_URL", self.courier.remaining if self.courier else None),
        )


def make_clients(base: Foundation, feishu_pace: Pace | None) -> Clients:
    """Build what the settings turn on; nothing is connected yet."""
    transports: list[Transport] = []

    def way(platform: str, base_url: str, judge: Callable[..., None]) -> Transport:
        transports.append(base.transport(platform, base_url, judge))
        return transports[-1]

    return Clients(
        feishu=_feishu(base, feishu_pace, way),
        whatsapp=_whatsapp(base, way),
        lingxing=_lingxing(base, way),
        email=_email(base),
        wecom=_wecom(base, way),
        sms=_sms(base, way),
        bridges=dict(_bridges(base, way)),
        goofish=_goofish(base, way),
        courier=_courier(base, way),
        transports=tuple(transports),
    )


def _feishu(base: Foundation, pace: Pace | None, way: Way) -> FeishuClient | None:
    own = base.settings.feishu
    if own is None:
        return None
    return FeishuClient(
        FeishuCredentials(own.app_id, own.app_secret),
        way("feishu", own.base_url, feishu_errors.judge),
        tokens=base.tokens,
        buckets=base.buckets,
        clock=base.clock,
        pace=pace,
    )


def _whatsapp(base: Foundation, way: Way) -> WhatsAppClient | None:
    own = base.settings.whatsapp
    if own is None:
        return None
    credentials = WhatsAppCredentials(own.phone_number_id, own.access_token)
    return WhatsAppClient(credentials, way("whatsapp", own.base_url, whatsapp_errors.judge), buckets=base.buckets)


def _lingxing(base: Foundation, way: Way) -> LingxingClient | None:
    own = base.settings.lingxing
    if own is None:
        return None
    session = Session(
        LingxingCredentials(own.app_id, own.app_secret),
        way("lingxing", own.base_url, lingxing_errors.judge),
        tokens=base.tokens,
        buckets=base.buckets,
        clock=base.clock,
    )
    return LingxingClient(session, base.clock)


def _email(base: Foundation) -> EmailClient | None:
    own = base.settings.email
    if own is None:
        return None
    account = Account(
        host=own.host,
        port=own.port,
        security=own.security,
        sender=own.sender,
        username=own.username,
        password=own.password or Secret(""),
    )
    return EmailClient(account=account, buckets=base.buckets, clock=base.clock, observer=base.metrics.observe_request)


def _wecom(base: Foundation, way: Way) -> WeComClient | None:
    own = base.settings.wecom
    if own is None:
        return None
    transport = way("wecom", own.base_url, wecom_errors.judge)
    return WeComClient(dict(own.robots), transport, buckets=base.buckets)


def _sms(base: Foundation, way: Way) -> HttpSms | None:
    own = base.settings.sms
    if own is None:
        return None
    return HttpSms(
        own.access_key,
        own.secret,
        way("sms", own.base_url, sms_errors.judge),
        sender=own.sender,
        buckets=base.buckets,
        clock=base.clock,
    )


def _bridges(base: Foundation, way: Way) -> Iterator[tuple[str, MarketplaceClient]]:
    for source in base.settings.order_sources:
        if (to := source.commands) is not None:
            transport = way("marketplace", to.base_url, marketplace_errors.judge)
            yield source.name, MarketplaceClient(Signer([to.secret]), transport, path=to.path, clock=base.clock)


def _goofish(base: Foundation, way: Way) -> GoofishClient | None:
    own = base.settings.goofish
    if own is None:
        return None
    transport = way("goofish", own.base_url, goofish_errors.judge)
    return GoofishClient(_app_key(own), transport, buckets=base.buckets, clock=base.clock)


def _app_key(own: GoofishSettings) -> AppKey:
    return AppKey(app_key=own.app_key, app_secret=own.app_secret, seller_id=own.seller_id)


def _courier(base: Foundation, way: Way) -> CourierClient | None:
    own = base.settings.courier
    if own is None:
        return None
    transport = way("courier", own.base_url, courier_errors.judge)
    return CourierClient(own.access_key, own.secret, transport, buckets=base.buckets, clock=base.clock)


def make_feishu_door(base: Foundation, accept: Receive, refusals: Refusals) -> FeishuWebhook | LongConnection | None:
    """The one way by which Feishu's events come in; nothing is connected yet."""
    own = base.settings.feishu
    if own is None:
        return None
    if own.webhook is None:
        return _long_connection(base, own, accept, refusals)
    return _webhook(base, own.app_id, own.webhook, accept, refusals)


def _webhook(base: Foundation, app_id: str, keys: WebhookKeys, accept: Receive, refusals: Refusals) -> FeishuWebhook:
    return FeishuWebhook(
        Inbound(
            key=EventKey(keys.encrypt_key.reveal()),
            verification_token=keys.verification_token.reveal(),
            app_id=app_id,
        ),
        accept,
        clock=base.clock,
        new_id=base.new_id,
        words=base.catalogue.words(base.settings.language),
        metrics=base.metrics,
        refusals=refusals,
    )


def _long_connection(base: Foundation, own: FeishuSettings, accept: Receive, refusals: Refusals) -> LongConnection:
    door = Door(
        app_id=own.app_id,
        accept=accept,
        clock=base.clock,
        new_id=base.new_id,
        words=base.catalogue.words(base.settings.language),
        metrics=base.metrics,
        refusals=refusals,
    )
    app = LongConnectionApp(app_id=own.app_id, app_secret=own.app_secret, base_url=own.base_url)
    return LongConnection(app, door, clock=base.clock, metrics=base.metrics)


def other_doors(base: Foundation, accept: Receive, engine: Engine, *, outside_task: str) -> list[web.RouteDef]:
    """Where everybody but Feishu posts what happened; who has no settings has no door."""
    token = base.settings.alertmanager_token
    outside = alertmanager_routes(token, base.database, base.clock, base.metrics, task=outside_task)
    return [*_whatsapp_routes(base, accept), *outside, *_order_routes(base, engine)]


def _order_routes(base: Foundation, engine: Engine) -> list[web.RouteDef]:
    def kept(channel: str) -> OrderEvents:
        return OrderEvents(channel, engine, base.cipher, clock=base.clock, new_id=base.new_id, metrics=base.metrics)

    signers = {source.name: Signer(source.webhook_secrets) for source in base.settings.order_sources}
    routes = OrdersWebhook(signers, kept("orders")).routes()
    own = base.settings.goofish
    return routes if own is None else [*routes, *GoofishWebhook(_app_key(own), kept("goofish")).routes()]


def _whatsapp_routes(base: Foundation, accept: Receive) -> list[web.RouteDef]:
    own = base.settings.whatsapp
    if own is None:
        return []
    inbound = whatsapp_inbound.Inbound(
        secret=AppSecret(own.app_secret.reveal()),
        verify_token=own.verify_token.reveal(),
        phone_number_id=own.phone_number_id,
    )
    hook = WhatsAppWebhook(inbound, accept, clock=base.clock, new_id=base.new_id, metrics=base.metrics)
    return hook.routes()
