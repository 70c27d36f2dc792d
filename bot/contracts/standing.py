"""Command lines that run for somebody who is not there to type them."""

from dataclasses import dataclass
from typing import Literal

from bot.contracts.cards import Card
from bot.contracts.events import ChatKind
from bot.contracts.feature import Effect

Outcome = Literal["answered", "refused", "failed", "not_allowed", "not_enabled"]
"""answered: the cards are the answer; refused, failed: they say why. Without cards: not_allowed: the person may not run
it there any more, or is gone; not_enabled: the chat was never enabled, or no longer is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrder:
    """A command line, whose rights count when it runs (known on the channel as ``sender_id``), and in which chat.

    ``key`` names this one run, and the message that answers it.
    """

    line: str
    person_id: str
    sender_id: str
    channel: str
    chat_id: str
    chat_kind: ChatKind
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """How an order went.

    ``record`` writes the audit line. ``language`` is that of the chat, ``name`` the person's, empty if they are gone.
    """

    outcome: Outcome
    language: str
    record: Effect
    cards: tuple[Card, ...] = ()
    name: str = ""
