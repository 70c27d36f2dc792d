"""回复: words for a buyer, written down here and brought to the marketplace by a job."""

from dataclasses import dataclass

from bot.contracts.errors import ConflictError
from bot.contracts.feature import Asking, Reply, verbatim, word
from handlers.orders.cards import reply_card
from handlers.orders.commands import one_order
from handlers.orders.ports import OrdersDeps
from handlers.orders.reply_rules import read_reply
from storage.database import Transaction
from storage.orders.buyers import seal_text
from storage.orders.replies import put_reply
from storage.orders.rows import REPLY_TASK, BuyerReply, Order


@dataclass(frozen=True, slots=True)
class ReplyArgs:
    """``text`` is what the buyer reads."""

    order: str = word(longest=80)
    text: str = verbatim(longest=500)


async def reply_to_buyer(args: ReplyArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Write to the buyer of an order, once.

    Raises: NotFoundError, NotAllowedError, UserInputError for what leads away from the marketplace, ConflictError where
    there is no chat.
    """
    said = read_reply(args.text)
    async with deps.database.read() as reader:
        order = await one_order(reader, args.order, asking, role="operator")
    _check_reachable(order, deps)

    async def effect(tx: Transaction) -> None:
        reply_id = deps.new_id()
        reply = BuyerReply(
            id=reply_id,
            order_key=order.key,
            person_id=asking.person.id,
            text=seal_text(deps.cipher, reply_id, said),
            command_id=reply_id,
            reply_key=asking.reply_key,
            language=asking.words.language,
            changed_at=asking.now,
        )
        await put_reply(tx, reply)
        await tx.submit(REPLY_TASK, {"reply": reply_id}, key=f"reply:{reply_id}", lane=f"reply:{order.key}")

    return Reply((reply_card(order, "asked", "", asking.words),), (effect,))


def _check_reachable(order: Order, deps: OrdersDeps) -> None:
    values = {"order": order.order_id, "source": order.source.upper()}
    if not order.chat_id:
        raise ConflictError(code="reply_no_chat", values=values)
    if order.source not in deps.bridges:
        raise ConflictError(code="reply_no_bridge", values=values)
