"""The settings, checked and typed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from bot.contracts.secret import Secret

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["console", "json"]
Language = Literal["zh", "en"]
Platform = Literal["feishu", "lingxing", "whatsapp", "wecom", "sms", "marketplace", "goofish", "courier"]
"""What a relay can be used for: everything that is spoken to over HTTP."""
MailSecurity = Literal["tls", "starttls", "plain"]
ProxyProtocol = Literal["http", "https"]
FeishuMode = Literal["webhook", "long_connection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookKeys:
    """What Feishu's deliveries to the webhook are decrypted and verified with."""

    encrypt_key: Secret
    verification_token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class FeishuSettings:
    """An app. Its events arrive at the webhook, or over the long connection if ``webhook`` is None.

    ``base_url`` has no path.
    """

    app_id: str
    app_secret: Secret
    base_url: str
    webhook: WebhookKeys | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppSettings:
    """One business number. ``base_url`` ends in the API version; a template is ``name`` or ``name:language``."""

    access_token: Secret
    phone_number_id: str
    app_secret: Secret
    verify_token: Secret
    base_url: str
    template_alert: str
    template_notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LingxingSettings:
    """An open-interface account. ``app_id`` is 16, 24 or 32 bytes long, ``base_url`` has no path."""

    app_id: str
    app_secret: Secret
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """A mail server that takes our mails. ``sender`` is ``name@host`` or ``Name <name@host>``.

    ``security``: ``tls`` from the first byte, ``starttls`` demanded, or ``plain``, on this machine only.
    """

    host: str
    port: int
    security: MailSecurity
    username: str
    password: Secret | None
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeComSettings:
    """Group robots: the names that messages are addressed to, with their keys. ``base_url`` has no path."""

    base_url: str
    robots: tuple[tuple[str, Secret], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSettings:
    """A provider of text messages. ``sender`` is what people see as its origin; empty leaves it to the provider."""

    base_url: str
    access_key: str
    secret: Secret
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAddress:
    """Where commands to a source's bridge go. ``base_url`` has no path, ``path`` is all of it, a query included."""

    base_url: str
    path: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSource:
    """A marketplace that tells of its orders. ``name`` is the one in the webhook's path: small letters, digits, _.

    Any of ``webhook_secrets`` verifies. Without ``commands`` it only tells.
    """

    name: str
    webhook_secrets: tuple[Secret, ...]
    commands: CommandAddress | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoofishSettings:
    """An app of 闲管家. With ``seller_id`` it signs as a business partner. ``base_url`` has no path."""

    app_key: str
    app_secret: Secret
    seller_id: str
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierSettings:
    """A courier interface that gives waybill numbers. ``base_url`` has no path."""

    base_url: str
    access_key: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """The relay that ``platforms`` are reached through. The URLs hold its credentials."""

    platforms: frozenset[Platform]
    url: Secret
    timeout_seconds: int
    fallback_url: Secret | None
    allow_direct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the operator decided. A platform that is None is off."""

    database_url: Secret
    host: str
    port: int
    public_url: str
    """Where people reach the console from outside, without a path; empty if only this machine does."""
    data_dir: Path
    secret_keys: tuple[bytes, ...] = field(repr=False)
    """32 bytes each, the first encrypts; empty if the key lives in ``data_dir`` (see ``secret_keys``)."""
    timezone: ZoneInfo
    language: Language
    log_level: LogLevel
    log_format: LogFormat
    feishu: FeishuSettings | None
    whatsapp: WhatsAppSettings | None
    lingxing: LingxingSettings | None
    email: EmailSettings | None
    wecom: WeComSettings | None
    sms: SmsSettings | None
    order_sources: tuple[OrderSource, ...]
    goofish: GoofishSettings | None
    courier: CourierSettings | None
    alertmanager_token: Secret | None
    """What Alertmanager proves itself with; None while it may not send."""
    proxy: ProxySettings | None
