"""卡密, 对账卡密, and what the owner of the process puts into pools: keys themselves are never in a chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.contracts.errors import NotAllowedError, NotFoundError, UserInputError
from bot.contracts.feature import Asking, Reply, rest, word
from handlers.orders.cards import done_card
from handlers.orders.key_cards import pools_card, reconciling_card
from handlers.orders.key_jobs import held_cause, look_back, take_in_keys, watch_pool
from handlers.orders.matter_jobs import settle_cause
from handlers.orders.ports import OrdersDeps
from handlers.orders.results import KeysResult
from storage.database import Transaction
from storage.orders import keys
from storage.orders.rows import REPLAN_TASK, KeyPool

_UNUSED = ("未用", "unused")
_DISCARD = ("弃用", "discard")


@dataclass(frozen=True, slots=True)
class KeysArgs:
    """``item``: its number; none for all."""

    item: str = word(default="", longest=80)


@dataclass(frozen=True, slots=True)
class ReconcileArgs:
    """``decision``: 未用, what is left was not sent; 弃用, nothing of it shall be; none only to look."""

    item: str = word(longest=80)
    decision: str = rest(default="", longest=10)


async def show_pools(args: KeysArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """How many keys are free, reserved and sent, by pool. Raises: NotAllowedError, NotFoundError."""
    _check_may_see(asking)
    async with deps.database.read() as reader:
        pools = await keys.list_pools(reader, args.item)
    if args.item and not pools:
        raise NotFoundError(code="keys_unknown", values={"item": args.item})
    return Reply((pools_card(pools, asking.words),), result=KeysResult(pools))


async def reconcile(args: ReconcileArgs, asking: Asking, *, deps: OrdersDeps) -> Reply:
    """Say what became of an item's keys, so that they may go out again; or only look.

    Raises: NotAllowedError, NotFoundError if none of them is held, UserInputError.
    """
    _check_may_see(asking)
    await look_back(deps)
    async with deps.database.read() as reader:
        pools = [each for each in await keys.list_pools(reader, args.item) if each.pool.held_since is not None]
    if not pools:
        raise NotFoundError(code="keys_not_held", values={"item": args.item})
    if not args.decision:
        return Reply((reconciling_card(args.item, pools, asking.words),))
    if args.decision not in (*_UNUSED, *_DISCARD):
        raise UserInputError(code="keys_decision", values={"text": args.decision, "item": args.item})
    is_discarded = args.decision in _DISCARD

    async def effect(tx: Transaction) -> None:
        for stock in pools:
            if is_discarded:
                await keys.set_all_aside(tx, stock.pool, now=asking.now)
            await keys.release_pool(tx, stock.pool.id)
            await settle_cause(tx, held_cause(stock.pool), asking.now)
            await watch_pool(tx, stock.pool, deps)
        await tx.submit(REPLAN_TASK, {}, key=f"replan:{asking.event_id}")

    return Reply((done_card("discarded" if is_discarded else "reconciled", args.item, asking.words),), (effect,))


async def put_keys(asked: Mapping[str, Any], *, deps: OrdersDeps) -> dict[str, Any]:
    """Put ``keys`` into the pool of ``item``, ``variant`` and ``account``; ``delivered``: they were sent already.

    Returns how many are ``new`` and the positions of those that were ``known``. Raises: UserInputError.
    """
    match asked:
        case {"item": str(item), "variant": str(variant), "account": str(account), "keys": [*found]} if item and found:
            place = KeyPool(id="", account_id=account, item_id=item, variant=variant)
        case _:
            raise UserInputError("keys need the number of their item")
    await look_back(deps)
    async with deps.database.begin() as tx:
        given = [str(each) for each in found]
        added = await take_in_keys(tx, place, given, deps, is_delivered=bool(asked.get("delivered")))
    return {"new": added.new, "known": list(added.known)}


def _check_may_see(asking: Asking) -> None:
    """Pools serve several shops. Raises: NotAllowedError."""
    if not asking.person.is_for_all_stores("operator"):
        raise NotAllowedError(code="shipping_not_yours")
