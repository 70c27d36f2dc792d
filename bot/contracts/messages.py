"""What is sent: one row of the outbox, seen from the sender's side."""

from dataclasses import dataclass

from bot.contracts.cards import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a message goes: a chat of a channel, quoting ``reply_to`` (the platform's message id) if given."""

    channel: str
    chat_id: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A card for a chat.

    ``key`` names the message for ever: sending again under the same key is a newer version of the same card
    (an edit where the channel can, else a new message), and ``to`` may then be left out.
    """

    key: str
    card: Card
    to: Target | None = None
