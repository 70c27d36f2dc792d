"""发货设置, 预览发货设置, 撤销发货设置: what a change would do, doing it for many at once, taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.contracts.errors import ConflictError, NotFoundError, UserInputError
from bot.contracts.feature import Asking, Reply, verbatim, word
from handlers.orders.commands import check_may_set
from handlers.orders.key_jobs import stock_for, watch_pools
from handlers.orders.ports import OrdersDeps
from handlers.orders.results import ChangeSeen, SettingView
from handlers.orders.setting_cards import SETTABLE, preview_card, setting_card, settings_card, undone_card
from handlers.orders.settings import (
    DEFAULT,
    Outlook,
    changed,
    concerning,
    effective_at,
    is_same_level,
    item_level,
    moved_on,
    name_of,
    names_of,
    outlook,
    taken_back,
)
from handlers.orders.shipping import Situation, effective, read_changes
from handlers.orders.stock_jobs import watch_stock
from storage.database import Reader, Transaction
from storage.orders import settings, shipping, store
from storage.orders.rows import REPLAN_TASK, Order, SettingChange, ShippingSetting
from storage.people.store import names_by_id

MOST_AT_ONCE = 200
_MOST_LOOKED_AT = 1000
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class SettingArgs:
    """``what``: an item's number, with a variant behind a slash, a shop, or 默认; several with a plus between;
    ``changes`` such as 方式=自动, none only to look."""

    what: str = word(longest=_LONGEST)
    changes: str = verbatim(default="", longest=2000)


@dataclass(frozen=True, slots=True)
class PreviewArgs:
    """As for 发货设置; a form gives each change by itself."""

    what: str = word(longest=_LONGEST)
    changes: str = verbatim(default="", longest=2000)
    mode: str = word(default="", longest=20)
    delay: str = word(default="", longest=20)
    company: str = word(default="", longest=20)
    stock: str = word(default="", longest=20)
    low_stock: str = word(default="", longest=20)
    template: str = word(default="", longest=500)


@dataclass(frozen=True, slots=True)
class UndoArgs:
    """``change``: which, several with a plus between; empty: the last one."""

    change: str = word(default="", longest=2000)


async def set_up(args: SettingArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Say how goods are shipped, or only look. Raises: UserInputError, NotAllowedError."""
    check_may_set(asking, "")
    async with deps.database.read() as reader:
        wanted, known = await _wanted(reader, args.what, args.changes)
        unseen = await _unseen(reader, wanted, known)
    batch = asking.event_id if args.changes else ""
    views = _views(wanted, known, unseen, asking)

    async def effect(tx: Transaction) -> None:
        again, _ = await _wanted(tx, args.what, args.changes)
        ids = [deps.new_id() for _ in again]
        await settings.change_settings(tx, again, batch=batch, by=asking.person.id, at=asking.now, ids=ids)
        await _look_again(tx, again, asking, deps)

    words = asking.words
    card = setting_card(views[0], words, batch=batch) if len(views) == 1 else settings_card(views, words, batch=batch)
    return Reply((card,), (effect,) if batch else ())


