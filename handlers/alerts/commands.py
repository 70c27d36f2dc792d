"""告警, 静音 and 为什么没提醒; 规则: what the team watches itself, tried before it goes live."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.contracts.errors import ConflictError, NotAllowedError, NotFoundError, UserInputError
from bot.contracts.feature import Asking, Effect, Reply, Role, rest, word
from bot.contracts.quantities import StoreId
from handlers.alerts.cards import alarms_card, silenced_card, sounding_card, why_not_card
from handlers.alerts.grammar import Managing, Slots, is_everything, read_kind, read_managing, read_named, read_slots
from handlers.alerts.jobs import CHECK, look, look_at_stock, look_at_watches, try_watch
from handlers.alerts.ports import AlertsDeps
from handlers.alerts.proposing import Scope, Switch, check_room, is_same, may_change, may_see, proposed, switched
from handlers.alerts.results import AlarmsResult, RuleShown, RulesResult, RuleState, Standing, WhyNotResult
from handlers.alerts.rule_cards import Around, form_card, missing_text, rule_card, rules_card, trial_card
from handlers.alerts.rules import ALARM_KINDS, AlarmKind, Seen, silence_for
from handlers.alerts.watching import WATCH_MATTERS, fingerprint_of
from handlers.alerts.why import are_silenced, explain_matter, explain_rule, explain_watch
from handlers.common.moments import read_until
from handlers.common.visible import not_yours, visible
from storage.alerts.rows import Watch, WatchKind
from storage.alerts.store import add_watch, list_watches, load_watch, next_number, set_watch_state
from storage.catalog.rows import fold_code, listing_spellings
from storage.catalog.store import facts_by_code, list_ages, list_stores, nearest_codes, stores_matching
from storage.database import Reader, Transaction
from storage.matters import silences, store
from storage.matters.ladder import list_steps
from storage.matters.rows import Matter, Silence
from storage.people.grants import admin_names
from storage.people.store import names_by_id

_SOUND = ("关", "off")
_ENDED_SHOWN = 10
_SETTLED_SOUGHT = 50


@dataclass(frozen=True, slots=True)
class SilenceArgs:
    """``what``: a matter's number, a rule, or the first parts of a cause's name; ``until``: a date, a length, or 关."""

    what: str = word(longest=80)
    until: str = word(longest=20)
    reason: str = rest(default="")


@dataclass(frozen=True, slots=True)
class WhyNotArgs:
    """``what``: a matter's number, or a rule by its name."""

    what: str = rest(longest=60)


@dataclass(frozen=True, slots=True)
class RulesArgs:
    """``text``: a kind with its slots, what is to be done with which rule, or nothing; the others: a form's fields."""

    text: str = rest(default="", longest=200)
    store: str = word(default="", longest=400)
    sku: str = word(default="", longest=120)
    threshold: str = word(default="", longest=12)
    days: str = word(default="", longest=8)
    urgent: str = word(default="", longest=8)

    def form(self) -> dict[str, str]:
        """The named slots."""
        return {name: getattr(self, name) for name in ("store", "sku", "threshold", "days", "urgent")}


async def show_alarms(_args: object, asking: Asking, *, deps: AlertsDeps) -> Reply:
    """Every rule and how it stands."""
    async with deps.database.read() as reader:
        seen = await _everything(reader, asking, deps)
        unsettled = await store.list_unsettled(reader, kinds=ALARM_KINDS)
        lasting = await silences.list_silences(reader, asking.now)
    rules = tuple(_shown(kind, seen, unsettled, lasting, asking) for kind in ALARM_KINDS)
    result = AlarmsResult(rules, lasting)
    return Reply((alarms_card(result, asking.words),), result=result)


