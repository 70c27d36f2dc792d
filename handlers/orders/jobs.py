"""Taking in what marketplaces tell: the order as it stands, its timeline, and the matter that waits for somebody."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from bot.contracts.errors import AssistantError, UpstreamUnclear
from bot.contracts.feature import Effect, Job, Payload
from handlers.orders.key_jobs import (
    Handed,
    hand_over,
    handed_over,
    let_go,
    look_back,
    reserve_keys,
    stock_for,
    take_back,
)
from handlers.orders.matter_jobs import settle, settle_cause
from handlers.orders.ports import OrdersDeps
from handlers.orders.rules import (
    CONFIRM_WITHIN,
    COUNTED_DOWN,
    Told,
    details_of,
    end_of,
    fingerprint_of,
    is_cut_off,
    left_told,
    merged,
    need_of,
)
from handlers.orders.shipping import (
    BUT_TIME,
    Situation,
    checks,
    delay,
    effective,
    first_stop,
    may_plan,
    not_asked_of,
    share_of,
    wait_after,
)
from handlers.orders.stock_jobs import count_off, end_shipment
from handlers.orders.translating import CLOCKS_APART, buyer_of, told_of
from handlers.orders.waybill_jobs import numbers_for, seek_number
from integrations.marketplace import models
from integrations.marketplace.commands import CommandAnswer, Ship
from storage.database import Reader, Transaction
from storage.matters.rows import NewMatter
from storage.matters.store import (
    climb,
    list_unsettled,
    load_matter,
    lock_unsettled,
    note_seen,
    open_matter,
    renew_details,
)
from storage.orders import store
from storage.orders.buyers import joined_buyer, open_text, seal_buyer, seal_text
from storage.orders.events import load_event
from storage.orders.rows import REPLAN_TASK, SHIP_TASK, Channel, Line, LineKind, Order, Shipment, StoredEvent, order_key
from storage.orders.shipping import (
    holds_on,
    load_shipment,
    marked_before,
    put_shipment,
    settings_for,
    take_waybill,
)

COUNTDOWN_TASK = "orders.countdown"
_PLANNED_AT_ONCE = 500
_MOST_COUNTED = 100  # in one commit


async def take_in(job: Job, *, deps: OrdersDeps) -> Effect | None:
    """Take in one stored event. What was forgotten, or cannot be opened any more, is left out."""
    async with deps.database.glance() as reader:
        stored = await load_event(reader, str(job.payload["event"]))
    text = open_text(deps.cipher, stored.id, stored.body or "") if stored is not None else ""
    if stored is None or not text:
        return None
    match models.read_event(json.loads(text)):
        case models.OrderEvent() as event:
            return partial(_take_order, event, stored, deps)
        case models.MessageEvent() as event:
            return partial(_take_message, event, stored, deps)
        case models.ChannelEvent() as event:
            return partial(_take_channel, event, stored, deps)
        case models.UnknownEvent():
            return None


async def _take_order(event: models.OrderEvent, stored: StoredEvent, deps: OrdersDeps, tx: Transaction) -> None:
    key = order_key(stored.source, event.data.account_id, event.data.order_id)
    buyer = seal_buyer(deps.cipher, key, buyer_of(event))
    told = told_of(event, stored.source, buyer=buyer, seen_at=stored.received_at)
    is_unknown = event.state is None and event.refund in (None, "none")
    await take_told(tx, told, deps, unknown=event.data.status if is_unknown else "")


async def take_told(tx: Transaction, told: Told, deps: OrdersDeps, *, unknown: str) -> None:
    """Keep what was told of an order, with its lines in the timeline, and let it go on from there; ``unknown`` is a
    state that nobody knows."""
    before = await store.load_order(tx, told.key)
    order = merged(before, told)
    if before is not None and before.buyer and told.buyer:
        is_newer = told.at >= before.told_at
        buyer = joined_buyer(deps.cipher, told.key, before.buyer, told.buyer, is_newer=is_newer)
        order = replace(order, buyer=buyer)
    if order != before:
        await store.put_order(tx, order, before=before)
    for kind, text, at in news(before, order, told, unknown):
        await store.add_line(tx, Line(order_key=order.key, id=deps.new_id(), at=at, kind=kind, text=text))
    await follow(tx, order, deps)


def news(before: Order | None, order: Order, told: Told, unknown: str) -> Iterator[tuple[LineKind, str, datetime]]:
    """What the lines in the timeline tell: kind, text and when."""
    if order.status != (before.status if before else "unknown"):
        yield "status", order.status, order.status_at
    if order.refund != (before.refund if before else "none"):
        yield "refund", order.refund, order.refund_at
    if unknown:
        yield "unknown_state", unknown, told.at


async def follow(tx: Transaction, order: Order, deps: OrdersDeps) -> None:
    """Let the locked order go out by itself if it may, or stop it; open, renew or settle what waits for somebody."""
    shipment, now = await plan(tx, order, deps), deps.clock.now()
    need, details = need_of(order, shipment, now=now), details_of(order, shipment, now)
    matter = await lock_unsettled(tx, fingerprint_of(order))
    if matter is None:
        if need is not None:
            cause = fingerprint_of(order)
            new = NewMatter(kind=need, fingerprint=cause, details=details, store_id=order.account, due_at=order.ship_by)
            await open_matter(tx, new, now=now)
        return
    if need is None:
        await note_seen(tx, matter.number, kind=end_of(order), details=details)
        await settle(tx, matter, now)
    elif (need, details, order.ship_by) != (matter.kind, dict(matter.details), matter.due_at):
        await note_seen(tx, matter.number, kind=need, due_at=order.ship_by)
        await renew_details(tx, matter, details, now=now)
        if matter.kind == "order_planned" != need:
            await climb(tx, matter)


async def situation_of(reader: Reader, order: Order, deps: OrdersDeps, shipment: Shipment | None) -> Situation:
    """Everything that decides whether the order goes out by itself."""
    chosen = effective(await settings_for(reader, order.account_id, order.item_id), order)
    free_waybills, number_source = await numbers_for(reader, order, chosen.express_code, deps)
    return Situation(
        order=order,
        effective=chosen,
        now=deps.clock.now(),
        holds=await holds_on(reader, order),
        channel=await store.load_channel(reader, order.source, order.account_id),
        shipment=shipment,
        has_bridge=order.source in deps.bridges,
        free_waybills=free_waybills,
        number_source=number_source,
        keys=await stock_for(reader, order),
    )


async def plan(tx: Transaction, order: Order, deps: OrdersDeps) -> Shipment | None:
    """Begin the locked order's way out if every rule allows it; end what was planned or confirmed. Its shipment."""
    shipment = await load_shipment(tx, order.key)
    if not order.is_to_ship:
        return None if shipment is None else await end_shipment(tx, order, shipment, deps)
    if shipment is not None and shipment.state not in ("cancelled", "shadowed"):
        return shipment
    situation = await situation_of(tx, order, deps, shipment)
    found = checks(situation)
    is_shadow = situation.effective.mode == "shadow"
    is_told = is_shadow and shipment is not None and shipment.state == "shadowed"
    if may_plan(found) and not is_told:
        if not is_shadow and await reserve_keys(tx, order, situation.effective, deps) != "reserved":
            return shipment
        wait = delay(situation.effective, share_of(order))
        return await begin(tx, order, deps, shipment, run_at=situation.now + wait, is_shadow=is_shadow)
    stop = first_stop(found, ignoring=BUT_TIME)
    if stop is not None and stop.name == "waybill":
        await seek_number(tx, situation, deps)
    await let_go(tx, order, shipment, situation, deps)
    return shipment


