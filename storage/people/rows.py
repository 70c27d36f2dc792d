"""People, chats and audited acts as values."""

from dataclasses import dataclass
from datetime import datetime

from bot.contracts.feature import Person, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChat:
    """What is set for one chat; chats nobody set up are not enabled and speak the installation's language."""

    enabled: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """A person with every identity, for lists."""

    person: Person
    language: str
    identities: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the audit log. ``person_id`` is empty for a stranger; ``reason`` says why it was refused."""

    id: str
    at: datetime
    person_id: str
    channel: str
    chat_id: str
    sender_id: str
    event_id: str
    command: str
    arguments: str
    outcome: str
    matter: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingCode:
    """What an unspent code gives: an identity for ``person_id``, or if that is empty a new person of ``role``."""

    role: Role
    person_id: str
