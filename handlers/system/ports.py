"""What the system commands need."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.contracts.clock import Clock
from bot.contracts.feature import Words
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform or channel as the operator set it up. ``check`` is a cheap live call, None if it is off."""

    name: str
    setting: str
    """The first setting that would turn it on."""
    check: Callable[[], Awaitable[object]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeishuApp:
    """The connected app. ``scopes`` asks which permissions it was given and raises UpstreamError."""

    app_id: str
    base_url: str
    scopes: Callable[[], Awaitable[frozenset[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemDeps:
    database: Database
    clock: Clock
    platforms: tuple[Platform, ...]
    started_at: datetime
    version: str
    words: Callable[[str], Words]
    refused: Callable[[], Mapping[str, int]]
    """How many deliveries were refused within the last hour, by reason."""
    feishu_trouble: Callable[[], str] = str
    """Why nothing comes over Feishu's long connection: ``refused`` or ``disconnected``; empty if it does."""
    feishu: FeishuApp | None = None
    """None while Feishu is off."""
