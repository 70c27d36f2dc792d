"""Bringing words to buyers: each is told to the marketplace under the id that was written down with it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bot.contracts.errors import AssistantError
from bot.contracts.feature import Effect, Job
from bot.contracts.messages import Message
from handlers.orders.cards import reply_card
from handlers.orders.ports import OrdersDeps
from handlers.orders.shipping import wait_after
from integrations.marketplace.commands import CommandAnswer, Reply
from storage.database import Transaction
from storage.orders import store
from storage.orders.buyers import open_text, seal_text
from storage.orders.replies import load_reply, put_reply
from storage.orders.rows import REPLY_TASK, BuyerReply, Line, LineKind, ReplyState

_LINES: Mapping[ReplyState, LineKind] = {"said": "reply", "refused": "reply_refused", "unclear": "reply_unclear"}


async def send_reply(job: Job, *, deps: OrdersDeps) -> Effect | None:
    """Tell the marketplace, if nobody did. After a lost answer the very same command is given again, which is written
    to the buyer once and tells what became of it. Raises: UpstreamError."""
    async with deps.database.read() as reader:
        reply = await load_reply(reader, str(job.payload["reply"]))
        order = await store.load_order(reader, reply.order_key) if reply is not None else None
    if reply is None or order is None or reply.state != "asked":
        return None
    text = open_text(deps.cipher, reply.id, reply.text)
    bridge = deps.bridges.get(order.source)
    if not text or bridge is None:
        return partial(_end, reply.id, "refused", "unreadable" if bridge else "no_bridge", deps)
    command = Reply(command_id=reply.command_id, account_id=order.account_id, chat_id=order.chat_id, text=text)
    return partial(_record, reply, await bridge.command(command), deps)


async def _record(asked: BuyerReply, answer: CommandAnswer, deps: OrdersDeps, tx: Transaction) -> None:
    wait = wait_after(asked.tries)
    if answer.result != "rejected":
        await _end(asked.id, "said", "", deps, tx)
    elif answer.retryable and wait is not None:
        tries, run_at = asked.tries + 1, deps.clock.now() + wait
        await put_reply(tx, replace(asked, tries=tries, command_id=deps.new_id(), changed_at=deps.clock.now()))
        await tx.submit(REPLY_TASK, {"reply": asked.id}, key=f"reply:{asked.id}:{tries}", run_at=run_at)
    else:
        await _end(asked.id, "refused", answer.reason or "rejected", deps, tx)


async def _end(reply_id: str, state: ReplyState, error: str, deps: OrdersDeps, tx: Transaction) -> None:
    """Keep how it ended, in the order's timeline and on the card of who wrote it."""
    reply = await load_reply(tx, reply_id)
    order = await store.load_order(tx, reply.order_key) if reply is not None else None
    if reply is None or order is None or reply.state != "asked":
        return
    now = deps.clock.now()
    await put_reply(tx, replace(reply, state=state, error=error, changed_at=now))
    said = open_text(deps.cipher, reply.id, reply.text)
    text = seal_text(deps.cipher, order.key, said) if state == "said" else error
    line = Line(order_key=order.key, id=deps.new_id(), at=now, kind=_LINES[state], text=text, person_id=reply.person_id)
    await store.add_line(tx, line)
    await tx.send(Message(key=reply.reply_key, card=reply_card(order, state, error, deps.words(reply.language))))


def give_up_reply(job: Job, error: BaseException, *, deps: OrdersDeps) -> Effect:
    """The bridge could not be asked any more: whether the buyer reads it is known to it alone."""
    code = error.code if isinstance(error, AssistantError) else "bug"
    return partial(_end, str(job.payload["reply"]), "unclear", code, deps)
