"""What a feature offers the machine: commands, tasks, schedules and pages, and what it is given in return."""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

from bot.contracts.cards import Card
from bot.contracts.events import ChatKind
from bot.contracts.quantities import Money
from bot.contracts.retry import RetryPolicy

if TYPE_CHECKING:
    from bot.contracts.pages import Page
    from storage.database import Transaction

Role = Literal["viewer", "operator", "buyer", "approver", "admin"]
Risk = Literal["read", "change", "irreversible"]
"""read: no effects; change: done at once, audited; irreversible: a confirm button bound to the content first."""

Effect = Callable[["Transaction"], Awaitable[None]]
"""A write that a command or job returns. It re-checks what it relies on; it may run again if the commit failed."""

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
Payload = Mapping[str, JsonValue]


class Words(Protocol):
    """The catalogue texts, numbers and dates of one language."""

    @property
    def language(self) -> str: ...

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence ``key`` filled with ``values``. Raises: KeyError for an unknown key."""
        ...

    def number(self, value: Decimal | float, precision: int = 0) -> str: ...

    def date(self, value: date) -> str: ...

    def moment(self, value: datetime) -> str:
        """A point in time in the team's time zone."""
        ...

    def duration(self, value: timedelta) -> str:
        """A rough length of time in one unit, such as "3 minutes"."""
        ...