async def silence(args: SilenceArgs, asking: Asking, *, deps: AlertsDeps) -> Reply:
    """Let a cause open nothing until a time, for a reason; an open matter of it is settled.

    Raises: UserInputError without a time or a reason, NotFoundError for what is not there or not silenced,
    NotAllowedError.
    """
    async with deps.database.read() as reader:
        matter = await _matter(reader, args.what, asking)
        cause = await _cause(reader, args.what, matter, asking)
        lasting = await silences.list_silences(reader, asking.now)
    if args.until.lower() in _SOUND:
        _check_silenced(cause, lasting, asking)

        async def sound(tx: Transaction) -> None:
            await silences.end_silence(tx, cause)

        return Reply((sounding_card(cause, asking.words),), (sound,))
    until = read_until(args.until, asking.now, deps.zone)
    if not args.reason:
        raise UserInputError(code="silence_reason")
    wanted = Silence(
        fingerprint=cause, ends_at=until, reason=args.reason, person_id=asking.person.id, set_at=asking.now
    )

    async def hush(tx: Transaction) -> None:
        await silences.set_silence(tx, wanted)
        current = await store.load_matter(tx, matter.number) if matter else None
        if current is not None and not current.is_over:
            by = {"person_id": asking.person.id, "text": f"{asking.words.moment(until)} · {args.reason}"}
            to: dict[str, Any] = {"state": "settled", "settled_at": asking.now, "owner_id": "", "snoozed_until": None}
            await store.change_matter(tx, current, "silenced", now=asking.now, **by, **to)

    return Reply((silenced_card(wanted, matter, asking.words),), (hush,))


def _check_silenced(cause: str, lasting: Sequence[Silence], asking: Asking) -> None:
    """Raises: NotFoundError, with how to end the silence of more than this that covers it, if there is one."""
    if all(each.fingerprint != cause for each in lasting):
        wider = silence_for(cause, lasting, asking.now)
        nearest = (asking.words("alerts.command.sound", fingerprint=wider.fingerprint),) if wider else ()
        raise NotFoundError(code="not_silenced", values={"what": cause[:80]}, nearest=nearest)


async def _cause(reader: Reader, text: str, matter: Matter | None, asking: Asking) -> str:
    """What the names of the causes that are meant begin with. Raises: NotFoundError, NotAllowedError."""
    if matter is not None:
        if not _may("operator", matter, asking):
            raise NotAllowedError(code="matter_not_yours", values={"number": str(matter.number)})
        return matter.fingerprint
    if (number := read_named(text)) is not None:
        await _check_may_change(reader, await _rule(reader, number, asking), asking)
        return fingerprint_of(number)
    if not asking.person.is_for_all_stores("operator"):
        raise not_yours(asking.words("rules.all_stores"), await admin_names(reader, asking.now), asking.words)
    return text if ":" in text else _kind(text, asking)


async def explain_silence(args: WhyNotArgs, asking: Asking, *, deps: AlertsDeps) -> Reply:
    """Everything that decides whether somebody is told, and the first that stopped it. Raises: NotFoundError."""
    async with deps.database.read() as reader:
        matter = await _matter(reader, args.what, asking)
        if matter is not None:
            steps = await list_steps(reader, matter.number)
            reason, checks = explain_matter(matter, steps, asking.now)
            result = WhyNotResult(reason, checks, steps)
        elif (number := read_named(args.what)) is not None:
            result = await _why_watch(reader, await _rule(reader, number, asking), asking)
        else:
            result = await _why_rule(reader, _kind(args.what, asking), asking, deps)
        names = await names_by_id(reader)
    return Reply((why_not_card(args.what, result, names, asking.words),), result=result)


async def _why_rule(reader: Reader, kind: AlarmKind, asking: Asking, deps: AlertsDeps) -> WhyNotResult:
    seen = await _everything(reader, asking, deps)
    unsettled = await store.list_unsettled(reader, kinds=(kind,))
    settled = await store.lately_settled(reader, kind, limit=1)
    lasting = await silences.list_silences(reader, asking.now)
    reason, checks = explain_rule(kind, seen, (*unsettled, *settled), lasting, asking.now)
    return WhyNotResult(reason, checks)


