"""The service about itself: help, state, round trip."""

from functools import partial

from bot.contracts.feature import Command, Feature, Task
from handlers.system.commands import HelpArgs, show_help, show_status, start_round_trip
from handlers.system.jobs import ROUND_TRIP, measure_round_trip
from handlers.system.ports import SystemDeps
from handlers.system.results import HelpResult, StatusResult


def feature(deps: SystemDeps) -> Feature:
    """The commands 帮助, 状态 and 测试."""
    return Feature(
        name="system",
        commands=(
            Command(names=("帮助", "help", "bz"), run=show_help, args=HelpArgs, result=HelpResult, role=None),
            Command(names=("状态", "status", "zt"), run=partial(show_status, deps=deps), result=StatusResult),
            Command(names=("测试", "test", "cs"), run=start_round_trip),
        ),
        tasks=(Task(name=ROUND_TRIP, run=partial(measure_round_trip, deps=deps)),),
    )
