"""事项, 待办, 接手, 转交, 求助, 稍后, 备注, 办结: each change under a lock, with its line of the timeline."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from bot.contracts.errors import ConflictError, NotAllowedError, NotFoundError, UserInputError
from bot.contracts.feature import Asking, Reply, rest, verbatim, word
from bot.contracts.pages import Looking
from handlers.common.moments import read_until
from handlers.common.visible import stores_seen
from handlers.matters.cards import MOST_ROWS, done_card, list_card, said_of_kind, whole_card
from handlers.matters.jobs import climb_now, submit_wake, tell_person, view_of
from handlers.matters.ports import MattersDeps
from handlers.matters.results import Found, MattersResult, MatterView
from handlers.matters.rules import cry_for_help, may, sought_words
from storage.database import Reader, Transaction
from storage.matters import store
from storage.matters.rows import Entry, EntryKind, Matter, MatterState, Wanted
from storage.matters.search import WAITING, find_matters, one_of_each_kind
from storage.people.grants import admin_names
from storage.people.rows import PersonRecord
from storage.people.store import list_people, names_by_id

EVERY_STATE: tuple[MatterState, ...] = (*WAITING, "settled")


@dataclass(frozen=True, slots=True)
class MattersArgs:
    """``text``: a number for one matter, other words to search for; empty for what waits."""

    text: str = rest(default="", longest=80)


@dataclass(frozen=True, slots=True)
class TakeArgs:
    """``number``: with or without #."""

    number: str = word(longest=12)
    text: str = rest(default="")


@dataclass(frozen=True, slots=True)
class HandArgs:
    number: str = word(longest=12)
    to: str = rest(longest=40)


@dataclass(frozen=True, slots=True)
class SnoozeArgs:
    """``until``: a date, or so many days or hours."""

    number: str = word(longest=12)
    until: str = word(longest=20)
    reason: str = verbatim()


@dataclass(frozen=True, slots=True)
class NoteArgs:
    number: str = word(longest=12)
    text: str = verbatim()


async def show_matters(args: MattersArgs, asking: Asking, *, deps: MattersDeps) -> Reply:
    """What waits, one matter, or what was found. Raises: NotFoundError, NotAllowedError."""
    if args.text.lstrip("#＃").isdecimal():
        async with deps.database.read() as reader:
            view = await view_of(reader, await seen(reader, args.text, asking), deps)
        return Reply((whole_card(view, asking.words),), result=MattersResult((view.matter,)))
    states = EVERY_STATE if args.text else WAITING
    async with deps.database.read() as reader:
        found = await find(reader, args.text, states, asking, most=None if asking.whole else MOST_ROWS)
    card = list_card(found, asking.words, asking.now, sought=args.text)
    return Reply((card,), result=MattersResult(found.matters))


async def find(
    reader: Reader,
    text: str,
    states: tuple[MatterState, ...],
    asking: Asking | Looking,
    *,
    first: int = 0,
    most: int | None,
) -> Found:
    """Of the matters that the person may see those in some states of which every word of ``text`` tells something."""
    names = await names_by_id(reader)
    samples = await one_of_each_kind(reader) if text else ()
    kinds = {sample.kind: said_of_kind(sample, asking.words) for sample in samples}
    wanted = Wanted(states=states, store_ids=stores_seen(asking.person), words=sought_words(text, kinds, names))
    found, total = await find_matters(reader, wanted, first=first, most=most)
    return Found(found, total, names)


async def take(args: TakeArgs, asking: Asking, *, deps: MattersDeps) -> Reply:
    """Acknowledge a matter: everything that would go on about it stops. Raises: ConflictError if somebody has it."""
    change = _Change("taken", args.text, {"state": "taken", "owner_id": asking.person.id, "snoozed_until": None})
    return await _changed(args.number, change, asking, deps)


async def hand_over(args: HandArgs, asking: Asking, *, deps: MattersDeps) -> Reply:
    """Give a matter to somebody else, who is told alone. Raises: NotFoundError, NotAllowedError."""
    async with deps.database.read() as reader:
        record = _named(args.to, await list_people(reader), asking)
        matter = await seen(reader, args.number, asking)
    if not may(record.person.here(asking.channel, asking.chat_id, asking.now), matter, "operator"):
        raise NotAllowedError(code="matter_not_for", values={"name": record.person.name})

    async def tell(tx: Transaction, changed: Matter) -> None:
        await tell_person(tx, await view_of(tx, changed, deps), record, f"handed:{asking.event_id}", deps)

    values = {"state": "taken", "owner_id": record.person.id, "snoozed_until": None}
    return await _changed(args.number, _Change("handed", record.person.name, values, tell), asking, deps)


async def ask_for_help(args: TakeArgs, asking: Asking, *, deps: MattersDeps) -> Reply:
    """Say that a matter cannot be done alone: it waits for somebody again, and the next in line is told at once.

    Raises: ConflictError if somebody asked already and nobody has answered.
    """

    async def climb(tx: Transaction, changed: Matter) -> None:
        await climb_now(tx, changed, deps)

    values = {"state": "open", "owner_id": "", "snoozed_until": None}
    return await _changed(args.number, _Change("help", args.text, values, climb), asking, deps)