async def _why_watch(reader: Reader, watch: Watch, asking: Asking) -> WhyNotResult:
    (standing,) = await _standings(reader, (watch,), asking)
    settled = await store.lately_settled(reader, f"watch_{watch.kind}", limit=_SETTLED_SOUGHT)
    standing = _with_matters(standing, (*standing.matters, *settled))
    lasting = await silences.list_silences(reader, asking.now)
    missing = [missing_text(each, asking.words) for each in standing.missing]
    return WhyNotResult(*explain_watch(standing, lasting, asking.now, missing=missing))


async def _everything(reader: Reader, asking: Asking, deps: AlertsDeps) -> Seen:
    seen, stock = await look(reader, deps, asking.now), await look_at_stock(reader, deps)
    findings = (*seen.findings, *stock.findings)
    return Seen(tuple(each for each in findings if _concerns(each.store_id, asking)), seen.judged | stock.judged)


def _concerns(store_id: str, asking: Asking) -> bool:
    return not store_id or asking.person.may("viewer", store_id=store_id)


def _shown(
    kind: AlarmKind, seen: Seen, unsettled: tuple[Matter, ...], lasting: tuple[Silence, ...], asking: Asking
) -> RuleShown:
    matters = tuple(each for each in unsettled if each.kind == kind and _concerns(each.store_id, asking))
    findings = [each for each in seen.findings if each.kind == kind]
    sounding = [each for each in findings if silence_for(each.fingerprint, lasting, asking.now) is None]
    state: RuleState = "quiet"
    if matters or sounding:
        state = "open"
    elif findings:
        state = "silenced"
    elif kind not in seen.judged:
        state = "unknown"
    return RuleShown(kind, state, matters)


async def _matter(reader: Reader, text: str, asking: Asking) -> Matter | None:
    """The matter if ``text`` is a number. Raises: NotFoundError if there is none, NotAllowedError as 事项 does."""
    digits = text.lstrip("#＃")
    if not digits.isdecimal():
        return None
    matter = await store.load_matter(reader, int(digits[:9]))
    if matter is None:
        raise NotFoundError(code="matter_unknown", values={"number": digits[:9]})
    if not _may("viewer", matter, asking):
        admins = asking.words("common.separator").join(await admin_names(reader, asking.now))
        raise NotAllowedError(code="matter_hidden", values={"number": digits[:9], "admins": admins})
    return matter


def _may(role: Role, matter: Matter, asking: Asking) -> bool:
    """What concerns the whole service is for those who have the role in all stores."""
    person, store_id = asking.person, matter.store_id
    return person.may(role, store_id=store_id) if store_id else person.is_for_all_stores(role)


def _kind(text: str, asking: Asking) -> AlarmKind:
    names = {asking.words(f"alerts.name.{kind}"): kind for kind in ALARM_KINDS}
    for name, kind in names.items():
        if text.lower() in (name.lower(), kind):
            return kind
    command = asking.words("alerts.command.why")
    raise NotFoundError(code="alarm_unknown", values={"name": text[:40]}, nearest=[f"{command} {n}" for n in names])


async def manage_rules(args: RulesArgs, asking: Asking, *, deps: AlertsDeps) -> Reply:
    """List the team's rules, show a form, try a rule against history, or switch one on or off.

    Raises: UserInputError, NotFoundError, NotAllowedError, ConflictError.
    """
    managing, new = read_managing(args.text), read_kind(args.text)
    async with deps.database.read() as reader:
        if managing is not None:
            return await _manage(reader, managing, args, asking)
        if new is not None:
            return await _propose(reader, new[0], read_slots(*new, args.form()), None, asking)
        if args.text:
            raise UserInputError(code="watch_kind", values={"text": args.text[:40]})
        watches = [each for each in await list_watches(reader, ended=_ENDED_SHOWN) if may_see(asking.person, each)]
        standings = await _standings(reader, watches, asking)
        return Reply((rules_card(standings, await _around(reader, asking)),), result=RulesResult(standings))


