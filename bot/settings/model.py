"""The settings, checked and typed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from bot.contracts.secret import Secret

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["console", "json"]
Language = Literal["zh", "en"]
Platform = Literal["feishu", "lingxing", "whatsapp"]
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
    proxy: ProxySettings | None
