"""The siege on ladders: alerts come and go and people answer them while processes are killed again and again.

What was told, and how often, is counted from what the simulated Feishu, WeCom, provider of text messages and mail
server recorded. Which of a step and an answer came first, and what is of unknown outcome, only our own tables tell.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import orjson

from bot.administration import Administration
from bot.contracts.clock import SystemClock, id_source
from bot.jobs.choice import Role
from integrations.email.simulator import EmailSimulator
from integrations.feishu.simulator import SentMessage
from integrations.sms.simulator import SmsSimulator
from integrations.wecom.simulator import WeComSimulator
from storage.database import Database
from tests.faults.siege import LIFE_SECONDS, Siege
from tests.faults.town import GROUP, PERSISTENCE_SECONDS, Town, open_town
from tests.waiting import until, until_true

LADDER = "阶梯 0 群 0 点名 值班 {later} 私聊 值班 {later} 企业微信 {later} 短信 值班 {later} 邮件 值班"
STEPS = ("card", "mention", "private", "wecom", "sms", "email")
"""What each rung tells, by position."""
ANSWERED = 0.5
"""Of all matters; half of them at once, half when the later steps are due."""
QUIET_SECONDS = 300
TOKEN = "a-long-random-word"
_OPERATOR, _PHONE, _MAIL = "ou_faults_operator", "447700900101", "chen@example.com"
_NAMED = re.compile(r"#(\d+) siege-\d+")
_MENTIONED = re.compile(r"#(\d+) 请看一下")

Told = Counter[tuple[int, str]]
"""How often each step (of ``STEPS``) of each matter, by number, was told."""


@dataclass(slots=True)
class LadderTown:
    """The service, its platforms and the other messengers."""

    town: Town
    wecom: WeComSimulator
    sms: SmsSimulator
    email: EmailSimulator

    async def alert(self, name: str, status: str, turn: int) -> None:
        """Tell of a group of alerts, as Alertmanager does: again and again until that is taken."""
        alert = {"status": status, "labels": {"alertname": name}, "startsAt": f"2026-11-22T08:00:{turn:02}Z"}
        group = {"version": "4", "groupKey": name, "status": status, "groupLabels": {"alertname": name}}
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        body = orjson.dumps(group | {"alerts": [alert]})

        async def taken() -> bool:
            return await self.town.post("/webhooks/alertmanager", body, headers) == 200

        await until_true(taken, seconds=PERSISTENCE_SECONDS, pause=0.05)

    async def card(self, name: str) -> SentMessage:
        """The living card in the group, once it is there."""
        await until(lambda: any(self._cards(name)), seconds=PERSISTENCE_SECONDS)
        return next(self._cards(name))

    def _cards(self, name: str) -> Iterator[SentMessage]:
        return (
            each for each in self.town.feishu.messages if each.chat_id == GROUP and _title(each).endswith(f" {name}")
        )

    def told(self) -> Told:
        """Everything that was told of matters, by the records of the platforms."""
        told = Told()
        for message in self.town.feishu.messages:
            told.update((n, "card" if message.chat_id == GROUP else "private") for n in _found(_NAMED, _title(message)))
            told.update((number, "mention") for number in _found(_MENTIONED, _title(message)))
        texts = {
            "wecom": [each.text for each in self.wecom.messages],
            "sms": [each.text for each in self.sms.messages.values()],
            "email": [each.subject for each in self.email.mails],
        }
        for step, every in texts.items():
            told.update((number, step) for text in every for number in _found(_NAMED, text)[:1])
        return told


def _title(message: SentMessage) -> str:
    header = orjson.loads(message.content).get("header", {})
    return str(header["title"]["content"]) if header else ""


def _found(pattern: re.Pattern[str], text: str) -> list[int]:
    return [int(number) for number in pattern.findall(text)]


@asynccontextmanager
async def open_ladder_town(folder: Path, database_url: str, roles: Sequence[Role]) -> AsyncIterator[LadderTown]:
    """Everything running but the service, and an operator who is reached on every channel."""
    clock = SystemClock()
    wecom, sms, email = WeComSimulator(clock), SmsSimulator(clock), EmailSimulator(clock)
    async with wecom, sms, email:
        also = {"wecom": wecom, "sms": sms, "email": email}
        async with open_town(folder, database_url, also=also, roles=roles, ALERTMANAGER_TOKEN=TOKEN) as town:
            database = Database(database_url)
            new_id = id_source(clock)
            administration = Administration(database=database, clock=clock, new_id=new_id, random_below=lambda n: 0)
            known = [f"feishu:{_OPERATOR}", f"sms:{_PHONE}", f"email:{_MAIL}"]
            await administration.add_user("小陈", ["operator"], known)
            await database.close()
            yield LadderTown(town, wecom, sms, email)


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderLosses:
    """``lost``, ``doubled`` and ``late`` must be empty; ``listed`` counts what is of unknown outcome."""

    matters: int
    told: int
    answered: int
    listed: int
    lost: Sequence[str]
    """Steps that were due and neither told nor listed nor answered before, and answers that were not heard."""
    doubled: Sequence[str]
    late: Sequence[str]
    """Told after the answer, or although it was not to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What our own tables say, by the matter's number."""

    names: Mapping[int, str]
    taken: frozenset[int]
    steps: Mapping[tuple[int, int], str]
    """The state by matter and position."""
    listed: frozenset[tuple[int, str]]
    """Steps of unknown outcome."""
    late: Sequence[int]
    """Matters of which a step was told after they were taken, by the order of their timelines."""


