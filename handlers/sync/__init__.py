"""Keeping the catalogue fresh: pulls on a schedule and on request."""

from functools import partial

from bot.contracts.feature import Command, Feature, Schedule, Task
from handlers.sync.commands import SyncArgs, sync_now
from handlers.sync.jobs import PULL, RETRY, SHOW, START, give_up_pull, pull, show_run, start_run
from handlers.sync.ports import SyncDeps


def feature(deps: SyncDeps) -> Feature:
    """The command 同步, the pulls and their timetable."""
    return Feature(
        name="sync",
        commands=(
            Command(
                names=("同步", "sync", "tb"),
                run=partial(sync_now, deps=deps),
                args=SyncArgs,
                role="operator",
                risk="change",
            ),
        ),
        tasks=(
            Task(name=START, run=partial(start_run, deps=deps)),
            Task(name=PULL, run=partial(pull, deps=deps), retry=RETRY, on_giving_up=partial(give_up_pull, deps=deps)),
            Task(name=SHOW, run=partial(show_run, deps=deps)),
        ),
        schedules=(
            Schedule(name="sync.stock", task=START, cron="5 * * * *", payload={"kinds": ["stock", "suggestions"]}),
            Schedule(name="sync.sales", task=START, cron="20 */2 * * *", payload={"kinds": ["sales"]}),
            Schedule(name="sync.account", task=START, cron="40 3 * * *", payload={"kinds": ["sellers", "products"]}),
        ),
    )
