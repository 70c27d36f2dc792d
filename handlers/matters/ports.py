"""What matters need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from bot.contracts.clock import Clock
from bot.contracts.feature import Words
from handlers.matters.results import MatterForm
from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class MattersDeps:
    """``zone`` is the team's; ``language`` that of people and chats that chose none; ``channels`` those that are on;
    ``forms`` what kinds of matters have besides, which features that open them know.
    """

    database: Database
    clock: Clock
    words: Callable[[str], Words]
    zone: tzinfo
    language: str
    channels: Callable[[], frozenset[str]]
    forms: Mapping[str, MatterForm] = field(default_factory=dict)
