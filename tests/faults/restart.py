"""Restarts of PostgreSQL while people write; what went wrong is counted from what the simulated Feishu recorded."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, cycle

from tests.faults.siege import Losses, count_losses
from tests.faults.town import Town, chats, message_id
from tests.postgres import Server
from tests.waiting import until

COMMANDS = ("帮助", "店铺", "状态", "测试", "店普")
BEFORE, AFTER = 12, 12
QUIET_SECONDS = 60
_PAUSE_SECONDS = 0.02  # between two messages


@dataclass(slots=True)
class Restarts:
    """Messages keep coming, each delivered until it is taken, while the server goes down and comes up again."""

    town: Town
    server: Server
    told: Callable[[int], None] = lambda rounds: None
    """Called with the number of restarts done."""

    async def suffer(self, modes: Sequence[str]) -> Losses:
        """Restart once for each mode of stopping, let the service come back, and count."""
        taken: list[str] = []
        for number, mode in enumerate(modes, 1):
            taken += await self._round(mode)
            self.told(number)
        return await count_losses(self.town, taken, seconds=QUIET_SECONDS)

    async def _round(self, mode: str) -> list[str]:
        taken: list[str] = []
        writing = asyncio.create_task(self._write(taken))
        await until(lambda: len(taken) >= BEFORE, seconds=30)
        await asyncio.to_thread(self.server.stop, mode)
        known = len(taken)
        await asyncio.to_thread(self.server.start)
        await until(lambda: len(taken) >= known + AFTER, seconds=30)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        return taken

    async def _write(self, taken: list[str]) -> None:
        async with asyncio.TaskGroup() as group:
            for _, chat, words in zip(count(), cycle(chats(6)), cycle(COMMANDS), strict=False):
                group.create_task(self._say(words, chat, taken))
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _say(self, words: str, chat: str, taken: list[str]) -> None:
        envelope = self.town.envelope(words, chat)
        await self.town.deliver_until_taken(envelope)
        taken.append(message_id(envelope))