async def begin(
    tx: Transaction, order: Order, deps: OrdersDeps, last: Shipment | None, *, run_at: datetime, **values: Any
) -> Shipment:
    """Plan a new round of the locked order's shipment, with other ``values`` than those of the last one."""
    now = deps.clock.now()
    blank = Shipment(order_key=order.key, state="planned", run_at=run_at, round=0, changed_at=now)
    fresh = {"state": "planned", "error": "", "person_id": "", "tries": 0, "is_shadow": False, "has_own_way": False}
    shipment = replace(last or blank, **{**fresh, **values}, run_at=run_at, changed_at=now)
    shipment = replace(shipment, round=shipment.round + 1)
    await put_shipment(tx, shipment)
    payload: Payload = {"order": order.key, "round": shipment.round}
    await tx.submit(SHIP_TASK, payload, key=f"ship:{order.key}:{shipment.round}", run_at=run_at)
    return shipment


async def ship(job: Job, *, deps: OrdersDeps) -> Effect | None:
    """Tell the platform that an order is on its way, when its time has come and nothing speaks against it any more.

    That it will be told is written down first, with the id of the command: after a crash or a lost answer the very same
    command is given again, which ships nothing twice and tells what became of it.
    """
    await look_back(deps)
    async with deps.database.begin() as tx:
        begun = await _begun(tx, job, deps)
    if begun is None:
        return None
    order, shipment, handed = begun
    if handed.delivery_id:
        await deps.witness.note(handed.delivery_id)
    command = Ship(
        command_id=shipment.command_id,
        account_id=order.account_id,
        order_id=order.order_id,
        kind=order.delivery_kind or "express",
        content=handed.content,
        waybill_no=shipment.waybill_no,
        express_code=shipment.express_code,
    )
    answer = await deps.bridges[order.source].command(command)
    return partial(_record, shipment, answer, deps)


