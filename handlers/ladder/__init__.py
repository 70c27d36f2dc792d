"""Whom a matter is told to, and in which order: who is on duty, which chats, which rungs."""

from functools import partial

from bot.contracts.feature import Command, Feature
from handlers.ladder.commands import DutyArgs, HereArgs, LadderArgs, set_duty, set_here, set_ladder
from handlers.ladder.ports import LadderDeps


def feature(deps: LadderDeps) -> Feature:
    """The commands 值班, 提醒群 and 阶梯."""
    setting = partial(Command, risk="change")
    return Feature(
        name="ladder",
        commands=(
            setting(names=("值班", "duty", "zb"), run=partial(set_duty, deps=deps), args=DutyArgs),
            setting(
                names=("提醒群", "alarms-here", "txq"), run=partial(set_here, deps=deps), args=HereArgs, role="admin"
            ),
            setting(names=("阶梯", "ladder", "jt"), run=partial(set_ladder, deps=deps), args=LadderArgs),
        ),
    )