async def _manage(reader: Reader, managing: Managing, args: RulesArgs, asking: Asking) -> Reply:
    watch = await _rule(reader, managing.number, asking)
    match managing.verb:
        case "show" if watch.state == "tried":
            return await _tried(reader, watch, asking)
        case "show":
            standings = await _standings(reader, (watch,), asking)
            card = rule_card(standings[0], await _around(reader, asking))
            return Reply((card,), result=RulesResult(standings))
        case "change":
            return await _propose(reader, watch.kind, read_slots(watch.kind, managing.rest, args.form()), watch, asking)
        case "on" | "pause" | "end":
            return await _switch(reader, watch, managing.verb, asking)


async def _propose(reader: Reader, kind: WatchKind, slots: Slots, base: Watch | None, asking: Asking) -> Reply:
    """The form if nothing was said, else the rule tried; ``base`` is the rule that it shall take the place of."""
    if slots.is_empty:
        return Reply((form_card(kind, await _around(reader, asking), base),))
    threshold = slots.threshold or (base.threshold if base else None)
    if threshold is None:
        raise UserInputError(code="watch_threshold", values={"example": asking.words(f"rules.example.{kind}")})
    scope, number = await _scope(reader, slots, base, asking), await next_number(reader)
    who, now = asking.person.id, asking.now
    watch = proposed(kind, slots, threshold, scope, base, number=number, by=who, now=now)
    await _check_may_change(reader, watch, asking)
    present = await list_watches(reader)
    tried = next((each for each in present if each.state == "tried" and is_same(each, watch)), None)
    if tried is not None:
        return await _tried(reader, tried, asking)
    check_room(watch, present)

    async def add(tx: Transaction) -> None:
        if not await add_watch(tx, watch):
            raise ConflictError(code="watch_number_taken")
        if base is not None and base.state == "tried":
            await set_watch_state(tx, base.number, "ended", by=who, now=now)

    return await _tried(reader, watch, asking, add)


async def _tried(reader: Reader, watch: Watch, asking: Asking, *effects: Effect) -> Reply:
    around = await _around(reader, asking)
    trials = await try_watch(reader, watch, around.stores)
    return Reply((trial_card(watch, trials, around),), effects, RulesResult((Standing(watch),), trials))


async def _switch(reader: Reader, watch: Watch, switch: Switch, asking: Asking) -> Reply:
    await _check_may_change(reader, watch, asking)
    who, now = asking.person.id, asking.now
    after = switched(watch, switch, await list_watches(reader), by=who, now=now)

    async def change(tx: Transaction) -> None:
        if await load_watch(tx, watch.number) != watch:
            raise ConflictError(code="watch_state", values={"number": str(watch.number)})
        await set_watch_state(tx, watch.number, after.state, by=who, now=now)
        over = watch.number if switch != "on" else watch.replaces
        if over is not None:
            await _settle(tx, over, asking)
        if switch == "on":
            if over is not None:
                await set_watch_state(tx, over, "ended", by=who, now=now)
            await tx.submit(CHECK, {"of": "stock"}, key=f"watch:{watch.number}:on:{asking.event_id}")

    name = "discarded" if switch == "end" and watch.state == "tried" else after.state
    standings = await _standings(reader, (after,), asking)
    card = rule_card(standings[0], await _around(reader, asking), name)
    return Reply((card,), (change,), RulesResult(standings))


async def _settle(tx: Transaction, number: int, asking: Asking) -> None:
    """Nobody looks any more whether the causes of a rule go on: its matters are over, and open again once it is on."""
    who, now = asking.person.id, asking.now
    by = {"person_id": who, "text": asking.words("rules.title_shown", number=number)}
    to: dict[str, Any] = {"state": "settled", "settled_at": now, "clear_since": now, "owner_id": who}
    for matter in await store.list_unsettled(tx, kinds=WATCH_MATTERS):
        if matter.fingerprint.startswith(fingerprint_of(number)):
            await store.change_matter(tx, matter, "settled", now=now, **by, **to, snoozed_until=None)


