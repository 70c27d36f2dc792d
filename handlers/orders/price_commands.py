"""改价: what an unpaid order of 闲管家 shall cost: asked once more, then brought there by a job."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from bot.contracts.errors import ConflictError, UserInputError
from bot.contracts.feature import Asking, Payload, Reply, word
from handlers.orders.cards import price_card, price_question
from handlers.orders.commands import one_order
from handlers.orders.ports import OrdersDeps
from handlers.orders.price_jobs import PRICE_TASK
from storage.database import Transaction
from storage.orders.rows import GOOFISH, Order
from storage.orders.store import load_order

_SURE = ("确认", "sure")
_AMOUNT = re.compile(r"¥?(\d{1,7}(?:\.\d{1,2})?)元?")


@dataclass(frozen=True, slots=True)
class PriceArgs:
    """``amount`` is what the buyer pays in all, in yuan; ``sure`` is 确认, else it is only asked."""

    order: str = word(longest=80)
    amount: str = word(longest=20)
    sure: str = word(default="", longest=10)


async def change_price(args: PriceArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Set what an unpaid order costs, once somebody is sure: a buyer may pay a wrong price at once.

    Raises: NotFoundError, NotAllowedError, UserInputError for no amount, ConflictError if it cannot be changed.
    """
    amount = _read_amount(args.amount)
    if args.sure and args.sure not in _SURE:
        raise UserInputError(code="price_amount", values={"text": f"{args.amount} {args.sure}"})
    async with deps.database.read() as reader:
        order = await one_order(reader, args.order, asking, role="operator")
    _check_changeable(order, deps)
    if not args.sure:
        return Reply((price_question(order, f"{amount:.2f}", asking.words),))

    async def effect(tx: Transaction) -> None:
        current = await load_order(tx, order.key)
        assert current is not None
        _check_changeable(current, deps)
        payload: Payload = {
            "order": order.key,
            "fen": int(amount * 100),
            "person": asking.person.id,
            "card": asking.reply_key,
            "language": asking.words.language,
        }
        await tx.submit(PRICE_TASK, payload, key=f"price:{asking.event_id}", lane=f"price:{order.key}")

    return Reply((price_card(order, "asked", f"{amount:.2f}", "", asking.words),), (effect,))


def _read_amount(text: str) -> Decimal:
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).replace("￥", "¥"))
    if found is None or not Decimal(found[1]):
        raise UserInputError(code="price_amount", values={"text": text})
    return Decimal(found[1])


def _check_changeable(order: Order, deps: OrdersDeps) -> None:
    values = {"order": order.order_id}
    if order.source != GOOFISH or deps.goofish is None:
        raise ConflictError(code="price_elsewhere", values=values)
    if order.status != "pending_payment":
        raise ConflictError(code="price_paid", values=values)
