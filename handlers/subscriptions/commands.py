"""订阅, 退订 and 免打扰."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.contracts.errors import ConflictError, NotAllowedError, NotFoundError, UserInputError
from bot.contracts.feature import Asking, Effect, Reply, rest, word
from handlers.common.quiet_hours import QuietHours
from handlers.subscriptions.cards import Change, list_card, one_card, quiet_card
from handlers.subscriptions.grammar import (
    Verb,
    Wish,
    print_plan,
    read_managing,
    read_plan,
    read_quiet_hours,
    read_wish,
)
from handlers.subscriptions.jobs import submit_digest, submit_now, submit_slot
from handlers.subscriptions.ports import SubscriptionsDeps
from handlers.subscriptions.results import Listed, SubscriptionsResult
from handlers.subscriptions.rules import next_slot
from storage.database import Reader, Transaction
from storage.people.store import person_by_id
from storage.subscriptions import store
from storage.subscriptions.rows import Subscription

MOST_IN_A_CHAT = 20


@dataclass(frozen=True, slots=True)
class SubscribeArgs:
    """``text``: when and which command; a number, with 暂停, 继续 or 现在 before it; empty for the list."""

    text: str = rest(default="")


@dataclass(frozen=True, slots=True)
class UnsubscribeArgs:
    """``number``: with or without #; empty for the list."""

    number: str = word(default="", longest=12)


@dataclass(frozen=True, slots=True)
class QuietArgs:
    """``hours``: from-to, or 关; empty to be shown the present ones."""

    hours: str = rest(default="", longest=40)


async def subscribe(args: SubscribeArgs, asking: Asking, *, deps: SubscriptionsDeps) -> Reply:
    """List, manage or add subscriptions.

    Raises: UserInputError, NotFoundError and NotAllowedError for what cannot be subscribed by this person here;
    ConflictError for one too many.
    """
    if not args.text:
        return await _list(asking, deps)
    managing = read_managing(args.text)
    if managing is not None:
        verb, number = managing
        return await _manage(verb, number, asking, deps)
    return await _add(read_wish(args.text), asking, deps)


async def unsubscribe(args: UnsubscribeArgs, asking: Asking, *, deps: SubscriptionsDeps) -> Reply:
    """End a subscription. Raises: UserInputError, NotFoundError, NotAllowedError."""
    if not args.number:
        return await _list(asking, deps)
    managing = read_managing(args.number)
    if managing is None or managing[0] != "show":
        raise UserInputError(code="subscription_number", values={"text": args.number})
    listed = await _managed(managing[1], asking, deps)

    async def end(tx: Transaction) -> None:
        await _locked(tx, listed.subscription.number)
        await store.set_state(tx, listed.subscription.number, "ended", next_at=None, now=asking.now)

    return _reply(listed, "ended", asking, end)


async def set_quiet(args: QuietArgs, asking: Asking, *, deps: SubscriptionsDeps) -> Reply:
    """Show or set when the person's private chat stays quiet. Raises: UserInputError."""
    if not args.hours:
        async with deps.database.read() as reader:
            hours = await store.quiet_hours_of(reader, asking.person.id)
        return Reply((quiet_card(QuietHours(*hours) if hours else None, asking.words, changed=False),))
    quiet = read_quiet_hours(args.hours)

    async def remember(tx: Transaction) -> None:
        hours = (quiet.starts, quiet.ends) if quiet else None
        await store.set_quiet_hours(tx, asking.person.id, hours, now=asking.now)
        await submit_digest(tx, asking.person.id, key=f"changed:{asking.event_id}")

    return Reply((quiet_card(quiet, asking.words, changed=True),), (remember,))


async def _list(asking: Asking, deps: SubscriptionsDeps) -> Reply:
    also_of = asking.person.id if asking.chat_kind == "private" else ""
    async with deps.database.read() as reader:
        found = await store.list_subscriptions(reader, asking.channel, asking.chat_id, also_of=also_of)
        listed = tuple([await _listed(reader, each, asking) for each in found])
    return Reply((list_card(listed, asking.words),), result=SubscriptionsResult(listed))


async def _add(wish: Wish, asking: Asking, deps: SubscriptionsDeps) -> Reply:
    if asking.channel == "terminal":
        raise UserInputError(code="subscription_terminal")
    subscription = await _checked(wish, asking, deps)
    async with deps.database.read() as reader:
        here = await store.list_subscriptions(reader, asking.channel, asking.chat_id)
        subscription = replace(subscription, number=await store.next_number(reader))
    _check_room(subscription, here)

    async def add(tx: Transaction) -> None:
        _check_room(subscription, await store.list_subscriptions(tx, asking.channel, asking.chat_id))
        if not await store.add_subscription(tx, subscription):
            raise ConflictError(code="subscription_number_taken")
        assert subscription.next_at is not None
        await submit_slot(tx, subscription.number, subscription.next_at)

    return _reply(Listed(subscription, asking.person.name), "made", asking, add)


