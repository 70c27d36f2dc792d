"""Where the number of a parcel comes from: the order's own, the company's pool, or a courier who is asked for one."""

from bot.contracts.feature import Payload
from handlers.orders.ports import OrdersDeps
from handlers.orders.shipping import NumberSource, Situation
from storage.database import Reader, Transaction
from storage.matters.rows import NewMatter
from storage.matters.store import open_matter
from storage.orders.buyers import open_buyer
from storage.orders.rows import WAYBILL_TASK, Order
from storage.orders.shipping import count_free_waybills, waybill_of

_RECIPIENT = ("name", "phone", "address")


async def numbers_for(reader: Reader, order: Order, code: str, deps: OrdersDeps) -> tuple[int, NumberSource]:
    """How many of the company's numbers the order may take, and where one comes from."""
    free = await count_free_waybills(reader, code)
    if free or not code or order.delivery_kind == "virtual":
        return free, "pool"
    if await waybill_of(reader, code, order.key):
        return 1, "own"
    if deps.courier is None:
        return 0, "pool"
    return 0, "courier" if recipient_of(order, deps) else "no_address"


def recipient_of(order: Order, deps: OrdersDeps) -> tuple[str, str, str] | None:
    """Name, phone and address, None unless all of them were told: personal data."""
    buyer = open_buyer(deps.cipher, order.key, order.buyer)
    name, phone, address = (buyer.get(part, "") for part in _RECIPIENT)
    return (name, phone, address) if name and phone and address else None


async def seek_number(tx: Transaction, situation: Situation, deps: OrdersDeps) -> None:
    """An order waits for a number: ask the courier for one, else somebody for new ones."""
    order, code = situation.order, situation.effective.express_code
    if situation.number_source == "courier":
        payload: Payload = {"order": order.key, "company": code}
        once = f"waybill:{order.key}:{code}:{order.told_at.timestamp()}:{situation.now:%Y%m%d%H}"
        await tx.submit(WAYBILL_TASK, payload, key=once, lane=f"waybill:{order.key}")
    else:
        await lack_numbers(tx, code, deps)


async def lack_numbers(tx: Transaction, code: str, deps: OrdersDeps) -> None:
    """Nobody has a number of the company: that is for somebody to mend."""
    lacking = NewMatter(kind="waybills", fingerprint=f"waybills:{code}", details={"company": code})
    await open_matter(tx, lacking, now=deps.clock.now())