async def preview(args: PreviewArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """What a change would do to the orders that wait. Raises: UserInputError, NotAllowedError."""
    check_may_set(asking, "")
    given = [(name, getattr(args, name)) for name in SETTABLE]
    changes = " ".join((args.changes, *(f"{name}={value}" for name, value in given if value))).strip()
    if not changes:
        raise UserInputError(code="shipping_setting", values={"text": args.what[:80]})
    async with deps.database.read() as reader:
        wanted, known = await _wanted(reader, args.what, changes)
        unseen = await _unseen(reader, wanted, known)
        seen = await _outlook(reader, wanted, asking, deps)
    save = asking.words("orders.command.save", what="+".join(names_of(args.what)), changes=changes)
    return Reply((preview_card(_views(wanted, known, unseen, asking), seen, save, asking.words),))


async def undo(args: UndoArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Take changes of settings back. Raises: NotFoundError, ConflictError if others did, or changed it since."""
    check_may_set(asking, "")
    async with deps.database.read() as reader:
        newest = args.change or await settings.newest_batch(reader)
        batches = names_of(newest) if newest else ()
        seen = await _changes_of(reader, batches)
        await _check_undoable(reader, seen)

    async def effect(tx: Transaction) -> None:
        again = await _changes_of(tx, batches)
        present = await _check_undoable(tx, again)
        for each in again:
            back = taken_back(each.change, present.get(each.change.id))
            await settings.put_back(tx, each.change, back, by=asking.person.id, at=asking.now)
        await _look_again(tx, [each.change.after for each in again], asking, deps)

    return Reply((undone_card(seen, asking.words),), (effect,))


async def _look_again(tx: Transaction, levels: Sequence[ShippingSetting], asking: Asking, deps: OrdersDeps) -> None:
    """After something was set or taken back at these levels: the alarms of what runs low, and the orders that wait."""
    known = await settings.settings_above(tx, [each.item_id for each in levels])
    for level in levels:
        unset = ShippingSetting(account_id=level.account_id, item_id=level.item_id, variant=level.variant)
        present = next((each for each in known if is_same_level(each, level)), unset)
        await watch_stock(tx, present, effective_at(present, known, asking.now), deps)
    await watch_pools(tx, deps)
    await tx.submit(REPLAN_TASK, {}, key=f"replan:{asking.event_id}")


async def changes_seen(reader: Reader, changes: Sequence[SettingChange]) -> tuple[ChangeSeen, ...]:
    """The changes with the names of who made them and took them back."""
    names = await names_by_id(reader)
    return tuple(ChangeSeen(each, names.get(each.person_id, "?"), names.get(each.undone_by, "?")) for each in changes)


async def _changes_of(reader: Reader, batches: Sequence[str]) -> tuple[ChangeSeen, ...]:
    found = [each for batch in batches for each in (await settings.list_changes(reader, batch=batch))[0]]
    return await changes_seen(reader, found)


async def _check_undoable(reader: Reader, seen: Sequence[ChangeSeen]) -> Mapping[str, ShippingSetting]:
    """What is set now where the changes were made, by change. Raises: NotFoundError, ConflictError."""
    if not seen:
        raise NotFoundError(code="setting_nothing_to_undo")
    levels = await settings.load_settings(reader, [each.change.after for each in seen])
    by_level = list(levels.values())
    present = {}
    for each in seen:
        after = each.change.after
        if each.change.undone_at is not None:
            raise ConflictError(code="setting_undone", values={"name": each.undone_by})
        now = next((one for one in by_level if is_same_level(one, after)), None)
        if moved_on(each.change, now):
            raise ConflictError(code="setting_moved_on", values={"what": name_of(after)})
        if now is not None:
            present[each.change.id] = now
    return present


async def _wanted(reader: Reader, what: str, changes: str) -> tuple[list[ShippingSetting], tuple[ShippingSetting, ...]]:
    """What shall stand at each of the named levels, and everything that is set now there and above."""
    names = names_of(what)
    if len(names) > MOST_AT_ONCE:
        raise UserInputError(code="shipping_settings_many", values={"most": str(MOST_AT_ONCE)})
    levels = [await _level(reader, name) for name in names]
    known = await settings.settings_above(reader, [each.item_id for each in levels])
    wanted = []
    for level in levels:
        named = read_changes(level, changes) if changes else level
        present = next((each for each in known if is_same_level(each, named)), replace(level, variant=named.variant))
        wanted.append(replace(read_changes(present, changes), variant=present.variant) if changes else present)
    return wanted, known


async def _level(reader: Reader, name: str) -> ShippingSetting:
    if name in DEFAULT:
        return ShippingSetting()
    return ShippingSetting(account_id=name) if await store.is_account(reader, name) else item_level(name)


async def _unseen(
    reader: Reader, wanted: Sequence[ShippingSetting], known: Sequence[ShippingSetting]
) -> frozenset[str]:
    """Items that nothing is set for and nobody ordered so far: mistyped, or set up ahead."""
    new = {each.item_id for each in wanted} - {each.item_id for each in known} - {""}
    return frozenset([item_id for item_id in new if not await store.is_item(reader, item_id)])


def _views(
    wanted: Sequence[ShippingSetting], known: Sequence[ShippingSetting], unseen: frozenset[str], asking: Asking
) -> tuple[SettingView, ...]:
    after = changed(known, wanted)
    return tuple(
        SettingView(_shown(each, asking), each, effective_at(each, after, asking.now), each.item_id in unseen)
        for each in wanted
    )


def _shown(setting: ShippingSetting, asking: Asking) -> str:
    is_default = not (setting.account_id or setting.item_id)
    return asking.words("orders.setting.default") if is_default else setting.account_id or setting.item_id


async def _outlook(reader: Reader, wanted: Sequence[ShippingSetting], asking: Asking, deps: OrdersDeps) -> Outlook:
    is_default = any(not (each.account_id or each.item_id) for each in wanted)
    shops = () if is_default else tuple(each.account_id for each in wanted if each.account_id)
    items = () if is_default else tuple(each.item_id for each in wanted if each.item_id)
    orders = await store.orders_waiting_for(reader, account_ids=shops, item_ids=items, limit=_MOST_LOOKED_AT + 1)
    is_all, orders = len(orders) <= _MOST_LOOKED_AT, orders[:_MOST_LOOKED_AT]
    known = await settings.settings_above(reader, sorted({order.item_id for order in orders}))
    after = changed(known, wanted)
    before = await _situations(reader, orders, known, asking, deps)
    new = [effective(concerning(order, after), order) for order in orders]
    free = await _free(reader, {each.express_code for each in new})
    then = [
        replace(old, effective=each, free_waybills=free[each.express_code])
        for old, each in zip(before, new, strict=True)
    ]
    return outlook(before, then, is_all=is_all)


async def _situations(
    reader: Reader, orders: Sequence[Order], known: Sequence[ShippingSetting], asking: Asking, deps: OrdersDeps
) -> list[Situation]:
    """What decides about each of the orders now, asked for all of them at once."""
    holds = await shipping.list_holds(reader)
    shipments = await shipping.load_shipments(reader, [order.key for order in orders])
    shops = {(order.source, order.account_id) for order in orders}
    channels = {shop: await store.load_channel(reader, *shop) for shop in shops}
    chosen = [effective(concerning(order, known), order) for order in orders]
    free = await _free(reader, {each.express_code for each in chosen})
    return [
        Situation(
            order=order,
            effective=each,
            now=asking.now,
            holds=tuple(hold for hold in holds if hold.scope in shipping.scopes_of(order)),
            channel=channels[order.source, order.account_id],
            shipment=shipments.get(order.key),
            has_bridge=order.source in deps.bridges,
            free_waybills=free[each.express_code],
            keys=await stock_for(reader, order),
        )
        for order, each in zip(orders, chosen, strict=True)
    ]


async def _free(reader: Reader, codes: set[str]) -> dict[str, int]:
    return {code: await shipping.count_free_waybills(reader, code) for code in codes}
