"""Looking, every minute, at everything that may be wrong, and telling of what began and what ended."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from bot.contracts.feature import Effect, Job, Payload
from handlers.alerts.ports import AlertsDeps
from handlers.alerts.results import Judged, Standing
from handlers.alerts.rules import (
    ALARM_KINDS,
    HAND_MEMORY,
    SILENT_AFTER,
    AlarmKind,
    Seen,
    authorisation,
    broken_channels,
    dead_letters,
    decide,
    failing_platform,
    late_data,
    returns_of,
    silence_for,
    silent,
    without_consequences,
)
from handlers.alerts.watching import TRIAL_DAYS, WATCH_MATTERS, Trial, fingerprint, judge_now, needed_days, try_out
from storage.alerts.rows import Watch
from storage.alerts.store import list_watches
from storage.catalog.rows import Store, StoreDays
from storage.catalog.series import store_days
from storage.catalog.store import facts_by_code, list_ages, list_stores
from storage.database import Reader, Transaction
from storage.jobs.store import count_dead_jobs, last_tick
from storage.matters import store
from storage.matters.rows import SHOW_TASK, Matter, NewMatter, Silence
from storage.matters.silences import list_silences
from storage.outbox.handed import channel_health
from storage.subscriptions.store import overdue_subscriptions

CHECK = "alerts.check"
OUTSIDE = "alertmanager"


async def check(job: Job, *, deps: AlertsDeps) -> Effect:
    """Compare what is wrong now with the matters that tell of it; stock and sales, which take longer, more rarely."""
    now = deps.clock.now()
    standings: tuple[Standing, ...] | None = None
    async with deps.database.read() as reader:
        if job.payload.get("of") == "stock":
            seen = await look_at_stock(reader, deps)
            live = [watch for watch in await list_watches(reader) if watch.state == "live"]
            standings = await look_at_watches(reader, live, await list_stores(reader), now)
        else:
            seen = await look(reader, deps, now)
        silences = await list_silences(reader, now)

    async def effect(tx: Transaction) -> None:
        await apply(tx, seen, silences, now)
        if standings is not None:
            present = await list_watches(tx)
            await apply(tx, seen_by([each for each in standings if each.watch in present]), silences, now)

    return effect


async def look(reader: Reader, deps: AlertsDeps, now: datetime) -> Seen:
    """Everything that is wrong but stock, each cause once. A kind whose data are missing is not judged."""
    stores, ages = await list_stores(reader), await list_ages(reader)
    findings = (
        *late_data(stores, ages, now),
        *failing_platform(ages),
        *authorisation(stores, ages),
        *dead_letters(await count_dead_jobs(reader, except_task="send")),
        *silent(await _overdue(reader, deps, now)),
        *broken_channels(await channel_health(reader, since=now - HAND_MEMORY), now),
    )
    missing: set[AlarmKind] = {"stockout"}
    if not stores:
        missing |= {"late_data", "authorisation"}
    if not ages:
        missing |= {"platform", "late_data"}
    return without_consequences(Seen(findings, frozenset(ALARM_KINDS) - missing))


async def look_at_stock(reader: Reader, deps: AlertsDeps) -> Seen:
    """What will sell out; not judged while nothing can be planned."""
    stockouts = await deps.stockouts(reader)
    return Seen(tuple(stockouts or ()), frozenset() if stockouts is None else frozenset({"stockout"}))


async def look_at_watches(
    reader: Reader, watches: Sequence[Watch], stores: Collection[Store], now: datetime
) -> tuple[Standing, ...]:
    """What the team's rules find now in those of the stores that concern them."""
    ages = await list_ages(reader)
    found: dict[int, list[Judged]] = {watch.number: [] for watch in watches}
    longest = max(map(needed_days, watches), default=0)
    async for shop, watch, days in _concerned(reader, watches, stores, days=longest):
        outcome = await asyncio.to_thread(judge_now, watch, shop, days, ages, now)
        found[watch.number].append(Judged(shop, outcome))
    return tuple(Standing(watch, tuple(found[watch.number])) for watch in watches)


async def try_watch(reader: Reader, watch: Watch, stores: Collection[Store]) -> tuple[Trial, ...]:
    """When the rule would have told of those of the stores that concern it, in the days that are stored."""
    days = TRIAL_DAYS + needed_days(watch)
    return tuple(
        [
            await asyncio.to_thread(try_out, watch, shop, known)
            async for shop, _, known in _concerned(reader, (watch,), stores, days=days)
        ]
    )


async def _concerned(
    reader: Reader, watches: Sequence[Watch], stores: Collection[Store], *, days: int
) -> AsyncIterator[tuple[Store, Watch, StoreDays]]:
    """Each rule with each of its stores and the days of the listings that it means there; a store is read once."""
    codes = {watch.sku for watch in watches if watch.sku}
    listings = {code: [facts.listing for facts in await facts_by_code(reader, code)] for code in codes}
    for shop in stores:
        meant = {
            code: {each.msku for each in found if each.store_id == shop.store_id} for code, found in listings.items()
        }
        here = [
            watch
            for watch in watches
            if shop.store_id in watch.store_ids or (not watch.store_ids and (not watch.sku or meant[watch.sku]))
        ]
        if not here:
            continue
        wanted = None if any(not watch.sku for watch in here) else {msku for each in here for msku in meant[each.sku]}
        known = await store_days(reader, shop.store_id, days=days, mskus=wanted)
        for watch in here:
            own = [each for each in known.listings if not watch.sku or each.msku in meant[watch.sku]]
            yield shop, watch, replace(known, listings=tuple(own))