async def _scope(reader: Reader, slots: Slots, base: Watch | None, asking: Asking) -> Scope:
    """The stores and the SKU that are meant. Raises: NotFoundError, NotAllowedError, UserInputError for a third."""
    place, sku = slots.store, slots.sku
    for text in slots.loose:
        if place is None and (is_everything(text) or await stores_matching(reader, text)):
            place = text
        elif sku is None:
            sku = text
        else:
            raise UserInputError(code="watch_kind", values={"text": " ".join(slots.loose)[:40]})
    mine = visible(await list_stores(reader), asking.person)
    store_ids = base.store_ids if base and place is None else ()
    if place is not None and not is_everything(place):
        store_ids = await _named_stores(reader, place, asking)
    if sku is None or is_everything(sku):
        sku = base.sku if base and sku is None and place is None else ""  # who names stores anew means all they sell
    within = store_ids or [each.store_id for each in mine]
    sold = [each.listing for each in await facts_by_code(reader, sku) if each.listing.store_id in within] if sku else []
    if sku and not sold:
        near = asking.words("rules.separator").join(await nearest_codes(reader, sku, store_ids=within))
        raise NotFoundError(code="watch_scope", values={"text": sku[:40], "near": near or "—"})
    if not store_ids and not asking.person.is_for_all_stores("operator"):
        own = visible(mine, asking.person, "operator")
        sold_in = {listing.store_id for listing in sold}
        store_ids = tuple(each.store_id for each in own if not sku or each.store_id in sold_in)
    return Scope(store_ids, listing_spellings(sold[0])[fold_code(sku)] if sold else "")


async def _named_stores(reader: Reader, text: str, asking: Asking) -> tuple[StoreId, ...]:
    matching = [found for part in text.split(",") for found in await stores_matching(reader, part)]
    if not matching:
        raise NotFoundError(code="watch_scope", values={"text": text[:40], "near": "—"})
    if stores := visible(matching, asking.person):
        return tuple(each.store_id for each in stores)
    raise not_yours(text, await admin_names(reader, asking.now), asking.words)


async def _check_may_change(reader: Reader, watch: Watch, asking: Asking) -> None:
    """Raises: NotAllowedError."""
    if not asking.person.has("operator"):
        raise NotAllowedError(code="role_missing", values={"role": "operator"})
    if not may_change(asking.person, watch):
        place = asking.words("rules.all_stores") if not watch.store_ids else f"#{watch.number}"
        raise not_yours(place, await admin_names(reader, asking.now), asking.words)


async def _rule(reader: Reader, number: int, asking: Asking) -> Watch:
    """Raises: NotFoundError if there is none, or it is of other stores alone."""
    watch = await load_watch(reader, number)
    if watch is None or not may_see(asking.person, watch):
        raise NotFoundError(code="watch_unknown", values={"number": str(number)})
    return watch


async def _standings(reader: Reader, watches: Sequence[Watch], asking: Asking) -> tuple[Standing, ...]:
    """How rules stand in the stores that the person may see."""
    stores = visible(await list_stores(reader), asking.person)
    live = [each for each in watches if each.state == "live"]
    found = {each.watch.number: each for each in await look_at_watches(reader, live, stores, asking.now)}
    matters = await store.list_unsettled(reader, kinds=WATCH_MATTERS)
    told = [each for each in matters if _concerns(each.store_id, asking)]
    lasting = await silences.list_silences(reader, asking.now)
    shown = (_with_matters(found.get(each.number, Standing(each)), told) for each in watches)
    return tuple(replace(each, is_silenced=are_silenced(each.findings, lasting, asking.now)) for each in shown)


def _with_matters(standing: Standing, matters: Sequence[Matter]) -> Standing:
    begins = fingerprint_of(standing.watch.number)
    return replace(standing, matters=tuple(each for each in matters if each.fingerprint.startswith(begins)))


async def _around(reader: Reader, asking: Asking) -> Around:
    stores = visible(await list_stores(reader), asking.person)
    names = await names_by_id(reader)
    return Around(asking.words, asking.now, stores, await list_ages(reader), names)
