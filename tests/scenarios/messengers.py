"""A stage whose service also sends mails, robot messages and texts, to simulators that keep them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.cli.platforms import Platforms
from bot.contracts.cards import Action, Card, Fact, Facts
from bot.contracts.messages import Message, Target
from integrations.email.simulator import EmailSimulator
from integrations.sms.simulator import SmsSimulator
from integrations.wecom.simulator import WeComSimulator
from tests.scenarios.clock import MORNING, StoryClock
from tests.scenarios.stage import Stage, one_store, open_stage

PERSON_MAIL = "chen@example.com"
PHONE = "447700900101"
ROBOT = "robot"
PUBLIC_URL = "https://zhanggui.example.com"
TARGETS = {"email": PERSON_MAIL, "wecom": ROBOT, "sms": PHONE}


@dataclass(slots=True, kw_only=True)
class Messengers:
    """The stage, and what arrived where."""

    stage: Stage
    email: EmailSimulator
    wecom: WeComSimulator
    sms: SmsSimulator

    async def send(self, channel: str, *titles: str) -> None:
        """Queue a card for each title, in order, to the one target of the channel."""
        async with self.stage.app.database.begin() as tx:
            for title in titles:
                target = Target(channel=channel, chat_id=TARGETS[channel])
                await tx.send(Message(key=f"{channel}:{title}", card=card(title), to=target))

    async def states(self, channel: str) -> list[str]:
        """How far the channel's messages got, by our own books, oldest first."""
        rows = await self.stage.rows(f"SELECT state FROM messages WHERE channel = '{channel}' ORDER BY id")
        return [state for (state,) in rows]

    async def until_states(self, channel: str, *wanted: str) -> None:
        async def are() -> bool:
            return await self.states(channel) == list(wanted)

        await self.stage.until_true(are)

    def arrived(self, channel: str) -> list[str]:
        """The texts of what arrived, in order."""
        return {
            "email": [each.text for each in self.email.mails],
            "wecom": [each.text for each in self.wecom.messages],
            "sms": [each.text for each in self.sms.messages.values()],
        }[channel]

    def titles(self, channel: str) -> list[str]:
        """Which of ``断货 1`` to ``断货 9`` each of them tells of."""
        texts = self.arrived(channel)
        return [title for text in texts for title in (f"断货 {number}" for number in range(10)) if title in text]


def card(title: str) -> Card:
    """An alarm with one button."""
    facts = Facts((Fact("SKU", "YG-WM-0023-GY-US"), Fact("可售", "0")))
    return Card(title, "warning", (facts,), (Action("我来", "店铺"),))


@asynccontextmanager
async def opened(database_url: str, folder: Path, **settings: str) -> AsyncIterator[Messengers]:
    """Everything running, the platforms at their real rates."""
    clock = StoryClock()
    email, wecom, sms = EmailSimulator(clock), WeComSimulator(clock), SmsSimulator(clock)
    async with email, wecom, sms:
        own = Platforms(simulators={"email": email, "wecom": wecom, "sms": sms}).settings()
        every = own | {"ZHANGGUI_PUBLIC_URL": PUBLIC_URL} | settings
        async with open_stage(database_url, folder, clock, one_store(MORNING.date()), **every) as stage:
            yield Messengers(stage=stage, email=email, wecom=wecom, sms=sms)
