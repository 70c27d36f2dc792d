"""A simulated night in which many causes flap and people answer some of them, counted by the simulated Feishu.

Time is moved on; the service, its doors and the platforms are the real ones in one process.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random

import orjson
from aiohttp import ClientSession

from handlers.alerts.rules import LONGEST_CALM
from handlers.matters.rules import REMIND_EVERY
from tests.scenarios.clock import MORNING, StoryClock
from tests.scenarios.shown import Shown
from tests.scenarios.stage import OPERATOR, TEAM, Stage, one_store, open_stage

HOURS = 9
LOOKS = 6  # in each hour, five minutes apart; less than the calm after which a cause counts as gone
ANSWERED = 0.3
TOKEN = "a-long-random-word"
_LOOK_MINUTES = 5
_AT_ONCE = 8
_TREMBLES = timedelta(minutes=15)  # what waits for its turn comes later, what follows it is not put off by that
_STEP = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NightLosses:
    """Causes whose opening, closing or reminder is missing, came twice, or came after somebody's answer."""

    told: int
    reminders: int
    lost: Sequence[str]
    doubled: Sequence[str]
    late: Sequence[str]


@dataclass(slots=True)
class Told:
    """When the group was told of one cause."""

    opened: list[datetime] = field(default_factory=list)
    reminded: list[datetime] = field(default_factory=list)
    closed: list[datetime] = field(default_factory=list)


@asynccontextmanager
async def open_night(folder: Path, database_url: str) -> AsyncIterator[Stage]:
    """The service over a migrated database, with Alertmanager let in and one group that is told of alarms."""
    world = one_store(MORNING.date())
    async with open_stage(database_url, folder, StoryClock(), world, True, ALERTMANAGER_TOKEN=TOKEN) as stage:
        await stage.ask("提醒群", chat_id=TEAM, is_group=True)
        await stage.ask("阶梯 0 群")
        await stage.execute("DELETE FROM silences")
        yield stage


@dataclass(slots=True)
class Night:
    """``causes`` begin in the evening, are away for a few minutes now and then, and end in the morning."""

    stage: Stage
    random: Random
    causes: int
    answered: dict[int, datetime] = field(default_factory=dict)
    _turn: int = 0

    async def pass_by(self) -> NightLosses:
        """Let it pass, and count."""
        everything = range(self.causes)
        await self._all(everything, "firing")
        for _ in range(HOURS):
            await self._hour(everything)
        await self._all(everything, "resolved")
        for _ in range(LONGEST_CALM // _STEP + 2):
            await self._later(hours=1)
        return self._counted()

    async def _hour(self, everything: Sequence[int]) -> None:
        away: list[int] = []
        for _ in range(LOOKS):
            await self._all(away, "firing")
            away = self.random.sample(everything, self.causes // 10 or 1)
            await self._all(away, "resolved")
            await self._answer(self.random.choice(everything))
            await self._later(minutes=_LOOK_MINUTES)
        await self._all(away, "firing")
        await self._later(minutes=60 - LOOKS * _LOOK_MINUTES)

    async def _later(self, **distance: float) -> None:
        await self.stage.quiet()
        self.stage.clock.move(**distance)
        await self.stage.quiet()

    async def _answer(self, cause: int) -> None:
        """Somebody presses the button of one cause's card, once."""
        if cause in self.answered or self.random.random() > ANSWERED:
            return
        card = next(each for each in self.stage.shown() if _is_card(each, cause))
        await self.stage.press(card, "我来处理", by=OPERATOR)
        await self.stage.quiet()
        self.answered[cause] = self.stage.clock.now()

    async def _all(self, causes: Iterable[int], status: str) -> None:
        self._turn += 1
        waiting = iter(causes)
        async with ClientSession() as session, asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._pour(session, waiting, status))
        await self.stage.quiet()

    async def _pour(self, session: ClientSession, causes: Iterable[int], status: str) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        for cause in causes:
            labels = {"alertname": _name(cause)}
            alert = {"status": status, "labels": labels, "annotations": {}, "startsAt": str(self._turn)}
            body = {"version": "4", "groupKey": _name(cause), "status": status, "groupLabels": labels}
            sent = BytesIO(orjson.dumps(body | {"alerts": [alert]}))
            async with session.post(f"{self.stage.url}/webhooks/alertmanager", headers=headers, data=sent) as answer:
                assert answer.status == 200

    def _counted(self) -> NightLosses:
        told = _told(self.stage.shown())
        lost, doubled, late = list[str](), list[str](), list[str]()
        for cause in range(self.causes):
            mine, answered = told[_name(cause)], self.answered.get(cause)
            for what, times in (("openings", len(mine.opened)), ("closings", len(mine.closed))):
                (lost if times < 1 else doubled if times > 1 else []).append(f"{_name(cause)}: {times} {what}")
            heard = [*mine.opened[:1], *mine.reminded]
            gaps = [later - earlier for earlier, later in pairwise(heard)]
            doubled += [f"{_name(cause)}: {gap} between reminders" for gap in gaps if gap < REMIND_EVERY - _TREMBLES]
            end = answered or max(mine.closed, default=self.stage.clock.now()) - LONGEST_CALM
            silence = max([*gaps, *(end - each for each in heard[-1:])], default=timedelta())
            if silence > REMIND_EVERY + _STEP + _TREMBLES:
                lost.append(f"{_name(cause)}: nothing said for {silence}")
            late += [f"{_name(cause)}: {each}" for each in mine.reminded if answered is not None and each > answered]
        reminders = sum(len(each.reminded) for each in told.values())
        every = reminders + sum(len(each.opened) + len(each.closed) for each in told.values())
        return NightLosses(told=every, reminders=reminders, lost=lost, doubled=doubled, late=late)


def _name(cause: int) -> str:
    return f"night-{cause}"


def _is_card(shown: Shown, cause: int) -> bool:
    return shown.title.startswith("#") and shown.title.endswith(f" {_name(cause)}")


def _told(shown: Sequence[Shown]) -> dict[str, Told]:
    """What was told of each cause, by its name; words quote the card that they belong to."""
    told: defaultdict[str, Told] = defaultdict(Told)
    cards: dict[str, Told] = {}
    for each in shown:
        name = each.title.partition(" ")[2]
        if each.title.startswith("#") and name.startswith("night-"):
            cards[each.message.message_id] = told[name]
            told[name].opened.append(each.message.at)
    for each in shown:
        if each.quotes in cards and "还没人接手" in each.title:
            cards[each.quotes].reminded.append(each.message.at)
        elif each.quotes in cards and "结束了" in each.title:
            cards[each.quotes].closed.append(each.message.at)
    return told
