"""What is shipped, when and how far it is, as a table and as a card."""

from collections.abc import Mapping, Sequence

from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Column,
    ColumnKind,
    Fact,
    Facts,
    Level,
    LevelTone,
    Note,
    Table,
    Text,
    Tone,
    plain,
)
from bot.contracts.feature import Words
from handlers.common.reasons import reason_told
from handlers.orders.cards import SHIPPED_BY_HAND, item_text, line_text, ship_form
from handlers.orders.results import TaskSeen
from handlers.orders.rules import need_of
from storage.orders.rows import Shipment, ShipmentState

LOGGED = ("status", "refund", "by_hand", "shadow", "marked", "refused", "unclear", "cancelled")
"""Kinds of lines that tell how a shipment went."""
_TONES: Mapping[ShipmentState, LevelTone] = {
    "marked": "warning",
    "confirmed": "good",
    "refused": "bad",
    "unclear": "bad",
}
_COLUMNS: Mapping[str, ColumnKind] = {
    "order": "text",
    "item": "text",
    "state": "level",
    "run_at": "time",
    "company": "text",
    "waybill": "text",
    "tries": "number",
    "error": "text",
    "who": "text",
    "account": "text",
}


def task_table(tasks: Sequence[TaskSeen], total: int, words: Words) -> Table:
    """Some shipments with all that a list shows of them."""
    columns = tuple(Column(words(f"orders.task.column.{name}"), kind) for name, kind in _COLUMNS.items())
    return Table(columns, tuple(_row(task, words) for task in tasks), total)


def _row(task: TaskSeen, words: Words) -> tuple[Cell, ...]:
    shipment, order = task.shipment, task.order
    return (
        order.order_id,
        f"{item_text(order)} ×{order.pieces}",
        Level(state_text(shipment, words), _TONES.get(shipment.state, "neutral")),
        shipment.run_at,
        shipment.express_code or None,
        shipment.waybill_no or None,
        shipment.tries,
        reason_told(shipment.error, words) or None,
        _who(task, words),
        order.account,
    )


def state_text(shipment: Shipment, words: Words) -> str:
    """How far it is; of a rehearsal that it is one."""
    said = words(f"orders.under_way.{shipment.state}")
    is_rehearsal = shipment.is_shadow and shipment.state != "shadowed"
    return words("orders.task.in_shadow", state=said) if is_rehearsal else said


def _who(task: TaskSeen, words: Words) -> str:
    person_id = task.shipment.person_id
    return task.names.get(person_id, "?") if person_id else words("orders.task.itself")


def task_card(task: TaskSeen, words: Words) -> Card:
    """One shipment with its log; what can still be done about it."""
    shipment, order = task.shipment, task.order
    values = {
        "state": state_text(shipment, words),
        "run_at": words.moment(shipment.run_at),
        "company": shipment.express_code,
        "waybill": shipment.waybill_no,
        "tries": str(shipment.tries),
        "error": reason_told(shipment.error, words),
        "who": _who(task, words),
        "account": order.account,
    }
    facts = tuple(Fact(words(f"orders.task.column.{name}"), value) for name, value in values.items() if value)
    log = "\n".join(f"- {line_text(line, words)}" for line in task.lines)
    item = Text(plain(f"{item_text(order)} ×{order.pieces}"))
    blocks: list[Block] = [item, Facts(facts), Text(log) if log else Note(words("orders.task.no_log"))]
    need = need_of(order, shipment)
    names = ("why", "hold") if need and shipment.state == "planned" else ("why",) if need else ()
    actions = tuple(
        Action(words(f"orders.button.{name}"), words(f"orders.command.{name}", order=order.order_id)) for name in names
    )
    if need in SHIPPED_BY_HAND:
        blocks.append(ship_form(order.order_id, words, is_parcel=order.delivery_kind != "virtual"))
    tone: Tone = "bad" if shipment.state in ("refused", "unclear") else "info"
    title = words("orders.task.title", order=order.order_id)
    return Card(title, tone, tuple(blocks), actions, language=words.language)
