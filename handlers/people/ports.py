"""What pairing and signing in need."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from bot.contracts.clock import NewId
from bot.contracts.feature import Words
from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleDeps:
    """``console_url`` is where people reach the console, without a path; ``words`` gives the texts of a language.

    ``new_code`` makes pairing codes; ``zone`` is the team's time zone.
    """

    database: Database
    new_id: NewId
    new_token: Callable[[], str]
    console_url: str
    words: Callable[[str], Words]
    new_code: Callable[[], str]
    zone: tzinfo
