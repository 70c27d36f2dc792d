"""Alarms: what is wrong becomes a matter, told when it begins and when it ends."""

from functools import partial

from bot.contracts.feature import Command, Feature, Schedule, Task
from handlers.alerts.commands import (
    RulesArgs,
    SilenceArgs,
    WhyNotArgs,
    explain_silence,
    manage_rules,
    show_alarms,
    silence,
)
from handlers.alerts.jobs import CHECK, check, take_outside
from handlers.alerts.ports import AlertsDeps
from handlers.alerts.results import AlarmsResult, RulesResult, WhyNotResult
from storage.matters.rows import OUTSIDE_TASK


def feature(deps: AlertsDeps) -> Feature:
    """The commands 告警, 规则, 静音 and 为什么没提醒, and the look at everything every minute."""
    return Feature(
        name="alerts",
        commands=(
            Command(names=("告警", "alarms", "gj"), run=partial(show_alarms, deps=deps), result=AlarmsResult),
            Command(
                names=("规则", "rules", "gz"),
                run=partial(manage_rules, deps=deps),
                args=RulesArgs,
                result=RulesResult,
                risk="change",
            ),
            Command(
                names=("静音", "silence", "jy"),
                run=partial(silence, deps=deps),
                args=SilenceArgs,
                role="operator",
                risk="change",
            ),
            Command(
                names=("为什么没提醒", "why-not", "wsmmtx"),
                run=partial(explain_silence, deps=deps),
                args=WhyNotArgs,
                result=WhyNotResult,
            ),
        ),
        tasks=(
            Task(name=CHECK, run=partial(check, deps=deps), at_once=1),
            Task(name=OUTSIDE_TASK, run=partial(take_outside, deps=deps)),
        ),
        schedules=(
            Schedule(name="alerts.check", task=CHECK, cron="* * * * *"),
            Schedule(name="alerts.stock", task=CHECK, cron="*/15 * * * *", payload={"of": "stock"}),
        ),
    )
