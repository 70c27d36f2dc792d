"""订单, 待发货, 发货, 为什么没发货, 暂停发货, 发货设置, 导入单号: no platform is called here, jobs do."""

from dataclasses import dataclass, replace

from bot.contracts.errors import ConflictError, NotAllowedError, NotFoundError, UserInputError
from bot.contracts.feature import Asking, NoArgs, Reply, Role, rest, word
from handlers.orders.cards import (
    done_card,
    list_card,
    order_card,
    shipping_card,
    to_ship_card,
    why_card,
)
from handlers.orders.jobs import begin, follow, situation_of
from handlers.orders.key_jobs import masked_keys, release_keys, reserve_by_hand
from handlers.orders.matter_jobs import settle_cause
from handlers.orders.ports import OrdersDeps
from handlers.orders.results import OrdersResult, OrderView, WhyResult
from handlers.orders.shipping import (
    UNDER_WAY,
    checks,
    first_stop,
    read_company,
    read_number,
)
from storage.database import Reader, Transaction
from storage.orders import shipping, store
from storage.orders.buyers import open_buyer, open_text
from storage.orders.rows import LINGXING, REPLAN_TASK, SEALED_LINES, Hold, Line, Order, Shipment
from storage.people.grants import admin_names

_ALL = ("全部", "all")
_END = ("关", "off")
_OWN_WAY = ("自发", "own-way")
_MOST = 50
_MOST_IN_FILE = 1000
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class OrdersArgs:
    """``text``: the beginning of an order's, item's or waybill's number, or a part of the item's title."""

    text: str = rest(default="", longest=80)


@dataclass(frozen=True, slots=True)
class OrderArgs:
    order: str = word(longest=80)


@dataclass(frozen=True, slots=True)
class ShipArgs:
    """``company`` and ``number`` of the parcel; of virtual goods none, or 自发: they were handed over another way."""

    order: str = word(longest=80)
    company: str = word(default="", longest=20)
    number: str = word(default="", longest=40)


@dataclass(frozen=True, slots=True)
class HoldArgs:
    """``what``: an order, a shop, or everything; ``end``: 关 lets it go out again."""

    what: str = word(default="", longest=80)
    end: str = word(default="", longest=10)


@dataclass(frozen=True, slots=True)
class WaybillsArgs:
    company: str = word(longest=20)
    numbers: str = rest(longest=20_000)