async def _begun(tx: Transaction, job: Job, deps: OrdersDeps) -> tuple[Order, Shipment, Handed] | None:
    order = await store.load_order(tx, str(job.payload["order"]))
    shipment = await load_shipment(tx, str(job.payload["order"]))
    if order is None or shipment is None or shipment.round != job.payload["round"]:
        return None
    if shipment.state == "shipping":
        handed = await handed_over(tx, order, shipment, deps)
        if order.is_to_ship and handed is not None:
            return order, shipment, handed
        code = UpstreamUnclear.code
        await _change(tx, order, replace(shipment, state="unclear", error=code), "unclear", deps, text=code)
        return None
    if shipment.state != "planned":
        return None
    situation = await situation_of(tx, order, deps, shipment)
    stop = first_stop(checks(situation), ignoring=not_asked_of(shipment))
    if stop is not None:
        await _change(tx, order, replace(shipment, state="cancelled"), "cancelled", deps, text=stop.name)
        return None
    code = shipment.express_code or situation.effective.express_code
    if shipment.is_shadow:
        await _change(tx, order, replace(shipment, state="shadowed"), "shadow", deps, text=code)
        return None
    counted = await count_off(tx, order, shipment, situation.effective, deps)
    if counted is None:
        await _change(tx, order, replace(shipment, state="cancelled"), "cancelled", deps, text="stock")
        return None
    number = shipment.waybill_no or await _number(tx, order, code)
    shipment = replace(
        counted, state="shipping", express_code=code if number else "", waybill_no=number, command_id=deps.new_id()
    )
    handed = await hand_over(tx, order, shipment, situation.effective, deps)
    if handed is None:
        await _change(tx, order, replace(shipment, state="cancelled"), "cancelled", deps, text="keys")
        return None
    await put_shipment(tx, shipment)
    return order, shipment, handed


async def _number(tx: Transaction, order: Order, code: str) -> str:
    return "" if order.delivery_kind == "virtual" else await take_waybill(tx, code, order.key)


async def _change(
    tx: Transaction, order: Order, shipment: Shipment, kind: LineKind, deps: OrdersDeps, *, text: str = ""
) -> None:
    """Keep how far a shipment is, with a line of the timeline, and what is shown of it."""
    now = deps.clock.now()
    await put_shipment(tx, replace(shipment, changed_at=now))
    await store.add_line(tx, Line(order_key=order.key, id=deps.new_id(), at=now, kind=kind, text=text))
    await follow(tx, order, deps)


async def _record(asked: Shipment, answer: CommandAnswer, deps: OrdersDeps, tx: Transaction) -> None:
    """What became of the command; only the platform's own word that the order is shipped ends the matter."""
    order, shipment = await store.load_order(tx, asked.order_key), await load_shipment(tx, asked.order_key)
    if order is None or shipment is None or (shipment.round, shipment.state) != (asked.round, "shipping"):
        return
    sent = f"{shipment.express_code} {shipment.waybill_no}".strip()
    if answer.result != "rejected" or answer.reason == "already_shipped":
        order = replace(order, waybill_no=shipment.waybill_no, express_code=shipment.express_code)
        await store.put_order(tx, order)
        await _change(tx, order, replace(shipment, state="marked"), "marked", deps, text=sent)
        return
    await take_back(tx, order, deps)
    if answer.retryable and (wait := wait_after(shipment.tries)) is not None:
        run_at = deps.clock.now() + wait
        again = {"tries": shipment.tries + 1, "error": answer.reason}
        by = {"person_id": shipment.person_id, "has_own_way": shipment.has_own_way}
        await begin(tx, order, deps, shipment, run_at=run_at, **again, **by)
    else:
        refused = replace(shipment, state="refused", error=answer.reason or "rejected")
        await _change(tx, order, refused, "refused", deps, text=refused.error)


