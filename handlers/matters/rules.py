"""Who may see a matter and what is sought for; how a matter climbs its ladder; who is on duty."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.contracts.feature import Person, Role
from storage.matters.rows import Entry, EntryKind, Matter, Need, Rung, Sought, Step
from storage.people.rows import PersonRecord

REMIND_EVERY = timedelta(hours=4)
"""How often a matter that nobody took is told of again."""
CHATS = ("feishu", "whatsapp", "web")
"""Where people chat, the channel that reaches them best first."""
EDITABLE = frozenset({"feishu", "web"})
"""Channels on which a card that was sent can be replaced."""

_ANSWERS: Collection[EntryKind] = ("taken", "handed", "snoozed", "settled", "closed")
_RANKS: Mapping[str, int] = {"accepted": 0, "delivered": 1, "read": 2}
_WITHOUT_RECEIPTS = frozenset({"feishu", "web", "wecom", "email"})


def may(person: Person, matter: Matter, role: Role = "viewer") -> bool:
    """True if the person has the role for it; what concerns the whole service is for those who see all stores."""
    if matter.store_id:
        return person.may(role, store_id=matter.store_id)
    return person.is_for_all_stores(role)


def cry_for_help(entries: Iterable[Entry]) -> Entry | None:
    """The line in which somebody asked for help that nobody has answered yet, None if there is none."""
    asked = None
    for entry in entries:
        if entry.kind == "help":
            asked = entry
        elif entry.kind in _ANSWERS:
            asked = None
    return asked


def next_in_line(steps: Sequence[Step], now: datetime) -> Step | None:
    """The step that tells somebody else, before its time; a reminder only if nobody is left."""
    pending = [step for step in steps if step.state == "pending" and step.due_at > now]
    return next((step for step in pending if step.how != "remind"), pending[0] if pending else None)


def tells_end(matter: Matter) -> bool:
    """True if its end gets a word of its own. Orders end all day long: their card says so."""
    return not matter.fingerprint.startswith("order:")


def needs_somebody(matter: Matter) -> bool:
    """False for what goes its way by itself and is only shown: nobody is called for it, nobody is reminded."""
    return matter.kind != "order_planned"


def sought_words(text: str, kinds: Mapping[str, str], names: Mapping[str, str]) -> tuple[Sought, ...]:
    """What to look for: each word by itself. ``kinds`` tells what is said of every matter of a kind, ``names`` who
    people are by id."""

    def holding(word: str, said: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(key for key, words in said.items() if word.casefold() in words.casefold())

    return tuple(Sought(text=word, kinds=holding(word, kinds), owner_ids=holding(word, names)) for word in text.split())


def steps_of(
    number: int, rungs: Sequence[Rung], *, start: datetime, first: int, channels: Collection[str]
) -> tuple[Step, ...]:
    """The rungs as steps of a matter from ``start`` on, and the first reminder; what goes over a channel that is
    off is left out. ``first`` is the position of the first."""
    usable = [rung for rung in sorted(rungs, key=lambda each: each.after_minutes) if _is_on(rung, channels)]
    steps = [
        Step(
            matter=number,
            position=position,
            how=rung.how,
            target=rung.target,
            channel=rung.channel,
            needs=rung.needs,
            due_at=start + timedelta(minutes=rung.after_minutes),
        )
        for position, rung in enumerate(usable, start=first)
    ]
    return (*steps, reminder(number, first + len(steps), start + REMIND_EVERY))


def reminder(number: int, position: int, due_at: datetime) -> Step:
    """A word to everybody who was told that it still waits."""
    return Step(
        matter=number, position=position, how="remind", target="", channel="", needs="acknowledged", due_at=due_at
    )


def _is_on(rung: Rung, channels: Collection[str]) -> bool:
    named = rung.target.split(":")[1] if rung.target.startswith("chat:") else rung.channel
    return not named or named in channels


def is_reached(need: Need, handed: Iterable[tuple[str, str]]) -> bool:
    """True if one of the (channel, state) of what was sent is as far as ``need``; only an act is ``acknowledged``.

    What a channel without receipts took is delivered: it stands in the chat. That somebody read it is never assumed.
    """
    if need == "acknowledged":
        return False
    return any(_rank(channel, state) >= _RANKS[need] for channel, state in handed)


def _rank(channel: str, state: str) -> int:
    rank = _RANKS.get(state, -1)
    return max(rank, _RANKS["delivered"]) if rank >= 0 and channel in _WITHOUT_RECEIPTS else rank


def people_for(
    target: str,
    everybody: Sequence[PersonRecord],
    roster: Mapping[int, tuple[str, ...]],
    now: datetime,
    zone: tzinfo,
) -> tuple[PersonRecord, ...]:
    """Whom ``duty``, ``role:<role>`` or ``person:<id>`` means now. Without any roster all operators are on duty.

    Who has left, or may see nothing any more, is nobody.
    """
    present = [each for each in everybody if _counts(each.person, now).has("viewer")]
    kind, _, name = target.partition(":")
    if kind == "duty" and roster:
        on_duty = roster.get(now.astimezone(zone).weekday(), ())
        return tuple(each for each in present if each.person.id in on_duty)
    if kind == "person":
        return tuple(each for each in present if each.person.id == name)
    wanted = "operator" if kind == "duty" else name
    return tuple(each for each in present if wanted in _counts(each.person, now).roles)


def _counts(person: Person, now: datetime) -> Person:
    return person.here("", "", now)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is reached on a channel."""

    channel: str
    chat_id: str


def address_of(record: PersonRecord, channel: str, channels: Collection[str]) -> Address | None:
    """The person's address on ``channel``, or where they chat if that is empty; None if there is none."""
    known = dict(reversed(record.identities))
    for name in (channel,) if channel else CHATS:
        if name in known and name in channels:
            return Address(name, f"private:{known[name]}" if name == "web" else known[name])
    return None
