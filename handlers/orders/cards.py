"""Orders as cards. Of buyers they show what tells them apart, and no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Column,
    ColumnKind,
    Fact,
    Facts,
    Field,
    Form,
    Level,
    LevelTone,
    Note,
    Table,
    Text,
    Tone,
    plain,
)
from bot.contracts.feature import Words
from handlers.common.masking import masked
from handlers.common.reasons import reason_told
from handlers.orders.results import OrderView, WhyResult
from handlers.orders.rules import amount_text, need_of, time_left
from handlers.orders.shipping import Check
from storage.matters.rows import Matter
from storage.orders.rows import Line, Order, OrderStatus, ReplyState

PriceState = Literal["asked", "changed", "refused", "unclear"]
_WITH_BUTTONS = 3
_WITH_REASON = ("refused", "unclear", "no_number", "reply_refused", "reply_unclear")
_SOON = timedelta(hours=12)
_NO_TIME = timedelta()
_TONES: Mapping[OrderStatus, LevelTone] = {"paid": "warning", "shipped": "good", "completed": "good"}

SHIPPED_BY_HAND = ("order", "order_planned", "order_refused")
"""Needs of an order that somebody may ship by hand."""
_PAGE: Mapping[str, ColumnKind] = {
    "order": "text",
    "item": "text",
    "quantity": "number",
    "amount": "text",
    "state": "level",
    "refund": "text",
    "account": "text",
    "left": "level",
    "waybill": "text",
}


def order_card(view: OrderView, words: Words, now: datetime) -> Card:
    """All about one order."""
    order = view.order
    blocks: list[Block] = [Text(plain(f"{item_text(order)} ×{order.pieces}")), Facts(_facts(view, words, now))]
    if view.lines:
        blocks.append(Text("\n".join(f"- {line_text(line, words)}" for line in view.lines)))
    need = need_of(order, view.shipment)
    actions = (Action(words("orders.button.why"), words("orders.command.why", order=order.order_id)),) if need else ()
    if need in SHIPPED_BY_HAND:
        blocks.append(ship_form(order.order_id, words, is_parcel=order.delivery_kind != "virtual"))
    if order.chat_id:
        blocks.append(reply_form(order.order_id, words))
    tone: Tone = "warning" if need else "info"
    return Card(words("orders.title", order=order.order_id), tone, tuple(blocks), actions, language=words.language)


def ship_form(order_id: str, words: Words, *, is_parcel: bool) -> Form:
    """Where somebody who sent the goods says so."""
    submit = Action(words("orders.button.ship"), words("orders.command.ship", order=order_id), "primary")
    fields = tuple(Field(name, words(f"orders.field.{name}"), required=True) for name in ("company", "number"))
    return Form(fields if is_parcel else (), submit)


def reply_form(order_id: str, words: Words) -> Form:
    """Where somebody writes to the buyer."""
    submit = Action(words("orders.button.reply"), words("orders.command.reply", order=order_id))
    return Form((Field("text", words("orders.field.text"), required=True),), submit)


def reply_card(order: Order, state: ReplyState, error: str, words: Words) -> Card:
    """How far the words for a buyer are, without them: a card is read by all who are in the chat."""
    tones: Mapping[ReplyState, Tone] = {"asked": "working", "said": "good", "refused": "bad", "unclear": "warning"}
    told = plain(reason_told(error, words))
    text = words(f"orders.reply.{state}", item=plain(item_text(order)), error=told)
    title = words("orders.reply.title", order=order.order_id)
    return Card(title, tones[state], (Text(text),), language=words.language)


def price_card(order: Order, state: PriceState, amount: str, error: str, words: Words) -> Card:
    """How far a new price is; ``amount`` is in yuan."""
    tones: Mapping[PriceState, Tone] = {"asked": "working", "changed": "good", "refused": "bad", "unclear": "warning"}
    before, told = amount_text(order), plain(reason_told(error, words))
    text = words(f"orders.price.{state}", item=plain(item_text(order)), before=before, now=amount, error=told)
    title = words("orders.price.title", order=order.order_id)
    return Card(title, tones[state], (Text(text),), language=words.language)


def price_question(order: Order, amount: str, words: Words) -> Card:
    """Whether it shall cost that; ``amount`` is in yuan."""
    values = {"order": order.order_id, "before": amount_text(order), "now": amount}
    text = Text(words("orders.price.question", item=plain(item_text(order)), **values))
    line = words("orders.command.price", **values)
    action = Action(words("orders.price.sure", **values), line, "primary", asker_only=True)
    return Card(words("orders.price.title", **values), "warning", (text,), (action,), language=words.language)


def matter_form(matter: Matter, words: Words) -> Form:
    """The same on the living card of an order's matter."""
    return ship_form(matter.details["order"], words, is_parcel=matter.details["delivery"] != "virtual")


