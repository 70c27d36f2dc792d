"""What the console needs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.channels.web import ChatLive
from bot.console.guests import Guests
from bot.contracts.clock import Clock, NewId
from bot.contracts.events import ChatKind
from bot.contracts.feature import Person, Reply, Words
from bot.heavy.worker import HeavyWorker
from bot.inbox import Receive
from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleDeps:
    """``new_token`` makes unguessable url-safe text of at least 256 bits; ``public_url`` is empty on a laptop.

    ``whole`` answers a reading command line for a person in a chat, with all rows; ``zone`` is the team's time zone.
    """

    database: Database
    receive: Receive
    live: ChatLive
    words: Callable[[str], Words]
    clock: Clock
    new_id: NewId
    new_token: Callable[[], str]
    heavy: HeavyWorker
    whole: Callable[[str, Person, str, ChatKind, Words], Awaitable[Reply]]
    zone: str = "UTC"
    public_url: str = ""
    language: str = "zh"
    heartbeat_seconds: float = 15
    guests: Guests | None = None
