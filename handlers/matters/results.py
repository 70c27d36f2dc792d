"""What is known about a matter, for cards and programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.contracts.cards import Form
from bot.contracts.feature import Words
from storage.matters.rows import Entry, Matter

MatterForm = Callable[[Matter, Words], Form]
"""What can be filled in on a matter of some kind, besides what every matter has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterView:
    """A matter with its timeline, oldest first, at one moment. ``names`` are people's by id; ``form`` is its kind's."""

    matter: Matter
    entries: tuple[Entry, ...]
    names: Mapping[str, str]
    now: datetime
    form: MatterForm | None = None

    @property
    def owner(self) -> str:
        """The name of who took it, empty if nobody has or they are gone."""
        return self.names.get(self.matter.owner_id, "")


@dataclass(frozen=True, slots=True)
class Found:
    """Some of ``total`` matters, in their order; ``names`` are people's by id."""

    matters: tuple[Matter, ...]
    total: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MattersResult:
    """All that were asked about, in the order shown."""

    matters: tuple[Matter, ...]
