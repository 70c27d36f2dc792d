"""What the outbox asks of every channel, and what a channel tells back."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Literal, Protocol

from bot.contracts.cards import Card, Chart, Table
from bot.contracts.feature import Words
from integrations.http.multipart import Media

DeliveryState = Literal["queued", "pending", "accepted", "delivered", "read", "failed", "unknown"]
"""queued: ours alone; pending: on its way, not yet confirmed; accepted: the platform has it;
delivered, read: at the person; failed: refused for good;
unknown: it may or may not have arrived (never repeated blindly)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One version of one message, ready to be handed to its platform.

    ``id`` and ``version`` together are the idempotency key of this hand-over. ``platform_id`` is set
    when an earlier version is already there and this one should replace it.
    """

    id: str
    version: int
    chat_id: str
    card: Card
    reply_to: str = ""
    platform_id: str = ""
    created_at: datetime
    event_id: str = ""
    """The event it answers, if any."""
    first_tried_at: datetime | None = None
    platform_sent_at: datetime | None = None
    """When the message now on the platform was first accepted there (edits are limited by its age)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The platform took it. ``refusal`` says why a plain-text form went out instead of the card.

    ``is_followed``: its parts are noted as hand-overs, and what their statuses told, perhaps already, is its state.
    """

    platform_id: str
    state: DeliveryState = "accepted"
    refusal: str = ""
    is_followed: bool = False


class NoFile(Enum):
    """Why there is none."""

    NOT_MADE = auto()
    """It did not work."""
    NOT_ACCEPTED = auto()
    """The platform does not take it: too large, or another type than it wants."""
    NOT_TO_BE_HAD = auto()
    """No command of this person shows the whole list."""


class Files(Protocol):
    """Makes what goes along with a message, when it is sent."""

    async def picture(self, outgoing: Outgoing, chart: Chart, words: Words) -> Media | NoFile:
        """The chart as a picture."""
        ...

    async def sheet(self, channel: str, outgoing: Outgoing, table: Table, words: Words) -> Media | NoFile:
        """The table as a spreadsheet with all its rows as they are now."""
        ...


class Channel(Protocol):
    """A chat surface."""

    @property
    def name(self) -> str: ...

    async def deliver(self, outgoing: Outgoing) -> Handed:
        """Hand one message over, or edit the earlier version.

        Raises: the classes of ``bot.contracts.errors``; which one decides whether and when the outbox tries again.
        """
        ...