def shipping_card(order: Order, sent: str, words: Words) -> Card:
    """The platform is being told."""
    text = Text(words("orders.shipping", item=plain(item_text(order)), sent=plain(sent) or words("orders.no_parcel")))
    return Card(words("orders.shipping_title", order=order.order_id), "good", (text,), language=words.language)


def done_card(what: str, shown: str, words: Words) -> Card:
    """What was held, released or imported."""
    return Card(
        words(f"orders.{what}.title", what=shown),
        "good",
        (Text(words(f"orders.{what}.text", what=plain(shown))),),
        language=words.language,
    )


def why_card(order: Order, result: WhyResult, words: Words) -> Card:
    """The first rule that stopped the order, then all of them."""
    columns = (Column(words("orders.column.rule")), Column(words("orders.column.found"), "level"))
    rows = tuple(_check_row(check, words) for check in result.checks)
    reason = result.stop.name if result.stop else "none"
    said = words(f"orders.why.{reason}", text=plain(_found(result.stop, words)) if result.stop else "")
    tone: Tone = "warning" if result.stop else "info"
    title = words("orders.why_title", order=order.order_id)
    return Card(title, tone, (Text(said), Table(columns, rows, len(rows))), language=words.language)


def _check_row(check: Check, words: Words) -> tuple[Cell, ...]:
    state = words("orders.passed" if check.passed else "orders.stopped")
    found = _found(check, words)
    tone: LevelTone = "good" if check.passed else "bad"
    return (words(f"orders.check.{check.name}"), Level(f"{state} · {found}" if found else state, tone))


def _found(check: Check, words: Words) -> str:
    """What a check found, in words."""
    match check.name:
        case "paid":
            return words(f"orders.status.{check.text}", raw="").strip()
        case "refund":
            return words(f"orders.refund.{check.text}")
        case "keys" if check.text in ("none", "held"):
            return words(f"orders.keys.{check.text}")
        case "keys" | "stock" if check.text:
            have, _, need = check.text.partition("/")
            return words("orders.have_need", have=have, need=need)
        case "mode" | "under_way" | "held" | "channel" if check.text:
            return words(f"orders.{check.name}.{check.text}")
        case "waybill" if not check.text.isdigit():
            return words(f"orders.number.{check.text}")
        case "time" if check.text:
            return words.moment(datetime.fromisoformat(check.text))
        case "error":
            return reason_told(check.text, words)
        case _:
            return check.text


def list_card(orders: Sequence[Order], words: Words, now: datetime, *, sought: str = "") -> Card:
    """The newest orders, or what was found."""
    title = words("orders.found" if sought else "orders.newest", text=sought)
    if not orders:
        return Card(title, "info", (Text(words("orders.none")),), language=words.language)
    return Card(
        title, "info", (_table(orders, len(orders), words, now),), _buttons(orders, words), language=words.language
    )


def to_ship_card(orders: Sequence[Order], total: int, words: Words, now: datetime) -> Card:
    """What must be shipped, what is due first at the top."""
    title = words("orders.to_ship", count=total)
    if not orders:
        return Card(title, "good", (Text(words("orders.none_to_ship")),), language=words.language)
    is_late = any(left is not None and left < _NO_TIME for left in (time_left(order, now) for order in orders))
    note = Note(words("orders.to_ship_note"))
    return Card(
        title,
        "bad" if is_late else "warning",
        (_table(orders, total, words, now, more=words("orders.command.to_ship")), note),
        _buttons(orders, words),
        language=words.language,
    )