def seen_by(standings: Iterable[Standing]) -> Seen:
    """What live rules find, and of which of their causes nothing can be said."""
    every = tuple(standings)
    unjudged = {fingerprint(each.watch, one.store.store_id) for each in every for one in each.missing}
    findings = tuple(finding for each in every for finding in each.findings)
    return Seen(findings, WATCH_MATTERS, frozenset(unjudged))


async def _overdue(reader: Reader, deps: AlertsDeps, now: datetime) -> dict[str, datetime]:
    """Schedules without their tick, and subscriptions that did not fire, since when."""
    limit = now - SILENT_AFTER
    found = {}
    for name, newest in deps.schedules().items():
        last = await last_tick(reader, name)
        missed = newest(last, limit) if last is not None and last < limit else None
        if missed is not None:
            found[name] = missed
    for number, due_at in await overdue_subscriptions(reader, before=limit):
        found[f"#{number}"] = due_at
    return found


async def apply(tx: Transaction, seen: Seen, silences: Iterable[Silence], now: datetime) -> None:
    """Open, renew, wait and close, for every cause that could be judged."""
    kinds = {*seen.judged, OUTSIDE}
    matters = await store.newest_by_cause(tx, kinds, settled_after=now - HAND_MEMORY)
    findings = {finding.fingerprint: finding for finding in (*seen.findings, *_still_outside(matters.values()))}
    covering = tuple(silences)
    for cause in sorted((matters.keys() | findings.keys()) - seen.unjudged):
        is_silenced = silence_for(cause, covering, now) is not None
        await _follow(tx, matters.get(cause), findings.get(cause), now, is_silenced=is_silenced)


async def take_outside(job: Job, *, deps: AlertsDeps) -> Effect:
    """A group of alerts that another system watches: it began, goes on or is resolved."""
    now = deps.clock.now()
    cause = f"{OUTSIDE}:{job.payload['cause']}"
    details = {name: str(text) for name, text in cast(dict[str, object], job.payload["details"]).items()}
    urgent = bool(job.payload["is_urgent"])
    finding = NewMatter(kind=OUTSIDE, fingerprint=cause, details=details, is_urgent=urgent)

    async def effect(tx: Transaction) -> None:
        matters = await store.newest_by_cause(tx, (OUTSIDE,), settled_after=now - HAND_MEMORY)
        is_silenced = silence_for(cause, await list_silences(tx, now), now) is not None
        found = finding if job.payload["status"] == "firing" else None
        await _follow(tx, matters.get(cause), found, now, is_silenced=is_silenced)

    return effect


def _still_outside(matters: Iterable[Matter]) -> Iterable[NewMatter]:
    """What another system has not called resolved goes on, also after somebody called it settled."""
    return (
        NewMatter(kind=OUTSIDE, fingerprint=matter.fingerprint, details=matter.details)
        for matter in matters
        if matter.kind == OUTSIDE and matter.clear_since is None and (matter.owner_id or not matter.is_over)
    )


async def _follow(
    tx: Transaction, matter: Matter | None, finding: NewMatter | None, now: datetime, *, is_silenced: bool
) -> None:
    match decide(matter, finding, now=now, is_silenced=is_silenced):
        case "open":
            assert finding is not None
            await _open(tx, finding, matter, now)
        case "renew":
            assert matter is not None and finding is not None
            await store.renew_details(tx, matter, finding.details, now=now)
        case "return":
            assert matter is not None
            values = {"clear_since": None, "returns": matter.returns + 1, "seen_at": now}
            await store.note_seen(tx, matter.number, **values)
        case "calm":
            assert matter is not None
            await store.note_seen(tx, matter.number, clear_since=now)
        case "close":
            assert matter is not None
            await _close(tx, matter, now)
        case "nothing":
            pass


async def _open(tx: Transaction, finding: NewMatter, earlier: Matter | None, now: datetime) -> None:
    opened = await store.open_matter(tx, finding, now=now)
    if opened is not None:
        await store.note_seen(tx, opened.number, returns=returns_of(earlier, now))


async def _close(tx: Transaction, matter: Matter, now: datetime) -> None:
    """It lasted until it was last there. A channel that works again gets the cards it missed."""
    values: dict[str, Any] = {
        "state": "settled",
        "settled_at": matter.clear_since,
        "owner_id": "",
        "snoozed_until": None,
    }
    await store.change_matter(tx, matter, "closed", now=now, **values)
    channel = matter.details.get("broken_channel", "")
    for number in await store.open_places_on(tx, channel) if channel else ():
        payload: Payload = {"matter": number, "back": channel}
        await tx.submit(SHOW_TASK, payload, key=f"matter:{number}:back:{matter.number}")
