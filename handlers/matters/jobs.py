"""A matter's cards and its ladder.

Every step is a row with a job at its time. Firing locks the matter, looks at the row again and sends in the same
transaction; whoever takes the matter cancels the rows under the same lock. So nothing fires after an acknowledgement,
and 100,000 steps that wait cost nothing: the engine finds due jobs by index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.contracts.cards import Card
from bot.contracts.feature import Effect, Job, Words
from bot.contracts.messages import Message, Target
from handlers.common.ladder import DEFAULT_LADDER
from handlers.common.quiet_hours import QuietHours, hold_until
from handlers.matters.cards import living_card, title_of, word_card
from handlers.matters.ports import MattersDeps
from handlers.matters.results import MatterView
from handlers.matters.rules import (
    EDITABLE,
    REMIND_EVERY,
    address_of,
    is_reached,
    may,
    needs_somebody,
    next_in_line,
    people_for,
    reminder,
    steps_of,
    tells_end,
)
from storage.database import Reader, Transaction
from storage.matters import ladder, store
from storage.matters.rows import Matter, Place, Step
from storage.outbox.handed import handed_states, platform_id_of
from storage.outbox.store import lock_by_key
from storage.people.rows import PersonRecord
from storage.people.store import find_chat, language_of, list_people, names_by_id
from storage.subscriptions.rows import DIGEST_TASK, HeldMessage
from storage.subscriptions.store import hold_message, quiet_hours_of

WAKE_TASK = "matters.wake"


async def begin(job: Job, *, deps: MattersDeps) -> Effect:
    """Put a matter on the ladder that is new, or needed nobody so far."""

    async def effect(tx: Transaction) -> None:
        matter = await store.load_matter(tx, _number(job))
        if matter is not None and matter.state == "open" and not await ladder.is_climbing(tx, matter.number):
            await start_round(tx, matter, deps, is_only_shown=not needs_somebody(matter))

    return effect


async def start_round(tx: Transaction, matter: Matter, deps: MattersDeps, *, is_only_shown: bool = False) -> None:
    """Let the locked matter climb from the first rung on, counted from now, or be shown in chats and no more."""
    rungs = await ladder.list_rungs(tx) or DEFAULT_LADDER
    first = await ladder.last_position(tx, matter.number) + 1
    steps = steps_of(matter.number, rungs, start=deps.clock.now(), first=first, channels=deps.channels())
    await ladder.add_steps(tx, [step for step in steps if step.how == "card"][:1] if is_only_shown else steps)


async def climb_now(tx: Transaction, matter: Matter, deps: MattersDeps) -> None:
    """Let the next in line be told of the locked, open matter now, on a new round if the last one was stopped."""
    if await ladder.next_pending(tx, matter.number) is None:
        await start_round(tx, matter, deps)
    now = deps.clock.now()
    following = next_in_line(await ladder.list_steps(tx, matter.number), now)
    if following is not None:
        await ladder.submit_step(tx, following, now)


async def submit_wake(tx: Transaction, number: int, until: datetime) -> None:
    """Let a snoozed matter wait for somebody again at ``until``."""
    key = f"matter:{number}:wake:{until.isoformat()}"
    await tx.submit(WAKE_TASK, {"matter": number, "until": until.isoformat()}, key=key, run_at=until)


async def wake(job: Job, *, deps: MattersDeps) -> Effect:
    """End a snooze, unless it was changed meanwhile."""

    async def effect(tx: Transaction) -> None:
        matter = await store.load_matter(tx, _number(job))
        if matter is None or matter.state != "snoozed" or matter.snoozed_until is None:
            return
        if matter.snoozed_until.isoformat() == job.payload["until"]:
            now = deps.clock.now()
            await store.change_matter(tx, matter, "woken", now=now, state="open", snoozed_until=None)
            await start_round(tx, matter, deps)

    return effect


async def show(job: Job, *, deps: MattersDeps) -> Effect:
    """Renew the cards of a matter where that can be done; say once in every chat that it is over."""

    async def effect(tx: Transaction) -> None:
        matter = await store.load_matter(tx, _number(job))
        if matter is None:
            return
        view = await view_of(tx, matter, deps)
        for place in await store.list_places(tx, matter.number):
            words = await _words_at(tx, place, deps)
            if place.channel in EDITABLE:
                await tx.send(Message(key=place.key, card=living_card(view, words), to=_chat(place)))
            elif matter.state == "open" and place.channel == job.payload.get("back"):
                await _say(tx, _Telling(view, place, f"{place.key}:{job.key}", word_card(view, "remind", words)), deps)
            closing = f"{place.key}:closed"
            if matter.is_over and tells_end(matter) and await lock_by_key(tx, closing) is None:
                telling = _Telling(view, place, closing, word_card(view, "closed", words))
                await _say(tx, telling, deps)

    return effect


async def fire(job: Job, *, deps: MattersDeps) -> Effect:
    """Fire one step, unless somebody answered, or as much as it asks for was reached."""

    async def effect(tx: Transaction) -> None:
        matter = await store.load_matter(tx, _number(job))
        step = await ladder.load_step(tx, _number(job), int(str(job.payload["position"])))
        if matter is None or step is None or step.state != "pending":
            return
        if matter.state != "open":
            await ladder.end_step(tx, step, "cancelled", reason="acknowledged", now=deps.clock.now())
        elif await _is_reached(tx, step):
            await ladder.end_step(tx, step, "skipped", reason="reached", now=deps.clock.now())
        elif step.how == "remind":
            await _remind(tx, matter, step, deps)
        else:
            await _climb(tx, matter, step, deps)

    return effect


async def _is_reached(reader: Reader, step: Step) -> bool:
    keys = []
    for place in await store.list_places(reader, step.matter):
        keys += [place.key, *(f"{place.key}:step:{earlier}" for earlier in range(step.position))]
    return is_reached(step.needs, await handed_states(reader, keys))


async def _remind(tx: Transaction, matter: Matter, step: Step, deps: MattersDeps) -> None:
    now = deps.clock.now()
    places = await store.list_places(tx, matter.number)
    if not places:  # nobody could be told so far: perhaps somebody can be by now
        await ladder.end_step(tx, step, "skipped", reason="nobody", now=now)
        await start_round(tx, matter, deps)
        return
    view = await view_of(tx, matter, deps)
    for place in places:
        card = word_card(view, "remind", await _words_at(tx, place, deps))
        await _say(tx, _Telling(view, place, f"{place.key}:step:{step.position}", card), deps)
    await store.add_entry(tx, matter.number, "reminded", at=now)
    await ladder.end_step(tx, step, "fired", now=now)
    await ladder.add_steps(tx, [reminder(matter.number, step.position + 1, now + REMIND_EVERY)])


async def _climb(tx: Transaction, matter: Matter, step: Step, deps: MattersDeps) -> None:
    """Tell whom the step means; if that is nobody, say so and let the next rung have its turn now."""
    now = deps.clock.now()
    view = await view_of(tx, matter, deps)
    people = () if step.how == "card" else await _people(tx, matter, step, deps)
    if step.how == "mention":
        told = await _mention(tx, view, step, people, deps)
    else:
        places = await _chats(tx, matter, step) if step.how == "card" else _private(matter, step, people, deps)
        told = [await _tell(tx, view, step, place, deps) for place in places]
    if told:
        names = "、".join(dict.fromkeys(each.person.name for each in people))
        whom = step.target if step.how == "card" else f"{names} {step.channel}".strip()
        is_held = not any(told)
        await ladder.end_step(tx, step, "held" if is_held else "fired", now=now)
        await store.add_entry(tx, matter.number, "held" if is_held else "told", at=now, text=whom)
        return
    await ladder.end_step(tx, step, "skipped", reason="nobody", now=now)
    await store.add_entry(tx, matter.number, "nobody", at=now, text=f"{step.target} {step.channel}".strip())
    following = await ladder.next_pending(tx, matter.number)
    if following is not None and following.how != "remind":
        await ladder.submit_step(tx, following, now)


async def _people(reader: Reader, matter: Matter, step: Step, deps: MattersDeps) -> tuple[PersonRecord, ...]:
    """Whom the step means, but for those who may not see the matter."""
    roster, now = await ladder.list_roster(reader), deps.clock.now()
    meant = people_for(step.target, await list_people(reader), roster, now, deps.zone)
    return tuple(each for each in meant if may(each.person.here("", "", now), matter))


async def _chats(reader: Reader, matter: Matter, step: Step) -> list[Place]:
    if step.target.startswith("chat:"):
        _, channel, chat_id = step.target.split(":", 2)
        chats: Sequence[tuple[str, str]] = [(channel, chat_id)]
    else:
        chats = await ladder.list_alarm_chats(reader)
    return [
        Place(matter=matter.number, channel=channel, chat_id=chat_id)
        for channel, chat_id in chats
        if channel != matter.details.get("broken_channel")  # a channel that fails is told of through another one
    ]


def _private(matter: Matter, step: Step, people: Sequence[PersonRecord], deps: MattersDeps) -> list[Place]:
    channels = deps.channels() - {matter.details.get("broken_channel", "")}
    found = [(record, address_of(record, step.channel, channels)) for record in people]
    return [
        Place(matter=matter.number, channel=where.channel, chat_id=where.chat_id, person_id=record.person.id)
        for record, where in found
        if where is not None
    ]


async def _mention(
    tx: Transaction, view: MatterView, step: Step, people: Sequence[PersonRecord], deps: MattersDeps
) -> list[bool]:
    """A word in the thread of every group that has the card, calling those of the people who are known there."""
    told = []
    for place in await store.list_places(tx, view.matter.number):
        here = [(record, dict(record.identities).get(place.channel)) for record in people]
        known = [(record.person.name, known_as) for record, known_as in here if known_as]
        if place.person_id or not known:
            continue
        words = await _words_at(tx, place, deps)
        card = word_card(view, "mention", words, names=[name for name, _ in known])
        card = replace(card, mentions=tuple(known_as for _, known_as in known))
        told.append(await _say(tx, _Telling(view, place, f"{place.key}:step:{step.position}", card), deps))
    return told


async def _tell(tx: Transaction, view: MatterView, step: Step, place: Place, deps: MattersDeps) -> bool:
    """Send the living card; if it stands there already, a word that calls for attention. False if it was held."""
    words = await _words_at(tx, place, deps)
    if place in await store.list_places(tx, place.matter):
        card = word_card(view, "remind", words)
        return await _say(tx, _Telling(view, place, f"{place.key}:step:{step.position}", card), deps)
    is_told = await _say(tx, _Telling(view, place, place.key, living_card(view, words)), deps)
    if is_told:
        await store.add_place(tx, place)
    return is_told


async def tell_person(tx: Transaction, view: MatterView, record: PersonRecord, key: str, deps: MattersDeps) -> None:
    """Send the living card to one person alone, such as whom a matter was handed to."""
    where = address_of(record, "", deps.channels())
    if where is None:
        return
    person_id = record.person.id
    place = Place(matter=view.matter.number, channel=where.channel, chat_id=where.chat_id, person_id=person_id)
    is_new = place not in await store.list_places(tx, place.matter)
    card = living_card(view, await _words_at(tx, place, deps))
    if await _say(tx, _Telling(view, place, place.key if is_new else f"{place.key}:{key}", card), deps) and is_new:
        await store.add_place(tx, place)


@dataclass(frozen=True, slots=True)
class _Telling:
    """A card for a place, under a key of its own."""

    view: MatterView
    place: Place
    key: str
    card: Card


async def _say(tx: Transaction, telling: _Telling, deps: MattersDeps) -> bool:
    """Send it, quoting the living card; False if the person's quiet hours hold it back for their digest."""
    place, matter, now = telling.place, telling.view.matter, deps.clock.now()
    if place.person_id and not matter.is_urgent:
        hours = await quiet_hours_of(tx, place.person_id)
        until = hold_until(QuietHours(*hours) if hours else None, now, deps.zone)
        if until is not None:
            words = await _words_at(tx, place, deps)
            await _hold(tx, _held(place, matter, words, now), until, telling.key)
            return False
    quoted = "" if telling.key == place.key else await platform_id_of(tx, place.key)
    to = Target(channel=place.channel, chat_id=place.chat_id, reply_to=quoted)
    await tx.send(Message(key=telling.key, card=telling.card, to=to))
    return True