def _table(orders: Sequence[Order], total: int, words: Words, now: datetime, *, more: str = "") -> Table:
    kinds = {"order": "text", "item": "text", "quantity": "number", "amount": "text", "state": "level", "left": "level"}
    columns = tuple(Column(words(f"orders.column.{name}"), kind) for name, kind in kinds.items())  # type: ignore[arg-type]
    return Table(columns, tuple(_row(order, words, now) for order in orders), total, more=more)


def page_table(orders: Sequence[Order], total: int, words: Words, now: datetime) -> Table:
    """Some orders with all that a list shows of them."""
    columns = tuple(Column(words(f"orders.column.{name}"), kind) for name, kind in _PAGE.items())
    return Table(columns, tuple(_page_row(order, words, now) for order in orders), total)


def _page_row(order: Order, words: Words, now: datetime) -> tuple[Cell, ...]:
    state = words(f"orders.status.{order.status}", raw=order.raw_status)
    return (
        order.order_id,
        item_text(order),
        order.pieces,
        amount_text(order),
        Level(state, _TONES.get(order.status, "neutral")),
        None if order.refund == "none" else words(f"orders.refund.{order.refund}"),
        order.account,
        _left(order, words, now),
        _waybill(order) or None,
    )


def _row(order: Order, words: Words, now: datetime) -> tuple[Cell, ...]:
    state = Level(_state(order, words), _TONES.get(order.status, "neutral"))
    return (order.order_id, item_text(order), order.pieces, amount_text(order), state, _left(order, words, now))


def item_text(order: Order) -> str:
    """What was bought, with its variant."""
    return " ".join(part for part in (order.title or order.item_id, order.sku_text) if part)


def _state(order: Order, words: Words) -> str:
    state = words(f"orders.status.{order.status}", raw=order.raw_status)
    return f"{state} · {words('orders.refund.requested')}" if order.refund == "requested" else state


def _waybill(order: Order) -> str:
    return " ".join(part for part in (order.express_code, order.waybill_no) if part)


def left_text(order: Order, words: Words, now: datetime) -> str:
    """How long is left to ship, or how late it is; empty if nobody waits."""
    left = time_left(order, now)
    if left is None:
        return ""
    return words("orders.late" if left < _NO_TIME else "orders.left", time=words.duration(abs(left)))


def _left(order: Order, words: Words, now: datetime) -> Cell:
    left = time_left(order, now)
    if left is None:
        return None
    tone: LevelTone = "bad" if left < _NO_TIME else "warning" if left < _SOON else "good"
    return Level(left_text(order, words, now), tone)


def _facts(view: OrderView, words: Words, now: datetime) -> tuple[Fact, ...]:
    order = view.order
    told = words("orders.told", at=words.moment(order.told_at))
    shown = {
        "state": (_state(order, words), told),
        "amount": (amount_text(order), ""),
        "account": (order.account_id, order.source),
        "buyer": (f"{masked(view.nick)[:1]}**" if view.nick else "", ""),
        "waybill": (_waybill(order), ""),
        "keys": (words("orders.separator").join(view.keys), ""),
        "left": (left_text(order, words, now), words.moment(order.ship_by) if order.ship_by else ""),
    }
    return tuple(Fact(words(f"orders.fact.{name}"), value, note) for name, (value, note) in shown.items() if value)


def line_text(line: Line, words: Words) -> str:
    """A line of an order's story."""
    if line.kind == "message":
        who, _, text = line.text.partition(":")
        said = words(f"orders.line.{'system' if who == 'system' else 'buyer'}", text=plain(masked(text)))
    elif line.kind == "reply":
        said = words("orders.line.reply", text=plain(masked(line.text)))
    elif line.kind in ("status", "refund"):
        said = words(f"orders.{line.kind}.{line.text}", raw="")
    elif line.kind == "cancelled":
        said = words("orders.line.cancelled", text=words(f"orders.check.{line.text}"))
    elif line.kind in _WITH_REASON:
        said = words(f"orders.line.{line.kind}", text=plain(reason_told(line.text, words)))
    else:
        said = words(f"orders.line.{line.kind}", text=plain(line.text))
    return words("orders.line.at", at=words.moment(line.at), said=said.strip())


def _buttons(orders: Sequence[Order], words: Words) -> tuple[Action, ...]:
    shown = orders[:_WITH_BUTTONS]
    return tuple(
        Action(words("orders.button.show", order=order.order_id), words("orders.command.show", order=order.order_id))
        for order in shown
    )
