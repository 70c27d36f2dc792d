"""From raw values to checked ``Settings``: what each part of the settings demands."""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.contracts.errors import ConfigError, SettingProblem
from bot.contracts.secret import Secret
from bot.settings.env_file import read_env_file
from bot.settings.misspelt import misspelt
from bot.settings.model import (
    FeishuMode,
    FeishuSettings,
    LingxingSettings,
    Platform,
    ProxySettings,
    Settings,
    WebhookKeys,
    WhatsAppSettings,
)
from bot.settings.orders import courier_settings, goofish_settings, order_sources
from bot.settings.outgoing import email_settings, sms_settings, wecom_settings
from bot.settings.reader import Reader, split_url
from bot.settings.secret_key import decode_key

_PLATFORMS: tuple[Platform, ...] = get_args(Platform)
_FEISHU_MODES: tuple[FeishuMode, ...] = ("webhook", "long_connection")
_TEMPLATE = re.compile(r"[a-z0-9_]{1,512}(?::[A-Za-z]{2,3}(?:_[A-Za-z]+)?)?")
_APP_ID_BYTES = (16, 24, 32)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")


def settings_of_this_process() -> Settings:
    """The settings of the environment and of `.env` in the working directory. Raises: ConfigError."""
    return load_settings(os.environ, Path(".env"))


def examine_settings_of_this_process() -> tuple[Settings, tuple[SettingProblem, ...]]:
    """The same with every problem, where the default stands in."""
    return examine_settings(os.environ, Path(".env"))


