"""Ordering numbers for parcels from a courier: written down before any platform is told of them."""

from datetime import timedelta
from functools import partial

from bot.contracts.errors import AssistantError
from bot.contracts.feature import Effect, Job
from handlers.orders.jobs import follow
from handlers.orders.matter_jobs import settle_cause
from handlers.orders.ports import OrdersDeps
from handlers.orders.waybill_jobs import lack_numbers, numbers_for, recipient_of
from integrations.courier.models import Parcel, Recipient
from storage.database import Transaction
from storage.orders import store
from storage.orders.rows import WAYBILL_TASK, Line, Order
from storage.orders.shipping import use_waybill

ASKED_AGAIN_AFTER = timedelta(hours=1)
"""How long after a refusal a courier is asked again."""


async def order_waybill(job: Job, *, deps: OrdersDeps) -> Effect | None:
    """Ask the courier for the number of an order that still waits for one; again it is the same number. Raises:
    UpstreamError."""
    key, code = str(job.payload["order"]), str(job.payload["company"])
    async with deps.database.read() as reader:
        order = await store.load_order(reader, key)
        source = (await numbers_for(reader, order, code, deps))[1] if order is not None and order.is_to_ship else ""
    if order is None or deps.courier is None or source not in ("courier", "pool", "own"):
        return None
    if source != "courier":
        return partial(_go_on, key, deps)
    recipient = recipient_of(order, deps)
    assert recipient is not None
    waybill = await deps.courier.create_waybill(_parcel(order, code, recipient), key=f"{key}:{code}")
    return partial(_keep, key, code, waybill.waybill_no, deps)


def _parcel(order: Order, code: str, recipient: tuple[str, str, str]) -> Parcel:
    name, phone, address = recipient
    return Parcel(
        order_id=order.order_id,
        company=code,
        recipient=Recipient(name=name, phone=phone, address=address),
        title=order.title,
        quantity=order.pieces,
    )


async def _keep(key: str, code: str, number: str, deps: OrdersDeps, tx: Transaction) -> None:
    """The number is the order's, which may now go out."""
    if not await use_waybill(tx, code, number, key):
        await _refused(key, code, "waybill_used", deps, tx)
        return
    await settle_cause(tx, f"waybills:{code}", deps.clock.now())
    await _go_on(key, deps, tx)


async def _go_on(key: str, deps: OrdersDeps, tx: Transaction) -> None:
    order = await store.load_order(tx, key)
    if order is not None:
        await follow(tx, order, deps)


async def _refused(key: str, code: str, reason: str, deps: OrdersDeps, tx: Transaction) -> None:
    now = deps.clock.now()
    await store.add_line(tx, Line(order_key=key, id=deps.new_id(), at=now, kind="no_number", text=reason))
    await lack_numbers(tx, code, deps)
    again = now + ASKED_AGAIN_AFTER
    payload = {"order": key, "company": code}
    await tx.submit(WAYBILL_TASK, payload, key=f"waybill:{key}:{code}:again:{again:%Y%m%d%H}", run_at=again)


def go_without(job: Job, error: BaseException, *, deps: OrdersDeps) -> Effect:
    """The courier gave none: somebody is told, and it is asked again later."""
    reason = error.code if isinstance(error, AssistantError) else "bug"
    return partial(_refused, str(job.payload["order"]), str(job.payload["company"]), reason, deps)
