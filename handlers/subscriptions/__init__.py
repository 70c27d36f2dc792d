"""Commands that run on a schedule in a chat, and hours in which a person's private chat stays quiet."""

from functools import partial

from bot.contracts.feature import Command, Feature, Task
from handlers.subscriptions.commands import (
    QuietArgs,
    SubscribeArgs,
    UnsubscribeArgs,
    set_quiet,
    subscribe,
    unsubscribe,
)
from handlers.subscriptions.jobs import FIRE, digest, fire, give_up
from handlers.subscriptions.ports import SubscriptionsDeps
from handlers.subscriptions.results import SubscriptionsResult
from storage.subscriptions.rows import DIGEST_TASK


def feature(deps: SubscriptionsDeps) -> Feature:
    """The commands 订阅, 退订 and 免打扰, the firing and the digest."""
    return Feature(
        name="subscriptions",
        commands=(
            Command(
                names=("订阅", "subscribe", "dy"),
                run=partial(subscribe, deps=deps),
                args=SubscribeArgs,
                result=SubscriptionsResult,
                risk="change",
            ),
            Command(
                names=("退订", "unsubscribe", "td"),
                run=partial(unsubscribe, deps=deps),
                args=UnsubscribeArgs,
                result=SubscriptionsResult,
                risk="change",
            ),
            Command(names=("免打扰", "quiet", "mdr"), run=partial(set_quiet, deps=deps), args=QuietArgs, risk="change"),
        ),
        tasks=(
            Task(name=FIRE, run=partial(fire, deps=deps), on_giving_up=partial(give_up, deps=deps)),
            Task(name=DIGEST_TASK, run=partial(digest, deps=deps)),
        ),
    )