async def _checked(wish: Wish, asking: Asking, deps: SubscriptionsDeps) -> Subscription:
    """The subscription without its number, once the command has answered. Raises: whatever the command raises."""
    try:
        line = await deps.gate.check(wish.line, asking)
    except NotFoundError as error:
        begins = f"{asking.words('subscriptions.command.add')} {print_plan(wish.plan, asking.words.language)}"
        nearest = [f"{begins} {each}" for each in error.nearest]
        raise NotFoundError(code=error.code, values=error.values, nearest=nearest) from error
    return Subscription(
        number=0,
        person_id=asking.person.id,
        sender_id=asking.sender_id,
        channel=asking.channel,
        chat_id=asking.chat_id,
        chat_kind=asking.chat_kind,
        plan=print_plan(wish.plan, "zh"),
        line=line,
        next_at=next_slot(wish.plan, asking.now, deps.zone),
        created_at=asking.now,
        changed_at=asking.now,
    )


def _check_room(wanted: Subscription, here: Sequence[Subscription]) -> None:
    for each in here:
        if (each.plan, each.line) == (wanted.plan, wanted.line):
            raise ConflictError(code="subscription_twice", values={"number": str(each.number)})
    if len(here) >= MOST_IN_A_CHAT:
        raise ConflictError(code="subscription_too_many", values={"most": str(MOST_IN_A_CHAT)})


async def _manage(verb: Verb, number: int, asking: Asking, deps: SubscriptionsDeps) -> Reply:
    if verb == "show":
        async with deps.database.read() as reader:
            listed = await _visible(reader, number, asking)
        return Reply((one_card(listed, "shown", asking.words),), result=SubscriptionsResult((listed,)))
    listed = await _managed(number, asking, deps)
    match verb:
        case "pause":
            return _pause(listed, asking)
        case "resume":
            return _resume(listed, asking, deps)
        case "now":

            async def run(tx: Transaction) -> None:
                await submit_now(tx, number, event_id=asking.event_id)

            return _reply(listed, "running", asking, run)


def _pause(listed: Listed, asking: Asking) -> Reply:
    number = listed.subscription.number

    async def pause(tx: Transaction) -> None:
        await _locked(tx, number)
        await store.set_state(tx, number, "paused", next_at=None, now=asking.now)

    paused = replace(listed.subscription, state="paused", next_at=None)
    return _reply(replace(listed, subscription=paused), "paused", asking, pause)


def _resume(listed: Listed, asking: Asking, deps: SubscriptionsDeps) -> Reply:
    number = listed.subscription.number
    next_at = next_slot(read_plan(listed.subscription.plan), asking.now, deps.zone)

    async def resume(tx: Transaction) -> None:
        await _locked(tx, number)
        await store.set_state(tx, number, "active", next_at=next_at, now=asking.now)
        await submit_slot(tx, number, next_at)

    resumed = replace(listed.subscription, state="active", next_at=next_at)
    return _reply(replace(listed, subscription=resumed), "resumed", asking, resume)


async def _locked(tx: Transaction, number: int) -> None:
    """Raises: ConflictError if it ended meanwhile."""
    if await store.load_subscription(tx, number) is None:
        raise ConflictError(code="subscription_unknown", values={"number": str(number)})


async def _managed(number: int, asking: Asking, deps: SubscriptionsDeps) -> Listed:
    """The subscription, if the person may change it. Raises: NotFoundError, NotAllowedError."""
    async with deps.database.read() as reader:
        listed = await _visible(reader, number, asking)
    if not _is_in_charge(listed.subscription, asking):
        values = {"number": str(number), "name": listed.name}
        raise NotAllowedError(code="subscription_of_another", values=values)
    return listed


async def _visible(reader: Reader, number: int, asking: Asking) -> Listed:
    """The subscription, if it is of this chat or the person's business. Raises: NotFoundError."""
    found = await store.load_subscription(reader, number)
    if found is not None:
        listed = await _listed(reader, found, asking)
        if listed.is_here or _is_in_charge(found, asking):
            return listed
    nearest = (asking.words("subscriptions.command.list"),)
    raise NotFoundError(code="subscription_unknown", values={"number": str(number)}, nearest=nearest)


def _is_in_charge(subscription: Subscription, asking: Asking) -> bool:
    return subscription.person_id == asking.person.id or asking.person.has("admin")


async def _listed(reader: Reader, subscription: Subscription, asking: Asking) -> Listed:
    person = await person_by_id(reader, subscription.person_id)
    is_here = (subscription.channel, subscription.chat_id) == (asking.channel, asking.chat_id)
    return Listed(subscription, person.name if person else "", is_here)


def _reply(listed: Listed, change: Change, asking: Asking, effect: Effect) -> Reply:
    return Reply((one_card(listed, change, asking.words),), (effect,), SubscriptionsResult((listed,)))
