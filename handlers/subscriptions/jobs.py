"""Firing subscriptions and sending what quiet hours held back.

Each subscription has one waiting job, for its next slot; the transaction in which it fires submits the job for the
slot after it. The job's key is (subscription, slot), so that a slot fires once, and a job that is late after downtime
fires once for all the slots missed, as the next one is counted from now. Chosen over a look at all subscriptions every
minute: nothing runs while nothing is due, and a slot is kept to the second. The price: whatever ends a job has to
submit the next, so a dead letter does too; a job whose slot is not the subscription's next any more does nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.contracts.cards import Card
from bot.contracts.feature import Effect, Job, JsonValue
from bot.contracts.messages import Message, Target
from bot.contracts.standing import Carried, Outcome, StandingOrder
from handlers.common.quiet_hours import QuietHours, hold_until
from handlers.subscriptions.cards import digest_card, fired_card, lost_card
from handlers.subscriptions.grammar import read_plan
from handlers.subscriptions.ports import SubscriptionsDeps
from handlers.subscriptions.rules import next_slot
from storage.database import Reader, Transaction
from storage.people.store import language_of, list_people
from storage.subscriptions import store
from storage.subscriptions.rows import DIGEST_TASK, HeldMessage, LastOutcome, Subscription

FIRE = "subscriptions.fire"
_LATE = timedelta(minutes=5)
_MOST_ADMINS = 3
_OUTCOMES: Mapping[Outcome, LastOutcome] = {"answered": "answered", "refused": "refused", "failed": "failed"}


async def submit_slot(tx: Transaction, number: int, slot: datetime) -> None:
    """Let the subscription fire at ``slot``."""
    payload: dict[str, JsonValue] = {"subscription": number, "slot": slot.isoformat()}
    await tx.submit(FIRE, payload, key=f"subscription:{number}:{slot.isoformat()}", run_at=slot)


async def submit_now(tx: Transaction, number: int, *, event_id: str) -> None:
    """Let the subscription answer once now, whatever its state; its slots stay as they are."""
    await tx.submit(FIRE, {"subscription": number, "slot": ""}, key=f"subscription:{number}:now:{event_id}")


async def fire(job: Job, *, deps: SubscriptionsDeps) -> Effect | None:
    """Run the command as the person who subscribed. Raises: UpstreamUnavailable."""
    async with deps.database.read() as reader:
        subscription = await _due(reader, job)
    if subscription is None:
        return None
    carried = await deps.gate.run(_order(subscription, job))

    async def effect(tx: Transaction) -> None:
        current = await _due(tx, job)
        if current is not None:
            await _settle(tx, job, current, carried, deps)

    return effect


def give_up(job: Job, error: BaseException, *, deps: SubscriptionsDeps) -> Effect:
    """Say that it failed, and go on with the next slot."""

    async def effect(tx: Transaction) -> None:
        current = await _due(tx, job)
        if current is not None:
            carried = await deps.gate.failed(tx, _order(current, job), error)
            await _settle(tx, job, current, carried, deps)

    return effect


async def _due(reader: Reader, job: Job) -> Subscription | None:
    """The job's subscription, if the job's slot is its next or somebody asked for an answer now."""
    subscription = await store.load_subscription(reader, int(str(job.payload["subscription"])))
    if subscription is None or not job.payload["slot"]:
        return subscription
    is_next = subscription.next_at is not None and subscription.next_at.isoformat() == job.payload["slot"]
    return subscription if is_next else None


def _order(subscription: Subscription, job: Job) -> StandingOrder:
    return StandingOrder(
        line=subscription.line,
        person_id=subscription.person_id,
        sender_id=subscription.sender_id,
        channel=subscription.channel,
        chat_id=subscription.chat_id,
        chat_kind=subscription.chat_kind,
        key=job.id,
    )


async def _settle(
    tx: Transaction, job: Job, subscription: Subscription, carried: Carried, deps: SubscriptionsDeps
) -> None:
    """Audit, answer and the next slot; or the pause of a subscription whose person has lost the right."""
    number, now = subscription.number, deps.clock.now()
    await carried.record(tx)
    if carried.outcome in ("not_allowed", "not_enabled"):
        await store.set_state(tx, number, "paused", next_at=None, now=now)
        await store.record_firing(tx, number, "not_allowed", at=now)
        await _tell_loss(tx, job, subscription, carried, deps)
        return
    if job.payload["slot"]:
        following = next_slot(read_plan(subscription.plan), now, deps.zone)
        await store.set_state(tx, number, "active", next_at=following, now=now)
        await submit_slot(tx, number, following)
    outcome = _OUTCOMES[carried.outcome]
    fails = outcome != "answered"
    if fails and outcome == subscription.last_outcome and job.payload["slot"]:  # told once; the list shows it
        await store.record_firing(tx, number, outcome, at=now)
        return
    name, late, words = carried.name, _late_slot(job, now), deps.words(carried.language)
    cards = [fired_card(card, subscription, name, late, words, tells_once=fails) for card in carried.cards]
    went_out = await _send(tx, job, subscription, cards, deps)
    await store.record_firing(tx, number, outcome if went_out else "held", at=now)


async def _tell_loss(
    tx: Transaction, job: Job, subscription: Subscription, carried: Carried, deps: SubscriptionsDeps
) -> None:
    """Nothing is said where the bot may not speak, nor to the private chat of somebody who is gone."""
    is_strange = subscription.chat_kind == "private" and not carried.name
    if carried.outcome == "not_enabled" or is_strange:
        return
    people = [record.person for record in await list_people(tx)]
    admins = [person.name for person in people if "admin" in person.roles][:_MOST_ADMINS]
    card = lost_card(subscription, carried.name, admins, deps.words(carried.language))
    await _send(tx, job, subscription, (card,), deps)


def _late_slot(job: Job, now: datetime) -> datetime | None:
    """The slot that has passed a while ago."""
    slot = str(job.payload["slot"])
    due = datetime.fromisoformat(slot) if slot else now
    return due if now - due > _LATE else None


async def _send(
    tx: Transaction, job: Job, subscription: Subscription, cards: Sequence[Card], deps: SubscriptionsDeps
) -> bool:
    """Send into the chat; False if the quiet hours of the person whose private chat it is hold it back.

    An answer that somebody asked for now is not held.
    """
    now = deps.clock.now()
    if subscription.chat_kind == "private" and job.payload["slot"] and cards:
        until = await _quiet_until(tx, subscription.person_id, now, deps)
        if until is not None:
            await hold(tx, _held(subscription, cards[0].title, now), until=until, key=job.key)
            return False
    target = Target(channel=subscription.channel, chat_id=subscription.chat_id)
    for number, card in enumerate(cards):
        key = job.id if number == 0 else f"{job.id}:{number}"
        await tx.send(Message(key=key, card=card, to=target))
    return True


def _held(subscription: Subscription, title: str, now: datetime) -> HeldMessage:
    return HeldMessage(
        person_id=subscription.person_id,
        channel=subscription.channel,
        chat_id=subscription.chat_id,
        source=f"subscription:{subscription.number}",
        title=title,
        command=subscription.line,
        held_at=now,
    )


async def _quiet_until(reader: Reader, person_id: str, now: datetime, deps: SubscriptionsDeps) -> datetime | None:
    hours = await store.quiet_hours_of(reader, person_id)
    return hold_until(QuietHours(*hours) if hours else None, now, deps.zone)


async def hold(tx: Transaction, message: HeldMessage, *, until: datetime, key: str) -> None:
    """Keep a message of quiet hours for the digest at ``until``; ``key`` names what would have been sent."""
    await store.hold_message(tx, message)
    await submit_digest(tx, message.person_id, key=key, run_at=until)


async def submit_digest(tx: Transaction, person_id: str, *, key: str, run_at: datetime | None = None) -> None:
    """Let what is held go out, unless it is quiet then."""
    await tx.submit(DIGEST_TASK, {"person": person_id}, key=f"digest:{key}", lane=f"digest:{person_id}", run_at=run_at)


async def digest(job: Job, *, deps: SubscriptionsDeps) -> Effect:
    """Send what is held for a person, one card per chat, or wait on if the quiet hours have changed meanwhile."""

    async def effect(tx: Transaction) -> None:
        person_id, now = str(job.payload["person"]), deps.clock.now()
        held = await store.list_held(tx, person_id)
        until = await _quiet_until(tx, person_id, now, deps)
        if held and until is not None:
            await submit_digest(tx, person_id, key=job.id, run_at=until)
        elif held:
            words = deps.words(await language_of(tx, person_id) or deps.language)
            for number, (target, of_chat) in enumerate(_by_chat(held)):
                card = replace(digest_card(of_chat, words), language=words.language)
                await tx.send(Message(key=f"digest:{job.id}:{number}", card=card, to=target))
            await store.forget_held(tx, person_id)

    return effect


def _by_chat(held: Sequence[HeldMessage]) -> list[tuple[Target, list[HeldMessage]]]:
    chats: dict[Target, list[HeldMessage]] = {}
    for each in held:
        chats.setdefault(Target(channel=each.channel, chat_id=each.chat_id), []).append(each)
    return list(chats.items())
