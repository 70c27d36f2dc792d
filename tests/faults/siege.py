"""Rounds of writing to a service that is killed at seeded random moments, and the count of what went wrong.

A round is one life of a real ``zhanggui run``, ended by SIGKILL; of several processes one, sometimes all. Lost and
doubled are counted from what the simulated Feishu recorded, not from our own tables.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.faults.service import Service
from tests.faults.town import GROUP, Town, chats, is_working, message_id
from tests.waiting import until_true

COMMANDS = ("帮助", "店铺", "状态", "测试", "同步", "店普", "库存 M-0001")
LIFE_SECONDS = 1.2
ALL_AT_ONCE = 0.15
QUIET_SECONDS = 300
"""For the answers to all that waits after the last kill: a hundred rounds leave many, each chat is answered in turn."""


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
    """Messages keep coming while processes of the service are killed again and again."""

    town: Town
    random: Random
    messages_per_round: int = 24
    told: Callable[[int], None] = lambda rounds: None
    """Called with the number of rounds done."""
    _posting: list["asyncio.Task[str]"] = field(default_factory=list)

    async def lay(self, rounds: int) -> Losses:
        """Do ``rounds`` rounds, each with a kill, let the last lives finish, and count."""
        for number in range(rounds):
            await self._round()
            self.told(number + 1)
        await self._all_started()
        taken = await asyncio.gather(*self._posting)
        return await count_losses(self.town, taken)

    async def _round(self) -> None:
        """In three rounds of four they are killed while messages come in, in the fourth while they start."""
        killed_at_start = self.random.random() < 0.25
        fresh = [service for service in self.town.services if not service.is_running]
        await self._all_started(until_ready=not killed_at_start)
        self._posting += [asyncio.create_task(self._write()) for _ in range(self.messages_per_round)]
        await asyncio.sleep(self.random.uniform(0.05, LIFE_SECONDS))
        victims = fresh if killed_at_start and fresh else self._some()
        await asyncio.gather(*(victim.kill() for victim in victims))

    async def _all_started(self, *, until_ready: bool = True) -> None:
        await asyncio.gather(*(service.start(until_ready=until_ready) for service in self.town.services))

    def _some(self) -> Sequence[Service]:
        """One process, or all of them, as when the machine loses its power."""
        everyone = self.random.random() < ALL_AT_ONCE
        return self.town.services if everyone else [self.random.choice(self.town.services)]

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


async def count_losses(town: Town, taken: Sequence[str], *, seconds: float = QUIET_SECONDS) -> Losses:
    """Wait until everything is answered and nothing is left to do, or for as long as anybody would; then count."""

    async def all_done() -> bool:
        return all(map(town.replies, taken)) and await town.is_quiet()

    with suppress(TimeoutError):  # what is missing then is counted as lost
        await until_true(all_done, seconds=seconds, pause=0.05)
    replies = {each: town.replies(each) for each in taken}
    acts = Counter(row[0] for row in await town.rows("SELECT event_id FROM audit"))
    dead = await town.rows("SELECT key FROM jobs WHERE state = 3")
    return Losses(
        asked=len(taken),
        lost=[each for each, found in replies.items() if not found],
        doubled=[each for each, found in replies.items() if len(found) > 1],
        unfinished=[each for each, found in replies.items() if any(map(is_working, found))],
        effects_doubled=[event for event, times in acts.items() if times > 1],
        buried=[key for (key,) in dead],
    )