def _held(place: Place, matter: Matter, words: Words, now: datetime) -> HeldMessage:
    return HeldMessage(
        person_id=place.person_id,
        channel=place.channel,
        chat_id=place.chat_id,
        source=f"matter:{matter.number}",
        title=title_of(matter, words),
        command=words("matters.command.show", n=matter.number),
        held_at=now,
    )


async def _hold(tx: Transaction, message: HeldMessage, until: datetime, key: str) -> None:
    await hold_message(tx, message)
    lane = f"digest:{message.person_id}"
    await tx.submit(DIGEST_TASK, {"person": message.person_id}, key=f"digest:{key}", lane=lane, run_at=until)


async def view_of(reader: Reader, matter: Matter, deps: MattersDeps) -> MatterView:
    """The matter with its timeline and the names in it."""
    names = await names_by_id(reader)
    entries = await store.list_entries(reader, matter.number)
    form = deps.forms.get(matter.kind)
    return MatterView(matter=matter, entries=entries, names=names, now=deps.clock.now(), form=form)


async def _words_at(reader: Reader, place: Place, deps: MattersDeps) -> Words:
    if place.person_id:
        chosen = await language_of(reader, place.person_id)
    else:
        chosen = (await find_chat(reader, place.channel, place.chat_id)).language
    return deps.words(chosen or deps.language)


def _chat(place: Place) -> Target:
    return Target(channel=place.channel, chat_id=place.chat_id)


def _number(job: Job) -> int:
    return int(str(job.payload["matter"]))
