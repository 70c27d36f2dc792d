"""The clients of the platforms that the settings turn on, Feishu's way in, and what they are built on."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.feishu.long_connection import LongConnection, LongConnectionApp
from bot.channels.feishu.long_connection_door import Door
from bot.channels.feishu.receive import Inbound
from bot.contracts.clock import Clock, NewId
from bot.inbox import Receive
from bot.metrics import Metrics
from bot.refusals import Refusals
from bot.server import FeishuWebhook
from bot.settings import FeishuSettings, Settings, WebhookKeys
from bot.words import Catalogue
from integrations.feishu import errors as feishu_errors
from integrations.feishu.client import Credentials as FeishuCredentials
from integrations.feishu.client import FeishuClient, Pace
from integrations.feishu.signing import EventKey
from integrations.http.buckets import ProcessBuckets
from integrations.http.routes import ProxyPolicy, Timeouts
from integrations.http.transport import Transport
from integrations.lingxing import errors as lingxing_errors
from integrations.lingxing.client import LingxingClient
from integrations.lingxing.session import Credentials as LingxingCredentials
from integrations.lingxing.session import Session
from integrations.whatsapp import errors as whatsapp_errors
from integrations.whatsapp.client import Credentials as WhatsAppCredentials
from integrations.whatsapp.client import WhatsAppClient
from storage.credentials.store import StoredTokens
from storage.database import Database

Way = Callable[[str, str, Callable[..., None]], Transport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What everything else is built on."""

    settings: Settings
    clock: Clock
    new_id: NewId
    database: Database
    tokens: StoredTokens
    buckets: ProcessBuckets
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
    transports: tuple[Transport, ...]


def make_clients(base: Foundation, feishu_pace: Pace | None) -> Clients:
    """Build what the settings turn on; nothing is connected yet."""
    transports: list[Transport] = []

    def way(platform: str, base_url: str, judge: Callable[..., None]) -> Transport:
        transports.append(base.transport(platform, base_url, judge))
        return transports[-1]

    feishu, whatsapp, lingxing = _feishu(base, feishu_pace, way), _whatsapp(base, way), _lingxing(base, way)
    return Clients(feishu=feishu, whatsapp=whatsapp, lingxing=lingxing, transports=tuple(transports))


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