async def snooze(args: SnoozeArgs, asking: Asking, *, deps: MattersDeps) -> Reply:
    """Put a matter off until a date, with a reason; then it climbs again. Raises: UserInputError."""
    until = read_until(args.until, asking.now, deps.zone)

    async def plan(tx: Transaction, changed: Matter) -> None:
        await submit_wake(tx, changed.number, until)

    values = {"state": "snoozed", "snoozed_until": until}
    text = f"{asking.words.moment(until)} · {args.reason}"
    return await _changed(args.number, _Change("snoozed", text, values, plan), asking, deps)


async def note(args: NoteArgs, asking: Asking, *, deps: MattersDeps) -> Reply:
    """Write a line into a matter's timeline."""
    return await _changed(args.number, _Change("noted", args.text, {}), asking, deps)


async def settle(args: TakeArgs, asking: Asking, *, deps: MattersDeps) -> Reply:
    """Say that a matter is over."""
    values = {"state": "settled", "settled_at": asking.now, "snoozed_until": None, "owner_id": asking.person.id}
    return await _changed(args.number, _Change("settled", args.text, values), asking, deps)


@dataclass(frozen=True, slots=True)
class _Change:
    """New values by column, the line that tells of them, and what follows in the same transaction."""

    kind: EntryKind
    text: str
    to: dict[str, Any]
    then: Callable[[Transaction, Matter], Awaitable[None]] | None = None


async def _changed(number: str, change: _Change, asking: Asking, deps: MattersDeps) -> Reply:
    """The reply and the effect, which looks again under the lock.

    Raises: NotFoundError, NotAllowedError, ConflictError.
    """
    async with deps.database.read() as reader:
        matter = await seen(reader, number, asking)
        view = await view_of(reader, matter, deps)
    _check(matter, change, view, asking)

    async def effect(tx: Transaction) -> None:
        current = await store.load_matter(tx, matter.number)
        assert current is not None
        _check(current, change, await view_of(tx, current, deps), asking)
        if change.kind == "taken" and not change.text and current.owner_id == asking.person.id:
            return  # it is theirs already
        by = {"person_id": asking.person.id, "text": change.text}
        await store.change_matter(tx, current, change.kind, now=asking.now, **by, **change.to)
        if change.then is not None:
            await change.then(tx, replace(current, **change.to))

    after = replace(matter, **change.to)
    line = Entry(
        matter=matter.number,
        position=len(view.entries),
        at=asking.now,
        kind=change.kind,
        person_id=asking.person.id,
        text=change.text,
    )
    card = done_card(replace(view, matter=after), line, asking.words)
    return Reply((card,), (effect,), MattersResult((after,)))


def _check(matter: Matter, change: _Change, view: MatterView, asking: Asking) -> None:
    if not may(asking.person, matter, "operator"):
        raise NotAllowedError(code="matter_not_yours", values={"number": str(matter.number)})
    if matter.is_over and change.kind != "noted":
        raise ConflictError(code="matter_over", values={"number": str(matter.number)})
    asked = cry_for_help(view.entries) if change.kind == "help" else None
    if asked is not None:
        said = {"name": view.names.get(asked.person_id, ""), "at": asking.words.moment(asked.at)}
        raise ConflictError(code="matter_help_asked", values={"number": str(matter.number), **said})
    is_others = matter.state == "taken" and matter.owner_id not in ("", asking.person.id)
    if change.kind == "taken" and is_others:
        name = view.names.get(matter.owner_id, "")
        raise ConflictError(code="matter_taken", values={"number": str(matter.number), "name": name})


async def seen(reader: Reader, number: str, asking: Asking | Looking) -> Matter:
    """The matter, if the person may see it. Raises: NotFoundError, UserInputError, NotAllowedError."""
    digits = number.lstrip("#＃")
    if not digits.isdecimal():
        raise UserInputError(code="matter_number", values={"text": number[:12]})
    matter = await store.load_matter(reader, int(digits[:9]))
    if matter is None:
        nearest = (asking.words("matters.command.list"),)
        raise NotFoundError(code="matter_unknown", values={"number": digits[:9]}, nearest=nearest)
    if not may(asking.person, matter):
        admins = asking.words("matters.separator").join(await admin_names(reader, asking.now))
        raise NotAllowedError(code="matter_hidden", values={"number": digits[:9], "admins": admins})
    return matter


def _named(name: str, everybody: list[PersonRecord], asking: Asking) -> PersonRecord:
    """The person so called, with or without @. Raises: NotFoundError naming who may have been meant."""
    wanted = name.strip().removeprefix("@").strip()
    by_name = {each.person.name: each for each in everybody}
    if wanted in by_name:
        return by_name[wanted]
    close = get_close_matches(wanted, by_name, n=3, cutoff=0.4)
    meant = asking.words("matters.separator").join(close or list(by_name)[:5])
    raise NotFoundError(code="matter_nobody", values={"name": wanted[:40], "meant": meant})
