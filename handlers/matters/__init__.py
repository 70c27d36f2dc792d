"""Matters: what waits for somebody, in one thread with one living card per chat, until it is settled."""

from functools import partial

from bot.contracts.feature import Command, Feature, Task
from bot.contracts.pages import Page
from handlers.matters.commands import (
    HandArgs,
    MattersArgs,
    NoteArgs,
    SnoozeArgs,
    TakeArgs,
    ask_for_help,
    hand_over,
    note,
    settle,
    show_matters,
    snooze,
    take,
)
from handlers.matters.jobs import WAKE_TASK, begin, fire, show, wake
from handlers.matters.pages import LIST, ONE, list_matters, show_matter
from handlers.matters.ports import MattersDeps
from handlers.matters.results import MattersResult
from storage.matters.rows import OPENED_TASK, SHOW_TASK, STEP_TASK, TOPIC


def feature(deps: MattersDeps) -> Feature:
    """The commands 事项, 待办, 接手, 转交, 求助, 稍后, 备注 and 办结; cards and steps; the pages."""
    shown = partial(Command, run=partial(show_matters, deps=deps), args=MattersArgs, result=MattersResult, risk="read")
    changing = partial(Command, result=MattersResult, role="operator", risk="change")
    return Feature(
        name="matters",
        commands=(
            shown(names=("事项", "matters", "shx")),
            shown(names=("待办", "todo", "db")),
            changing(names=("接手", "take", "js"), run=partial(take, deps=deps), args=TakeArgs),
            changing(names=("转交", "hand", "zj"), run=partial(hand_over, deps=deps), args=HandArgs),
            changing(names=("求助", "need-help", "qz"), run=partial(ask_for_help, deps=deps), args=TakeArgs),
            changing(names=("稍后", "snooze", "sh"), run=partial(snooze, deps=deps), args=SnoozeArgs),
            changing(names=("备注", "note", "bzh"), run=partial(note, deps=deps), args=NoteArgs),
            changing(names=("办结", "settle", "bj"), run=partial(settle, deps=deps), args=TakeArgs),
        ),
        tasks=(
            Task(name=OPENED_TASK, run=partial(begin, deps=deps)),
            Task(name=SHOW_TASK, run=partial(show, deps=deps)),
            Task(name=STEP_TASK, run=partial(fire, deps=deps)),
            Task(name=WAKE_TASK, run=partial(wake, deps=deps)),
        ),
        pages=(
            Page(
                path=LIST,
                title="matters.page",
                template="list.html",
                load=partial(list_matters, deps=deps),
                live_topics=(TOPIC,),
            ),
            Page(
                path=ONE,
                title="matters.page",
                template="card.html",
                load=partial(show_matter, deps=deps),
                live_topics=(TOPIC,),
            ),
        ),
    )
