"""What to reorder, why, and what is in stock."""

from functools import partial

from bot.contracts.feature import Command, Feature
from handlers.restock.commands import (
    RestockArgs,
    StockArgs,
    WhyArgs,
    explain_restock,
    show_restock,
    show_stock,
)
from handlers.restock.ports import RestockDeps
from handlers.restock.results import RestockResult, StockResult


def feature(deps: RestockDeps) -> Feature:
    """The commands 补货, 为什么 and 库存."""
    return Feature(
        name="restock",
        commands=(
            Command(
                names=("补货", "restock", "bh"),
                run=partial(show_restock, deps=deps),
                args=RestockArgs,
                result=RestockResult,
            ),
            Command(
                names=("为什么", "why", "wsm"),
                run=partial(explain_restock, deps=deps),
                args=WhyArgs,
                result=RestockResult,
            ),
            Command(
                names=("库存", "stock", "kc"), run=partial(show_stock, deps=deps), args=StockArgs, result=StockResult
            ),
        ),
    )
