"""Subscriptions and held messages as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.contracts.events import ChatKind

SubscriptionState = Literal["active", "paused", "ended"]
DIGEST_TASK = "subscriptions.digest"
"""The job that sends what is held for the person in its payload, ``{"person": id}``, once it is quiet no more."""

LastOutcome = Literal["", "answered", "refused", "failed", "held", "not_allowed"]
"""Of the last time it fired: empty before the first; held: in quiet hours; not_allowed: paused for lack of a right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A command line that runs on a schedule in a chat, as the person who subscribed.

    ``plan`` is what the grammar of subscriptions reads; ``next_at`` is set while it is active. ``sender_id`` is
    the person's id on the channel.
    """

    number: int
    person_id: str
    sender_id: str
    channel: str
    chat_id: str
    chat_kind: ChatKind
    plan: str
    line: str
    state: SubscriptionState = "active"
    next_at: datetime | None
    last_at: datetime | None = None
    last_outcome: LastOutcome = ""
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessage:
    """What would have gone to a person's private chat: a title, and the command line that shows it again.

    A later message of the same ``source`` takes the place of the earlier; ``count`` says how many there were.
    """

    person_id: str
    channel: str
    chat_id: str
    source: str
    title: str
    command: str
    count: int = 1
    held_at: datetime
