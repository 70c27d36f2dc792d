"""Bringing a price to 闲管家: the same again changes nothing there, so it is asked for until it is answered."""

from dataclasses import replace
from functools import partial

from bot.contracts.errors import AssistantError, UpstreamRejected
from bot.contracts.feature import Effect, Job, Payload
from bot.contracts.messages import Message
from handlers.orders.cards import PriceState, price_card
from handlers.orders.ports import OrdersDeps
from storage.database import Transaction
from storage.orders import store
from storage.orders.rows import Line

PRICE_TASK = "orders.price"


async def bring_price(job: Job, *, deps: OrdersDeps) -> Effect | None:
    """Ask for the price; a refusal is told with its reason. Raises: UpstreamError."""
    async with deps.database.read() as reader:
        order = await store.load_order(reader, str(job.payload["order"]))
    if order is None or deps.goofish is None:
        return None
    if order.status != "pending_payment":
        return partial(_end, job.payload, "refused", order.status, deps)
    try:
        await deps.goofish.change_price(order.order_id, price_fen=_fen(job.payload))
    except UpstreamRejected as error:
        reason = error.values.get("reason") or error.platform_code
        return partial(_end, job.payload, "refused", reason, deps)
    return partial(_end, job.payload, "changed", "", deps)


def give_up_price(job: Job, error: BaseException, *, deps: OrdersDeps) -> Effect:
    """Nobody answered: whether it costs that now, only the platform knows."""
    code = error.code if isinstance(error, AssistantError) else "bug"
    return partial(_end, job.payload, "unclear", code, deps)


def _fen(payload: Payload) -> int:
    return int(str(payload["fen"]))


async def _end(payload: Payload, state: PriceState, error: str, deps: OrdersDeps, tx: Transaction) -> None:
    order = await store.load_order(tx, str(payload["order"]))
    if order is None:
        return
    fen = _fen(payload)
    amount = f"{fen // 100}.{fen % 100:02d}"
    if state == "changed":
        line = Line(order_key=order.key, id=deps.new_id(), at=deps.clock.now(), kind="price", text=f"{amount} CNY")
        await store.add_line(tx, replace(line, person_id=str(payload["person"])))
    card = price_card(order, state, amount, error, deps.words(str(payload["language"])))
    await tx.send(Message(key=str(payload["card"]), card=card))
