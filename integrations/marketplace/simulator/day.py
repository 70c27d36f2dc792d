"""A plausible day of orders from a seed: who buys what and when, what they change their mind about, what goes wrong."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integrations.marketplace.simulator.demo import DEMO_ACCOUNTS, DEMO_GOODS, Goods
from integrations.marketplace.simulator.orders import Act

UNKNOWN_VARIANT = "没见过的款式"
_HOURS = (1, 1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 9, 8, 7, 7, 7, 8, 10, 13, 15, 14, 10, 5)
"""How busy each hour of a day is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """What kind of day it is. Shares are of all orders, but ``duplicates`` and ``late``, which are of all events.

    ``seconds`` is how long the whole day takes; ``late_seconds`` is by how much events are late at most.
    """

    orders: int = 200
    seconds: float = 300.0
    seed: int = 1
    unpaid: float = 0.06
    cancelled: float = 0.03
    refunds: float = 0.05
    unknown_variants: float = 0.01
    unseen_created: float = 0.3
    thin: float = 0.02
    duplicates: float = 0.1
    late: float = 0.1
    late_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Who buys what."""

    order_id: str
    account_id: str
    goods: Goods
    sku_text: str
    quantity: int
    buyer_id: str
    chat_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens ``at`` so many seconds. The event about it is delivered ``copies`` times, none if that is 0."""

    at: float
    act: Act
    purchase: Purchase
    copies: int = 1
    late_seconds: float = 0.0
    is_thin: bool = False


def plan_day(plan: DayPlan, goods: Sequence[Goods] = DEMO_GOODS) -> list[Step]:
    """Every step of the day in order; the same for the same plan and goods. What is not possible any more when its
    moment comes (cancelling what was shipped meanwhile, say) just does not happen."""
    dice = random.Random(plan.seed)
    steps = [step for number in range(1, plan.orders + 1) for step in _order(number, plan, goods, dice)]
    return sorted(steps, key=lambda step: step.at)


def _order(number: int, plan: DayPlan, goods: Sequence[Goods], dice: random.Random) -> Iterator[Step]:
    purchase = _purchase(number, plan, goods, dice)
    at = (dice.choices(range(24), _HOURS)[0] + dice.random()) / 24 * plan.seconds * 0.8
    for act, delay in _acts(plan, dice):
        at += delay * plan.seconds
        is_unseen = act == "create" and dice.random() < plan.unseen_created
        yield Step(
            at=at,
            act=act,
            purchase=purchase,
            copies=0 if is_unseen else 1 + (dice.random() < plan.duplicates),
            late_seconds=dice.random() * plan.late_seconds if dice.random() < plan.late else 0.0,
            is_thin=act != "create" and dice.random() < plan.thin,
        )


def _purchase(number: int, plan: DayPlan, goods: Sequence[Goods], dice: random.Random) -> Purchase:
    chosen = dice.choice(goods)
    is_odd = dice.random() < plan.unknown_variants
    buyer = dice.randrange(1, plan.orders + 1)
    account_id = dice.choice(DEMO_ACCOUNTS)
    return Purchase(
        order_id=f"{1_000_000_000_000_000_000 + plan.seed * 1_000_000_000 + number}",
        account_id=account_id,
        goods=chosen,
        sku_text=UNKNOWN_VARIANT if is_odd else dice.choice(chosen.variants),
        quantity=dice.choices((1, 2, 3, 5), (85, 10, 4, 1))[0],
        buyer_id=f"buyer-{buyer}",
        chat_id=f"{account_id}-{buyer}",
    )


def _acts(plan: DayPlan, dice: random.Random) -> Iterator[tuple[Act, float]]:
    """What happens to one order, each act with the part of the day before it."""
    yield "create", 0.0
    fate = dice.random()
    if fate < plan.unpaid:
        if dice.random() < 0.5:
            yield "close", 0.02
        return
    yield "pay", dice.random() * 0.005
    if fate < plan.unpaid + plan.cancelled:
        yield "close", dice.random() * 0.02
    elif fate < plan.unpaid + plan.cancelled + plan.refunds:
        yield "ask_refund", dice.random() * 0.05
        yield dice.choices(("refund", "close_refund"), (70, 30))[0], dice.random() * 0.05
    else:
        yield "complete", 0.1 + dice.random() * 0.05
