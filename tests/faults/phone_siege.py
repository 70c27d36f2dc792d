"""The siege on WhatsApp, where nothing protects a repeat: kills between sending and writing down, lost answers.

Doubled and forgotten are counted from what the simulated WhatsApp recorded. What may or may not have arrived must be
listed with a button to send it again; that list alone is read from our own tables.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from tests.faults.phone_town import PhoneTown
from tests.waiting import until, until_true

COMMANDS = ("帮助", "店铺", "状态", "测试", "补货", "店普", "库存 M-0001")
LIFE_SECONDS = 1.2
QUIET_SECONDS = 900
MESSAGES_PER_ROUND = 24
_ENDED = ("accepted", "delivered", "read", "unknown")
_PER_PHONE = 15  # the platform takes no more than some forty messages to one person at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLosses:
    """``doubled`` and ``forgotten`` must be empty; ``listed`` counts answers of unknown outcome, to be sent again."""

    asked: int
    sent: int
    doubled: Sequence[str]
    forgotten: Sequence[str]
    listed: int


def phones_for(rounds: int) -> list[str]:
    """As many as write in so many rounds."""
    return [f"4477008{number:05}" for number in range(max(6, rounds * MESSAGES_PER_ROUND // _PER_PHONE))]


@dataclass(slots=True)
class PhoneSiege:
    """Messages keep coming while the service is killed again and again."""

    town: PhoneTown
    random: Random
    phones: Sequence[str]
    told: Callable[[int], None] = lambda rounds: None
    """Called with the number of rounds done."""
    _posting: list["asyncio.Task[str]"] = field(default_factory=list)

    async def lay(self, rounds: int) -> PhoneLosses:
        """Kill ``rounds`` lives of the service, let the last ones finish, and count."""
        for number in range(rounds):
            await self._round()
            self.told(number + 1)
        await self.town.service.start()
        taken = await asyncio.gather(*self._posting)
        await self._quiet()
        await self._tell_some()
        await self.town.service.kill()
        await self.town.forget_hope()
        await self.town.service.start()
        with suppress(TimeoutError):  # what still hangs then is counted as forgotten
            await until_true(self._nothing_hangs, seconds=QUIET_SECONDS, pause=0.05)
        return await self._count(taken)

    async def _round(self) -> None:
        """A life in which answers are slow to be confirmed or never are, ended soon after it began to send."""
        await self.town.service.start()
        if self.random.random() < 0.5:
            self.town.whatsapp.delay("messages", seconds=self.random.uniform(0.1, 0.6), times=4)
        else:
            self.town.whatsapp.drop_connection("messages", handled=True, times=self.random.randint(1, 3))
        self._posting += [asyncio.create_task(self._write()) for _ in range(MESSAGES_PER_ROUND)]
        before = self.town.whatsapp.arrived
        with suppress(TimeoutError):
            await until(lambda: self.town.whatsapp.arrived > before, seconds=10)
        await asyncio.sleep(self.random.uniform(0, LIFE_SECONDS / 2))
        await self.town.service.kill()

    async def _write(self) -> str:
        """One message, written until it is taken; some are delivered again although they were."""
        begin, again = self.random.uniform(0, LIFE_SECONDS), self.random.random() < 0.2
        message_id, push = self.town.message(self.random.choice(COMMANDS), self.random.choice(self.phones))
        await asyncio.sleep(begin)
        await self.town.deliver_until_taken(push)
        if again:
            await self.town.deliver(push)
        return message_id

    async def _quiet(self) -> None:
        with suppress(TimeoutError):
            await until_true(self.town.is_quiet, seconds=QUIET_SECONDS, pause=0.05)

    async def _tell_some(self) -> None:
        """Half of the statuses that fell into a gap come again; the others never do."""
        gone = [each for each in self.town.whatsapp.messages.values() if self.random.random() < 0.5]
        await asyncio.gather(*map(self.town.tell_of, gone))

    async def _nothing_hangs(self) -> bool:
        hanging = await self.town.rows("SELECT count(*) FROM handovers WHERE state IN ('pending', 'accepted')")
        return hanging == [(0,)]

    async def _count(self, taken: Sequence[str]) -> PhoneLosses:
        sent = list(self.town.whatsapp.messages.values())
        repeated = [echo for echo, times in Counter(each.echo for each in sent).items() if times > 1]
        answers = {each: {reply.echo.partition("-")[0] for reply in self.town.replies(each)} for each in taken}
        rows = await self.town.rows("SELECT reply_to, state, version - sent_version, error FROM messages")
        listed = {reply_to for reply_to, state, _, _ in rows if state == "unknown"}
        hanging = {to for to, state, left, _ in rows if state not in _ENDED or (left and state != "unknown")}
        lost = [each for each, found in answers.items() if each in hanging or not (found or each in listed)]
        return PhoneLosses(
            asked=len(taken),
            sent=len(sent),
            doubled=[*repeated, *(each for each, found in answers.items() if len(found) > 1)],
            forgotten=[f"{each} {[row[1:] for row in rows if row[0] == each]}" for each in lost],
            listed=len(listed),
        )