def give_up(job: Job, error: BaseException, *, deps: OrdersDeps) -> Effect:
    """The bridge could not be asked any more. Whether it did what it was told is known to it alone."""

    async def effect(tx: Transaction) -> None:
        order = await store.load_order(tx, str(job.payload["order"]))
        shipment = await load_shipment(tx, str(job.payload["order"]))
        if order is None or shipment is None or shipment.state != "shipping":
            return
        code = error.code if isinstance(error, AssistantError) else "bug"
        unclear = replace(shipment, state="unclear", error=code)
        await _change(tx, order, unclear, "unclear", deps, text=code)

    return effect


async def replan(_job: Job, *, deps: OrdersDeps) -> None:
    """Look again at every order that waits, one by one: a setting, a hold or the numbers of parcels changed."""
    after: tuple[datetime, str] | None = None
    while True:
        async with deps.database.read() as reader:
            waiting = await store.keys_to_ship(reader, after=after, limit=_PLANNED_AT_ONCE)
        await _look_again(deps, (key for _, key in waiting))
        if len(waiting) < _PLANNED_AT_ONCE:
            return
        after = waiting[-1]


async def _look_again(deps: OrdersDeps, keys: Iterable[str]) -> None:
    for key in keys:
        async with deps.database.begin() as tx:
            order = await store.load_order(tx, key)
            if order is not None:
                await follow(tx, order, deps)


async def count_down(_job: Job, *, deps: OrdersDeps) -> Effect:
    """Let the cards of orders that wait say how long is left, where that has changed; call somebody for shipments that
    the platform does not confirm."""
    await look_back(deps)
    now = deps.clock.now()
    async with deps.database.read() as reader:
        unconfirmed = await marked_before(reader, now - CONFIRM_WITHIN)
        waiting = await list_unsettled(reader, kinds=COUNTED_DOWN)
    await _look_again(deps, unconfirmed)
    old = [matter.number for matter in waiting if matter.details.get("left") != left_told(matter.due_at, now)]

    async def effect(tx: Transaction) -> None:
        for number in old[:_MOST_COUNTED]:
            matter = await load_matter(tx, number)
            if matter is not None and not matter.is_over:
                told = {**matter.details, "left": left_told(matter.due_at, now)}
                await renew_details(tx, matter, told, now=now)

    return effect


async def _take_message(event: models.MessageEvent, stored: StoredEvent, deps: OrdersDeps, tx: Transaction) -> None:
    """What was said in a chat belongs to the newest order that was made there."""
    order = await store.order_of_chat(tx, stored.source, event.data.account_id, event.data.chat_id)
    if order is None:
        return
    said = event.data.text or " ".join(event.data.images)
    who = "system" if event.data.is_system else "buyer"
    sealed = seal_text(deps.cipher, order.key, f"{who}:{said}")
    at = event.data.sent_at or event.timestamp
    await store.add_line(tx, Line(order_key=order.key, id=deps.new_id(), at=at, kind="message", text=sealed))


async def _take_channel(event: models.ChannelEvent, stored: StoredEvent, deps: OrdersDeps, tx: Transaction) -> None:
    """The newest word about a shop's channel counts; one that is cut off needs somebody."""
    account_id = event.data.account_id
    known = await store.load_channel(tx, stored.source, account_id)
    at = min(event.timestamp, stored.received_at + CLOCKS_APART)
    if known is not None and known.status_at >= at:
        return
    channel = Channel(source=stored.source, account_id=account_id, status=event.data.status, status_at=at)
    await store.put_channel(tx, channel)
    now, cause = deps.clock.now(), f"order_channel:{channel.source}:{account_id}"
    if is_cut_off(channel):
        account, details = f"{channel.source}:{account_id}", {"account": account_id or channel.source}
        kind = f"order_channel_{channel.status}"
        await open_matter(
            tx, NewMatter(kind=kind, fingerprint=cause, details=details, store_id=account, is_urgent=True), now=now
        )
    else:
        await settle_cause(tx, cause, now)
        await tx.submit(REPLAN_TASK, {}, key=f"replan:{stored.id}")
