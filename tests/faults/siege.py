"""Rounds of writing to a service that is killed at seeded random moments, and the count of what went wrong.

A round is one life of a real ``zhanggui run``, ended by SIGKILL. Lost and doubled are counted from what the simulated
Feishu recorded, not from our own tables.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.faults.town import GROUP, Town, chats, is_working, message_id
from tests.waiting import until_true

COMMANDS = ("帮助", "店铺", "状态", "测试", "同步", "店普", "库存 M-0001")
LIFE_SECONDS = 1.2
QUIET_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What must be empty: ids of messages, or descriptions."""

    asked: int
    lost: Sequence[str]
    doubled: Sequence[str]
    unfinished: Sequence[str]
    """Answered with a card that still says "working"."""
    effects_doubled: Sequence[str]
    buried: Sequence[str]
    """Keys of dead letters. Many kills in a row make some of what runs long."""


@dataclass(slots=True)
class Siege:
    """Messages keep coming while the service is killed again and again."""

    town: Town
    random: Random
    messages_per_round: int = 24
    _posting: list["asyncio.Task[str]"] = field(default_factory=list)

    async def lay(self, rounds: int) -> Losses:
        """Kill ``rounds`` lives of the service, let the last one finish, and count."""
        for _ in range(rounds):
            await self._round()
        await self.town.service.start()
        taken = await asyncio.gather(*self._posting)
        await self._quiet(taken)
        return await self._count(taken)

    async def _round(self) -> None:
        """Three lives of four are killed while messages come in, the fourth while it starts."""
        killed_at_start = self.random.random() < 0.25
        await self.town.service.start(until_ready=not killed_at_start)
        self._posting += [asyncio.create_task(self._write()) for _ in range(self.messages_per_round)]
        await asyncio.sleep(self.random.uniform(0.05, LIFE_SECONDS))
        await self.town.service.kill()

    async def _write(self) -> str:
        """One message, written until it is taken; some are delivered again although they were."""
        chat, words = self.random.choice([*chats(6), GROUP]), self.random.choice(COMMANDS)
        begin, pause, again = (
            self.random.uniform(0, LIFE_SECONDS),
            self.random.uniform(0, 1),
            self.random.random() < 0.2,
        )
        envelope: dict[str, Any] = self.town.envelope(words, chat, is_group=chat == GROUP)
        await asyncio.sleep(begin)
        await self.town.deliver_until_taken(envelope)
        if again:
            await asyncio.sleep(pause)
            await self.town.deliver(envelope)
        return message_id(envelope)

    async def _quiet(self, taken: Sequence[str]) -> None:
        """Wait until everything is answered and nothing is left to do, or for as long as anybody would."""

        async def all_done() -> bool:
            return all(map(self.town.replies, taken)) and await self.town.is_quiet()

        with suppress(TimeoutError):  # what is missing then is counted as lost
            await until_true(all_done, seconds=QUIET_SECONDS, pause=0.05)

    async def _count(self, taken: Sequence[str]) -> Losses:
        replies = {each: self.town.replies(each) for each in taken}
        acts = Counter(row[0] for row in await self.town.rows("SELECT event_id FROM audit"))
        dead = await self.town.rows("SELECT key FROM jobs WHERE state = 3")
        return Losses(
            asked=len(taken),
            lost=[each for each, found in replies.items() if not found],
            doubled=[each for each, found in replies.items() if len(found) > 1],
            unfinished=[each for each, found in replies.items() if any(map(is_working, found))],
            effects_doubled=[event for event, times in acts.items() if times > 1],
            buried=[key for (key,) in dead],
        )
