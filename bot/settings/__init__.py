"""What the operator set: the only reader of the environment."""

from bot.settings.load import examine_settings_of_this_process, load_settings, settings_of_this_process
from bot.settings.model import (
    FeishuSettings,
    LingxingSettings,
    ProxySettings,
    Settings,
    WebhookKeys,
    WhatsAppSettings,
)
from bot.settings.names import SETTINGS, Setting
from bot.settings.secret_key import SecretKeys, secret_keys

__all__ = [
    "SETTINGS",
    "FeishuSettings",
    "LingxingSettings",
    "ProxySettings",
    "SecretKeys",
    "Setting",
    "Settings",
    "WebhookKeys",
    "WhatsAppSettings",
    "examine_settings_of_this_process",
    "load_settings",
    "secret_keys",
    "settings_of_this_process",
]