async def show_orders(args: OrdersArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """The newest orders, one of them, or what was found. Raises: NotFoundError."""
    most = _MOST_IN_FILE if asking.whole else _MOST
    async with deps.database.read() as reader:
        if not args.text:
            found = await store.newest_orders(reader, limit=most)
        else:
            exact = _visible(await store.find_orders(reader, args.text), asking)
            found = exact or await store.search_orders(reader, args.text, limit=most)
        shown = _visible(found, asking)
        if args.text and len(shown) == 1:
            view = await view_of(reader, shown[0], deps, most_lines=_MOST_LINES)
            return Reply((order_card(view, asking.words, asking.now),), result=_result(shown))
    if args.text and not shown:
        nearest = (asking.words("orders.command.list"),)
        raise NotFoundError(code="order_unknown", values={"text": args.text}, nearest=nearest)
    return Reply((list_card(shown, asking.words, asking.now, sought=args.text),), result=_result(shown))


async def show_to_ship(_args: NoArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Paid orders that must be shipped, with how long is left."""
    async with deps.database.read() as reader:
        found = await store.orders_to_ship(reader, limit=_MOST_IN_FILE if asking.whole else _MOST)
        total = await store.count_paid(reader)
    shown = _visible(found, asking)
    count = total if len(shown) == len(found) else len(shown)  # of other shops they are told nothing
    return Reply((to_ship_card(shown, count, asking.words, asking.now),), result=_result(shown))


def _visible(orders: tuple[Order, ...], asking: Asking) -> tuple[Order, ...]:
    return tuple(order for order in orders if asking.person.may("viewer", store_id=order.account))


def _result(orders: tuple[Order, ...]) -> OrdersResult:
    return OrdersResult(tuple(replace(order, buyer="") for order in orders))


async def view_of(reader: Reader, order: Order, deps: OrdersDeps, *, most_lines: int) -> OrderView:
    """The order with its newest lines, which can be read."""
    lines = await store.list_lines(reader, order.key, limit=most_lines)
    nick = open_buyer(deps.cipher, order.key, order.buyer).get("nick", "")
    shipment = await shipping.load_shipment(reader, order.key)
    return OrderView(
        order=order,
        lines=tuple(_readable(line, deps) for line in lines),
        nick=nick,
        shipment=shipment,
        keys=await masked_keys(reader, order, deps),
    )


def _readable(line: Line, deps: OrdersDeps) -> Line:
    return replace(line, text=open_text(deps.cipher, line.order_key, line.text)) if line.kind in SEALED_LINES else line


async def explain_not_shipped(args: OrderArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Every rule that shipping asks, in order, and the first that stops the order. Raises: NotFoundError."""
    async with deps.database.read() as reader:
        order = await one_order(reader, args.order, asking)
        shipment = await shipping.load_shipment(reader, order.key)
        found = checks(await situation_of(reader, order, deps, shipment))
    result = WhyResult(first_stop(found), found)
    return Reply((why_card(order, result, asking.words),), result=result)


async def ship_by_hand(args: ShipArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Tell the platform that somebody sent the goods; it is done when the platform says so.

    Raises: NotFoundError, NotAllowedError, UserInputError, ConflictError if it is shipped already or must not be.
    """
    async with deps.database.read() as reader:
        order = await one_order(reader, args.order, asking, role="operator")
        known = await shipping.load_shipment(reader, order.key)
        _check_shippable(order, known, deps)
    is_parcel = order.delivery_kind != "virtual"
    if is_parcel and not args.number:
        raise UserInputError(code="shipping_parcel")
    company, number = (read_company(args.company), read_number(args.number)) if is_parcel else ("", "")
    sent = f"{company} {number}".strip()
    if known is not None and known.state == "unclear":
        sent = f"{known.express_code} {known.waybill_no}".strip()
    has_own_way = args.company in _OWN_WAY

    async def effect(tx: Transaction) -> None:
        current = await store.load_order(tx, order.key)
        assert current is not None
        shipment = await shipping.load_shipment(tx, order.key)
        _check_shippable(current, shipment, deps)
        if shipment is not None and shipment.state == "unclear":  # the same command tells what became of it
            await begin(tx, current, deps, shipment, run_at=asking.now, state="shipping", person_id=asking.person.id)
            return
        if is_parcel and not await shipping.use_waybill(tx, company, number, order.key):
            raise ConflictError(code="waybill_used", values={"number": number})
        if not is_parcel and not has_own_way:
            await reserve_by_hand(tx, current, deps)
        elif shipment is not None:
            await release_keys(tx, current, shipment, deps)
        parcel = {"express_code": company, "waybill_no": number, "has_own_way": not is_parcel and has_own_way}
        await begin(tx, current, deps, shipment, run_at=asking.now, person_id=asking.person.id, **parcel)
        text = f"{company} {number}".strip()
        line = Line(order_key=order.key, id=deps.new_id(), at=asking.now, kind="by_hand", text=text)
        await store.add_line(tx, replace(line, person_id=asking.person.id))
        await follow(tx, current, deps)

    return Reply((shipping_card(order, sent, asking.words),), (effect,))


def _check_shippable(order: Order, shipment: Shipment | None, deps: OrdersDeps) -> None:
    """Raises: ConflictError saying what speaks against it."""
    values = {"order": order.order_id}
    if order.refund == "requested":
        raise ConflictError(code="order_refunding", values=values)
    if not order.is_to_ship:
        raise ConflictError(code="order_not_to_ship", values=values)
    is_by_hand = shipment is not None and shipment.state == "planned" and bool(shipment.person_id)
    if shipment is not None and (is_by_hand or (shipment.state in UNDER_WAY and shipment.state != "unclear")):
        raise ConflictError(code="order_under_way", values={**values, "number": shipment.waybill_no or "—"})
    if order.source == LINGXING:
        raise ConflictError(code="order_elsewhere", values=values)
    if order.source not in deps.bridges:
        raise ConflictError(code="order_no_bridge", values={"source": order.source.upper()})


async def hold(args: HoldArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Let nothing, nothing of a shop, or one order not go out by itself; or let it again.

    Raises: NotAllowedError, NotFoundError, UserInputError for a word behind that is no end.
    """
    what, end = (args.what, args.end) if args.what not in _END else (args.end, args.what)
    if end and end not in _END:
        raise UserInputError(code="hold_end", values={"text": end, "what": what})
    is_end = bool(end)
    async with deps.database.read() as reader:
        scope, account, shown = await _scope(reader, what, asking)
    check_may_set(asking, account)

    async def effect(tx: Transaction) -> None:
        if is_end:
            await shipping.end_hold(tx, scope)
            await tx.submit(REPLAN_TASK, {}, key=f"replan:{asking.event_id}")
        else:
            await shipping.put_hold(tx, Hold(scope=scope, person_id=asking.person.id, set_at=asking.now))

    return Reply((done_card("released" if is_end else "held", shown, asking.words),), (effect,))


async def _scope(reader: Reader, what: str, asking: Asking) -> tuple[str, str, str]:
    """The hold's scope, the shop it concerns (empty: all), and how it is shown."""
    if what in ("", *_ALL):
        return "all", "", asking.words("orders.everything")
    found = await store.find_orders(reader, what)
    if found:
        order = await one_order(reader, what, asking)
        return f"order:{order.key}", order.account, order.order_id
    if not await store.is_account(reader, what):
        nearest = (asking.words("orders.command.list"),)
        raise NotFoundError(code="hold_unknown", values={"text": what}, nearest=nearest)
    return f"shop:{what}", "", what


async def add_numbers(args: WaybillsArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Put numbers for parcels into a company's pool; what is no number refuses all of them. Raises: UserInputError."""
    check_may_set(asking, "")
    company = read_company(args.company)
    numbers = [read_number(each) for each in args.numbers.split()]
    async with deps.database.read() as reader:
        new = set(numbers) - await shipping.known_waybills(reader, company, numbers)
    count = str(len(new))
    if len(new) < len(numbers):
        count = asking.words("orders.numbers.some", new=len(new), given=len(numbers))

    async def effect(tx: Transaction) -> None:
        await shipping.add_waybills(tx, company, numbers)
        await settle_cause(tx, f"waybills:{company}", asking.now)
        await tx.submit(REPLAN_TASK, {}, key=f"replan:{asking.event_id}")

    return Reply((done_card("numbers", f"{company} · {count}", asking.words),), (effect,))


def check_may_set(asking: Asking, account: str) -> None:
    """What concerns more than one shop is for those who see all of them. Raises: NotAllowedError."""
    is_allowed = asking.person.is_for_all_stores("operator")
    if not is_allowed and not (account and asking.person.may("operator", store_id=account)):
        raise NotAllowedError(code="shipping_not_yours")


async def one_order(reader: Reader, order_id: str, asking: Asking, *, role: Role = "viewer") -> Order:
    """The order with this number. Raises: NotFoundError, NotAllowedError, ConflictError if two shops have it."""
    found = _visible(await store.find_orders(reader, order_id), asking)
    if not found:
        nearest = (asking.words("orders.command.show", order=order_id), asking.words("orders.command.list"))
        raise NotFoundError(code="order_no_such", values={"text": order_id}, nearest=nearest)
    if len(found) > 1:
        raise ConflictError(code="order_several", values={"order": order_id})
    if not asking.person.may(role, store_id=found[0].account):
        admins = asking.words("orders.separator").join(await admin_names(reader, asking.now))
        raise NotAllowedError(code="order_not_yours", values={"order": order_id, "admins": admins})
    return found[0]