@dataclass(slots=True)
class LadderSiege(Siege):
    """Each message of the siege is the life of one alert. The second half of a ladder comes ``later_minutes`` after."""

    ladders: LadderTown = field(kw_only=True)
    later_minutes: int = 1
    messages_per_round: int = 1
    _answered: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=count)

    async def suffer(self, rounds: int) -> LadderLosses:
        """Set the ladder, do ``rounds`` rounds, each with a kill, let everything climb to its end, and count."""
        await self._all_started()
        await self.town.answered(await self.town.say("提醒群", GROUP, is_group=True))
        await self.town.answered(await self.town.say(LADDER.format(later=self.later_minutes)))
        for number in range(rounds):
            await self._round()
            self.told(number + 1)
        await self._all_started()
        names = await asyncio.gather(*self._posting)
        with suppress(TimeoutError):  # what has not climbed then is counted as lost
            await until_true(self._has_climbed, seconds=QUIET_SECONDS, pause=0.2)
        return count_losses(names, self._answered, self.ladders.told(), await self._books())

    async def _write(self) -> str:
        """An alert that fires, may flap once, and may be answered."""
        name = f"siege-{next(self._numbers)}"
        begin, flaps = self.random.uniform(0, LIFE_SECONDS), self.random.random() < 0.5
        is_answered, at_once = self.random.random() < ANSWERED, self.random.random() < 0.5
        pause = self.random.uniform(0, 2) + (0 if at_once else max(0, 60 * self.later_minutes - 2))
        await asyncio.sleep(begin)
        for turn, status in enumerate(("firing", "resolved", "firing") if flaps else ("firing",)):
            await self.ladders.alert(name, status, turn)
        if is_answered:
            card = await self.ladders.card(name)
            await asyncio.sleep(pause)
            await self.town.deliver_until_taken(self.town.press(card, "我来处理"))
            self._answered.add(name)
        return name

    async def _has_climbed(self) -> bool:
        waiting = f"state = 'pending' AND position < {len(STEPS)}"
        pending = await self.town.rows(f"SELECT 1 FROM ladder_steps WHERE {waiting}")
        return not pending and await self.town.is_quiet()

    async def _books(self) -> Books:
        rows = self.town.rows
        matters = await rows("SELECT number, details, state FROM matters WHERE kind = 'alertmanager'")
        taken = {number for number, _, state in matters if state == "taken"}
        steps = await rows("SELECT matter, position, state FROM ladder_steps")
        entries = await rows("SELECT matter, kind FROM matter_entries ORDER BY matter, position")
        unknown = await rows("SELECT key, chat_id FROM messages WHERE state = 'unknown' AND key LIKE 'matter:%'")
        return Books(
            names={number: re.findall(r"siege-\d+", str(details))[0] for number, details, _ in matters},
            taken=frozenset(taken),
            steps={(number, position): state for number, position, state in steps},
            listed=frozenset((int(key.split(":")[1]), _step_of(key, chat)) for key, chat in unknown),
            late=list(_told_late(entries)),
        )


def _step_of(key: str, chat_id: str) -> str:
    """The step that a message of this key told."""
    channel = key.split(":")[2]
    if channel != "feishu":
        return channel
    if chat_id != GROUP:
        return "private"
    return "mention" if ":step:" in key else "card"


def _told_late(entries: Sequence[tuple[int, str]]) -> Iterator[int]:
    taken = set[int]()
    for number, kind in entries:
        if kind == "taken":
            taken.add(number)
        elif number in taken and kind in ("told", "held", "nobody", "reminded"):
            yield number


def count_losses(names: Sequence[str], answered: set[str], told: Told, books: Books) -> LadderLosses:
    """Compare what was asked for, what the platforms recorded and what our tables say."""
    opened = Counter(books.names.values())
    lost = [f"{name}: no matter" for name in names if not opened[name]]
    doubled = [f"{name}: {times} matters" for name, times in opened.items() if times > 1]
    late = [f"#{number}: by its timeline" for number in books.late]
    for number, name in books.names.items():
        if name in answered and number not in books.taken:
            lost.append(f"#{number}: the answer")
        for position, step in enumerate(STEPS):
            state, times = books.steps.get((number, position), "missing"), told[number, step]
            what = f"#{number} {step}: {state}, told {times} times"
            is_stopped = state == "cancelled" and name in answered
            if times > 1:
                doubled.append(what)
            if times and state != "fired":
                late.append(what)
            elif not times and not is_stopped and not (state == "fired" and (number, step) in books.listed):
                lost.append(what)
    return LadderLosses(
        matters=len(books.names),
        told=told.total(),
        answered=len(answered),
        listed=len(books.listed),
        lost=lost,
        doubled=doubled,
        late=late,
    )