@dataclass(frozen=True, slots=True)
class Grant:
    """A role given to somebody. What is empty or None does not limit it.

    It may count for one store, one supplier, up to ``amount`` of ``currency`` per act, in one chat of a channel,
    and until ``ends_at``.
    """

    role: Role
    _: dataclasses.KW_ONLY
    store_id: str = ""
    supplier: str = ""
    amount: Decimal | None = None
    currency: str = ""
    channel: str = ""
    chat_id: str = ""
    ends_at: datetime | None = None

    def includes(self, role: Role) -> bool:
        """Admin includes all, every role includes viewer."""
        return role in ("viewer", self.role) or self.role == "admin"

    def allows(self, *, store_id: str, supplier: str, cost: Money | None) -> bool:
        """True if its limits let the act pass; what the act does not concern is empty or None."""
        return (
            (not store_id or self.store_id in ("", store_id))
            and (not supplier or self.supplier in ("", supplier))
            and (cost is None or self.amount is None or cost.is_at_most(Money(self.amount, self.currency)))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody known. ``id`` is empty for an unknown sender, who has no grants.

    A grant with an end or for one chat counts for nothing before ``here`` has said where and when.
    """

    id: str = ""
    name: str = ""
    grants: tuple[Grant, ...] = ()

    def here(self, channel: str, chat_id: str, now: datetime) -> "Person":
        """The same person with the grants that count in this chat at this moment."""
        chat = (channel, chat_id)
        in_force = (
            replace(grant, channel="", chat_id="", ends_at=None)
            for grant in self.grants
            if (not grant.chat_id or (grant.channel, grant.chat_id) == chat)
            and (grant.ends_at is None or now < grant.ends_at)
        )
        return replace(self, grants=tuple(in_force))

    @property
    def roles(self) -> frozenset[Role]:
        """What the person was given, however narrow."""
        return frozenset(grant.role for grant in self._counting())

    def has(self, role: Role | None) -> bool:
        """True if no role is asked for, or the person has it, at least for something."""
        return role is None or self.may(role)

    def may(self, role: Role, *, store_id: str = "", supplier: str = "", cost: Money | None = None) -> bool:
        """True if one grant includes the role and lets an act for this store, supplier and cost pass."""
        return any(
            grant.includes(role) and grant.allows(store_id=store_id, supplier=supplier, cost=cost)
            for grant in self._counting()
        )

    def is_for_all_stores(self, role: Role) -> bool:
        """True if the person has the role and it is not limited to some stores."""
        return any(grant.includes(role) and not grant.store_id for grant in self._counting())

    def _counting(self) -> "tuple[Grant, ...]":
        return tuple(grant for grant in self.grants if not grant.chat_id and grant.ends_at is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, where and when: all a command may know besides its arguments and its deps."""

    person: Person
    channel: str
    chat_id: str
    chat_kind: ChatKind
    chat_enabled: bool
    sender_id: str
    sender_name: str
    event_id: str
    now: datetime
    written_at: datetime
    received_at: datetime
    words: Words
    reply_key: str
    """Key of the first card of the reply: a job may send newer versions of that card under it."""
    commands: tuple["Command", ...] = ()
    """The commands this person may run here."""
    whole: bool = False
    """The answer becomes a file: no table is cut to a page."""

    def usage(self, command: "Command") -> str:
        """How ``command`` is written, such as ``补货 [店铺|SKU] [天数]``."""
        return usage(command, self.words)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers: cards for the person, effects to be written with them, the plain result for programs."""

    cards: tuple[Card, ...] = ()
    effects: tuple[Effect, ...] = ()
    result: object = None


ParameterKind = Literal["word", "number", "rest", "text"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """How a typed word becomes one field of ``Args``. ``rest`` takes all remaining words, ``text`` as
    they were typed."""

    kind: ParameterKind
    minimum: int = 0
    maximum: int = 0
    longest: int = 120


def word(*, default: object = dataclasses.MISSING, longest: int = 120) -> Any:
    """An ``Args`` field for one word without spaces, at most ``longest`` characters."""
    return field(default=default, metadata={"parameter": Parameter("word", longest=longest)})


def number(minimum: int, maximum: int, *, default: object = dataclasses.MISSING) -> Any:
    """An ``Args`` field for a whole number within ``minimum..maximum``."""
    return field(default=default, metadata={"parameter": Parameter("number", minimum, maximum)})


def rest(*, default: object = dataclasses.MISSING, longest: int = 500) -> Any:
    """An ``Args`` field for the remaining words, joined by single spaces."""
    return field(default=default, metadata={"parameter": Parameter("rest", longest=longest)})


def verbatim(*, default: object = dataclasses.MISSING, longest: int = 500) -> Any:
    """An ``Args`` field for the remaining text as it was typed, lines and punctuation included."""
    return field(default=default, metadata={"parameter": Parameter("text", longest=longest)})


@dataclass(frozen=True, slots=True)
class NoArgs:
    """For commands without arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A registered capability.

    ``names`` are zh, en and pinyin initials, in that order; ``args`` is a frozen dataclass whose fields are
    made with ``word``, ``number`` or ``rest``; ``role`` None means anybody, also unknown people.
    Texts: ``command.<names[1]>.summary`` and ``.example`` in the feature's catalogues.
    """

    names: tuple[str, str, str]
    run: Callable[[Any, Asking], Awaitable[Reply]]
    args: type = NoArgs
    result: type | None = None
    role: Role | None = "viewer"
    risk: Risk = "read"
    where: Literal["anywhere", "private", "group"] = "anywhere"

    @property
    def key(self) -> str:
        """The English name, used in texts, the audit log and metrics."""
        return self.names[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of durable work, as its handler sees it. ``attempt`` counts from 1."""

    id: str
    task: str
    key: str
    payload: Payload
    attempt: int
    first_started_at: datetime
    lane: str | None = None


def usage(command: Command, words: Words) -> str:
    """The command's name in the words' language with its parameters: ``<needed>`` and ``[optional]``."""
    shown = [command.names[0 if words.language == "zh" else 1]]
    for each in dataclasses.fields(command.args):
        label = words(f"command.{command.key}.parameter.{each.name}")
        shown.append(f"<{label}>" if each.default is dataclasses.MISSING else f"[{label}]")
    return " ".join(shown)


PATIENT = RetryPolicy(tries=6, first=timedelta(seconds=2), longest=timedelta(minutes=5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A kind of job. ``run`` may return an effect that is committed together with the job's end.

    ``on_giving_up`` builds the effect committed with the job's burial as a dead letter. At most ``at_once`` jobs
    of the task run in one process. While a job waits for its next try, ``holds_lane`` says whether later jobs
    of its lane wait too.
    """

    name: str
    run: Callable[[Job], Awaitable[Effect | None]]
    retry: RetryPolicy = PATIENT
    at_once: int = 4
    holds_lane: Literal["always", "rate_limits", "never"] = "never"
    on_giving_up: Callable[[Job, BaseException], Effect | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Submits ``task`` at every slot of ``cron`` (five fields, in the team's time zone); missed slots run once."""

    name: str
    task: str
    cron: str
    payload: Payload = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One subject: what it can do and what it keeps true. Its folder holds ``texts/zh.toml`` and ``en.toml``."""

    name: str
    commands: tuple[Command, ...] = ()
    tasks: tuple[Task, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    pages: "tuple[Page, ...]" = ()
