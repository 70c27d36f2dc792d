"""What the operator set: the only reader of the environment."""

from bot.settings.load import examine_settings_of_this_process, load_settings, settings_of_this_process
from bot.settings.model import (
    CommandAddress,
    CourierSettings,
    EmailSettings,
    FeishuSettings,
    GoofishSettings,
    LingxingSettings,
    OrderSource,
    ProxySettings,
    Settings,
    SmsSettings,
    WebhookKeys,
    WeComSettings,
    WhatsAppSettings,
)
from bot.settings.names import SETTINGS, Setting, setting_of
from bot.settings.secret_key import SecretKeys, secret_keys

__all__ = [
    "SETTINGS",
    "CommandAddress",
    "CourierSettings",
    "EmailSettings",
    "FeishuSettings",
    "GoofishSettings",
    "LingxingSettings",
    "OrderSource",
    "ProxySettings",
    "SecretKeys",
    "Setting",
    "Settings",
    "SmsSettings",
    "WeComSettings",
    "WebhookKeys",
    "WhatsAppSettings",
    "examine_settings_of_this_process",
    "load_settings",
    "secret_keys",
    "setting_of",
    "settings_of_this_process",
]
