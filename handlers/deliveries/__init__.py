"""What became of a message or a piece of work, and how to run it again."""

from functools import partial

from bot.contracts.feature import Command, Feature
from handlers.deliveries.commands import DeadLettersArgs, IdArgs, replay, resend, show_dead_letters, trace
from handlers.deliveries.ports import DeliveriesDeps
from handlers.deliveries.results import DeadLetters, Trace


def feature(deps: DeliveriesDeps) -> Feature:
    """The commands 追踪, 死信, 重放 and 再发."""
    return Feature(
        name="deliveries",
        commands=(
            Command(names=("追踪", "trace", "zz"), run=partial(trace, deps=deps), args=IdArgs, result=Trace),
            Command(
                names=("死信", "dead-letters", "sx"),
                run=partial(show_dead_letters, deps=deps),
                args=DeadLettersArgs,
                result=DeadLetters,
            ),
            Command(
                names=("重放", "replay", "cf"),
                run=partial(replay, deps=deps),
                args=IdArgs,
                role="operator",
                risk="change",
            ),
            Command(
                names=("再发", "resend", "zf"),
                run=partial(resend, deps=deps),
                args=IdArgs,
                role="operator",
                risk="change",
            ),
        ),
    )