def load_settings(environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
    """Checked settings; ``environ`` goes before ``env_file``. Raises: ConfigError with every problem at once."""
    settings, problems = examine_settings(environ, env_file)
    if problems:
        raise ConfigError(problems)
    return settings


def examine_settings(
    environ: Mapping[str, str], env_file: Path | None = None
) -> tuple[Settings, tuple[SettingProblem, ...]]:
    """The settings and every problem; where one is wrong its default stands in."""
    written, problems = read_env_file(env_file) if env_file else ({}, [])
    values = {**written, **environ}
    read = Reader(values, [*problems, *misspelt(values)])
    data_dir = Path(read.text("ZHANGGUI_DATA_DIR", "data"))
    settings = Settings(
        database_url=_database_url(read, data_dir),
        host=_host(read),
        port=read.whole_number("ZHANGGUI_PORT", 0, 65535, default=8080),
        public_url=read.base_url("ZHANGGUI_PUBLIC_URL"),
        data_dir=data_dir,
        secret_keys=_secret_keys(read),
        timezone=_timezone(read),
        language=read.choice("ZHANGGUI_LANGUAGE", ("zh", "en"), "zh"),
        log_level=read.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        log_format=read.choice("LOG_FORMAT", ("console", "json"), "console"),
        feishu=_feishu(read),
        whatsapp=_whatsapp(read),
        lingxing=_lingxing(read),
        email=email_settings(read),
        wecom=wecom_settings(read),
        sms=sms_settings(read),
        order_sources=order_sources(read),
        goofish=goofish_settings(read),
        courier=courier_settings(read),
        alertmanager_token=read.secret("ALERTMANAGER_TOKEN"),
        proxy=_proxy(read),
    )
    _refuse_relayed_connection(read, settings)
    return settings, read.problems


def _host(read: Reader) -> str:
    host = read.text("ZHANGGUI_HOST", "127.0.0.1")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        is_name = _HOST_NAME.fullmatch(host) and not host.replace(".", "").isdigit()
        if not is_name:
            read.refuse("ZHANGGUI_HOST", "is neither an IP address nor a host name")
    return host


def _database_url(read: Reader, data_dir: Path) -> Secret:
    value = read.secret("DATABASE_URL") or Secret(f"sqlite+aiosqlite:///{data_dir}/zhanggui.db")
    sqlite, _, path = value.reveal().partition("sqlite+aiosqlite:///")
    postgres = split_url(value.reveal(), ("postgresql+asyncpg",))
    on_disk = not sqlite and path and not path.startswith((":memory:", "?"))
    if not on_disk and not (postgres and postgres.path.strip("/")):
        problem = "is neither sqlite+aiosqlite:///FILE nor postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE"
        read.refuse("DATABASE_URL", problem)
    return value


def _secret_keys(read: Reader) -> tuple[bytes, ...]:
    given = read.secret("ZHANGGUI_SECRET_KEY")
    keys = [decode_key(text.strip()) for text in given.reveal().split(",")] if given else []
    if None in keys:
        read.refuse("ZHANGGUI_SECRET_KEY", "is not the url-safe base64 of 32 bytes (several are separated by commas)")
    return tuple(key for key in keys if key)


def _timezone(read: Reader) -> ZoneInfo:
    try:
        return ZoneInfo(read.text("ZHANGGUI_TIMEZONE", "Asia/Shanghai"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        read.refuse("ZHANGGUI_TIMEZONE", "is no time zone of the IANA database")
        return ZoneInfo("Asia/Shanghai")


def _feishu(read: Reader) -> FeishuSettings | None:
    if not read.any_given("FEISHU_"):
        return None
    half = "Feishu is only half configured"
    return FeishuSettings(
        app_id=read.required("FEISHU_APP_ID", half),
        app_secret=read.required_secret("FEISHU_APP_SECRET", half),
        base_url=read.base_url("FEISHU_BASE_URL", "https://open.feishu.cn"),
        webhook=_webhook_keys(read),
    )


def _webhook_keys(read: Reader) -> WebhookKeys | None:
    """What the webhook verifies with, or None for the long connection: the default where neither key is given."""
    is_given = read.any_given("FEISHU_ENCRYPT_KEY") or read.any_given("FEISHU_VERIFICATION_TOKEN")
    default: FeishuMode = "webhook" if is_given else "long_connection"
    if read.choice("FEISHU_MODE", _FEISHU_MODES, default) == "long_connection":
        return None
    needed = "FEISHU_MODE webhook needs it (long_connection needs neither key)"
    return WebhookKeys(
        encrypt_key=read.required_secret("FEISHU_ENCRYPT_KEY", needed),
        verification_token=read.required_secret("FEISHU_VERIFICATION_TOKEN", needed),
    )


def _whatsapp(read: Reader) -> WhatsAppSettings | None:
    if not read.any_given("WHATSAPP_"):
        return None
    half, template = "WhatsApp is only half configured", "is no template such as name or name:language"
    phone_number_id = read.required("WHATSAPP_PHONE_NUMBER_ID", half)
    if phone_number_id and not phone_number_id.isdigit():
        read.refuse("WHATSAPP_PHONE_NUMBER_ID", "is not the id of a number, which has digits only")
    return WhatsAppSettings(
        access_token=read.required_secret("WHATSAPP_ACCESS_TOKEN", half),
        phone_number_id=phone_number_id,
        app_secret=read.required_secret("WHATSAPP_APP_SECRET", half),
        verify_token=read.required_secret("WHATSAPP_VERIFY_TOKEN", half),
        base_url=read.versioned_url("WHATSAPP_BASE_URL", "https://graph.facebook.com/v25.0"),
        template_alert=read.matching("WHATSAPP_TEMPLATE_ALERT", _TEMPLATE, template),
        template_notice=read.matching("WHATSAPP_TEMPLATE_NOTICE", _TEMPLATE, template),
    )


def _lingxing(read: Reader) -> LingxingSettings | None:
    if not read.any_given("LINGXING_"):
        return None
    half = "Lingxing is only half configured"
    app_id = read.required("LINGXING_APP_ID", half)
    if app_id and len(app_id.encode()) not in _APP_ID_BYTES:
        read.refuse("LINGXING_APP_ID", "is not 16, 24 or 32 bytes long, so it cannot be the key that signs requests")
    return LingxingSettings(
        app_id=app_id,
        app_secret=read.required_secret("LINGXING_APP_SECRET", half),
        base_url=read.base_url("LINGXING_BASE_URL", "https://openapi.lingxing.com"),
    )


def _proxy(read: Reader) -> ProxySettings | None:
    """The relay, or None if it is off; what is given is checked either way."""
    platforms = _proxied_platforms(read)
    relay = ProxySettings(
        platforms=platforms,
        url=_proxy_url(read, is_on=bool(platforms)),
        timeout_seconds=read.whole_number("PROXY_TIMEOUT", 1, 600, default=30),
        fallback_url=_fallback_url(read),
        allow_direct=read.boolean("PROXY_ALLOW_DIRECT", default=False),
    )
    return relay if platforms else None


def _refuse_relayed_connection(read: Reader, settings: Settings) -> None:
    """The long connection knows no relay: where one is demanded it must not go around it unnoticed."""
    relay, feishu = settings.proxy, settings.feishu
    is_long = feishu is not None and feishu.webhook is None
    if is_long and relay is not None and "feishu" in relay.platforms and not relay.allow_direct:
        problem = "names feishu, whose long connection cannot go through a relay: use FEISHU_MODE webhook"
        read.refuse("ENABLE_PROXY", f"{problem}, leave feishu out or set PROXY_ALLOW_DIRECT")


def _proxied_platforms(read: Reader) -> frozenset[Platform]:
    text = read.text("ENABLE_PROXY", "false").lower()
    if text in {"true", "false"}:
        return frozenset({"lingxing"} if text == "true" else ())
    named = {word.strip() for word in text.split(",")}
    if not named <= set(_PLATFORMS):
        read.refuse("ENABLE_PROXY", f"is neither true nor false nor a list of {', '.join(_PLATFORMS)}")
    return frozenset(platform for platform in _PLATFORMS if platform in named)


def _proxy_url(read: Reader, *, is_on: bool) -> Secret:
    protocol = read.choice("PROXY_PROTOCOL", ("http", "https"), "http")
    if is_on:
        read.required("PROXY_HOST", "ENABLE_PROXY is on")
        read.required("PROXY_PORT", "ENABLE_PROXY is on")
    host = read.text("PROXY_HOST")
    port = read.whole_number("PROXY_PORT", 1, 65535, default=3128)
    user, password = read.text("PROXY_USERNAME"), read.secret("PROXY_PASSWORD")
    if password and not user:
        read.refuse("PROXY_USERNAME", "is missing: PROXY_PASSWORD is given")
    if user and not password:
        password = read.required_secret("PROXY_PASSWORD", "PROXY_USERNAME is given")
    login = f"{quote(user, safe='')}:{quote(password.reveal(), safe='')}@" if user and password else ""
    if host and not split_url(f"{protocol}://{host}:{port}"):
        read.refuse("PROXY_HOST", "is no host name")
    return Secret(f"{protocol}://{login}{host}:{port}")


def _fallback_url(read: Reader) -> Secret | None:
    url = read.secret("PROXY_FALLBACK_URL")
    if url and not split_url(url.reveal()):
        read.refuse("PROXY_FALLBACK_URL", "is not an http(s) address")
    return url
