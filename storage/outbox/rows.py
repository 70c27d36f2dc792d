"""Messages and buttons as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.contracts.cards import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """One message with its newest card. ``state`` is a ``bot.channels.base.DeliveryState``."""

    id: str
    key: str
    channel: str
    chat_id: str
    reply_to: str
    event_id: str
    card: Card
    version: int
    sent_version: int
    state: str
    platform_id: str
    refusal: str
    error: str
    created_at: datetime
    updated_at: datetime
    platform_sent_at: datetime | None


HandoverState = Literal["pending", "accepted", "unknown", "sent", "delivered", "read", "failed"]
"""pending: begun, without an answer so far; accepted: the platform named it; unknown: nothing was told in time;
the others are the platform's own later words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One part of one version of a message, on a channel that repeats nothing and tells later what became of it."""

    id: str
    message_id: str
    version: int
    is_final: bool
    platform_id: str
    state: HandoverState
    error: str
    begun_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAction:
    """A button with what it stands for, and who pressed it first if it may be pressed once only."""

    token: str
    message_id: str
    content_hash: str
    command: str
    label: str
    once: bool
    asker_id: str
    expires_at: datetime
    claimed_event_id: str = ""
    claimed_name: str = ""
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCount:
    """Messages of one channel in one state."""

    channel: str
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """When a channel last took a message, since when the oldest waits, when one was last given up; None for never."""

    channel: str
    last_handed_at: datetime | None
    oldest_queued_at: datetime | None
    last_failed_at: datetime | None
