"""Matters, their timeline and places, the ladder's steps and rungs, the roster and the alarms' memory, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

MatterState = Literal["open", "taken", "snoozed", "settled"]
"""open: waits for somebody; taken: somebody works on it; snoozed: put off until a date; settled: over."""
EntryKind = Literal[
    "opened",
    "taken",
    "handed",
    "snoozed",
    "woken",
    "noted",
    "settled",
    "closed",
    "told",
    "held",
    "nobody",
    "skipped",
    "reminded",
    "silenced",
    "help",
]
"""What a line of the timeline tells; closed: it ended by itself; help: somebody cannot do it alone; told, held, nobody,
skipped, reminded: the ladder."""
Need = Literal["delivered", "read", "acknowledged"]
How = Literal["card", "mention", "private", "remind"]
"""card: the living card in chats; mention: a word to people in its thread there; private: the card to people alone;
remind: a word wherever it was told that it still waits."""
StepState = Literal["pending", "fired", "held", "skipped", "cancelled"]

TOPIC = "matters"
"""Told whenever a matter or its timeline changed."""
OPENED_TASK = "matters.opened"
"""The job that puts a new matter on its ladder, with payload ``{"matter": number}``."""
SHOW_TASK = "matters.show"
"""The job that renews a matter's cards, with payload ``{"matter": number}`` and, if a channel works again, ``back``."""
OUTSIDE_TASK = "alerts.outside"
"""The job that takes an alert of another system: ``{"cause", "status", "is_urgent", "details"}``."""
STEP_TASK = "matters.step"
"""The job that fires one step of a ladder, with payload ``{"matter": number, "position": position}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatter:
    """Something that needs a person.

    ``kind`` selects the words: ``matter.<kind>.name``, and ``.title``, ``.text`` and ``.next`` filled with ``details``,
    in the catalogues of the feature that opens it. While one with this ``fingerprint`` is not settled, there is no
    second. ``store_id`` is empty for what concerns the whole service. ``cost_per_day`` is what each day of waiting
    costs, in ``currency``; None if nobody knows. Who is ``is_urgent`` is told in quiet hours too.
    """

    kind: str
    fingerprint: str
    details: Mapping[str, str] = field(default_factory=dict)
    store_id: str = ""
    is_urgent: bool = False
    due_at: datetime | None = None
    cost_per_day: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One business thing that needs attention until it is settled. See ``NewMatter`` for what it was opened with.

    ``owner_id`` is the person who took it. ``seen_at``, ``clear_since`` and ``returns`` are an alarm's memory: when its
    condition was last seen, since when it is away, and how often it came back before that was believed.
    """

    number: int
    kind: str
    fingerprint: str
    details: Mapping[str, str]
    store_id: str
    is_urgent: bool
    due_at: datetime | None
    cost_per_day: Decimal | None
    currency: str
    state: MatterState = "open"
    owner_id: str = ""
    snoozed_until: datetime | None = None
    opened_at: datetime
    changed_at: datetime
    settled_at: datetime | None = None
    seen_at: datetime | None = None
    clear_since: datetime | None = None
    returns: int = 0
    version: int = 1

    @property
    def is_over(self) -> bool:
        return self.state == "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A word that a matter's number, details or timeline shall name; ``kinds`` and ``owner_ids`` mean it too."""

    text: str
    kinds: tuple[str, ...] = ()
    owner_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which matters: in some states, of some stores (None: of all, and of the whole service), with every word."""

    states: tuple[MatterState, ...]
    store_ids: frozenset[str] | None = None
    words: tuple[Sought, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a matter's timeline. ``person_id`` is empty for what the service did."""

    matter: int
    position: int
    at: datetime
    kind: EntryKind
    person_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A chat in which a matter has its living card; ``person_id`` is whose private chat it is, empty for a group."""

    matter: int
    channel: str
    chat_id: str
    person_id: str = ""

    @property
    def key(self) -> str:
        """The key of the living card's message."""
        return f"matter:{self.matter}:{self.channel}:{self.chat_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung of the team's ladder: ``after_minutes`` from the opening, unless ``needs`` was reached.

    ``target``: ``chats`` (where alarms were wished for), ``duty`` (the roster's people of the day), ``role:<role>``,
    ``person:<id>`` or ``chat:<channel>:<chat id>``. ``channel`` limits people to one channel; empty: where they chat.
    """

    position: int
    after_minutes: int
    how: How
    target: str
    channel: str = ""
    needs: Need = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rung as it applies to one matter. ``position`` counts up over all rounds of the ladder."""

    matter: int
    position: int
    how: How
    target: str
    channel: str
    needs: Need
    due_at: datetime
    state: StepState = "pending"
    reason: str = ""
    """Why it did not fire: ``acknowledged``, ``reached``, ``nobody``, ``off``, ``snoozed``, ``settled``."""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Alarms whose fingerprint is, or begins with, ``fingerprint`` open nothing until ``ends_at``."""

    fingerprint: str
    ends_at: datetime
    reason: str
    person_id: str
    set_at: datetime
