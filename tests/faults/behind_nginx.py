"""Two web and two worker processes behind nginx; one of each is killed half-way and does not come back.

Counted from what the simulated Feishu recorded. It also counts deliveries that were not taken at the first try: nginx
passes on what a dead process did not answer, so Feishu notices nothing.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from bot.jobs.choice import Role
from tests.faults.nginx import nginx
from tests.faults.siege import Losses, count_losses
from tests.faults.town import Town, chats, message_id, open_town

ROLES: Sequence[Role] = ("web", "web", "worker", "worker")
COMMANDS = ("帮助", "店铺", "状态", "测试", "同步", "店普")
QUIET_SECONDS = 60
_PAUSE_SECONDS = 0.02  # between two messages


@dataclass(slots=True)
class Story:
    """``messages`` are written at an even pace; with the middle one a web and a worker process die."""

    town: Town
    messages: int
    refused: list[int] = field(default_factory=list)
    """What was answered instead of 200."""

    async def told(self) -> Losses:
        """Write them all, wait for the answers and count."""
        await asyncio.gather(*(service.start() for service in self.town.services))
        async with asyncio.TaskGroup() as group:
            writing = []
            for number, chat, words in zip(range(self.messages), cycle(chats(6)), cycle(COMMANDS), strict=False):
                writing.append(group.create_task(self._write(words, chat)))
                if number == self.messages // 2:
                    group.create_task(self._kill_one_of_each())
                await asyncio.sleep(_PAUSE_SECONDS)
        return await count_losses(self.town, [each.result() for each in writing], seconds=QUIET_SECONDS)

    async def _write(self, words: str, chat: str) -> str:
        envelope = self.town.envelope(words, chat)
        if (status := await self.town.deliver(envelope)) != 200:
            self.refused.append(status)
            await self.town.deliver_until_taken(envelope)
        return message_id(envelope)

    async def _kill_one_of_each(self) -> None:
        by_role = {service.role: service for service in self.town.services}
        await asyncio.gather(*(service.kill() for service in by_role.values()))


def open_town_behind_nginx(folder: Path, database_url: str) -> AbstractAsyncContextManager[Town]:
    """Like ``open_town``, with the processes of a larger installation; deliveries go to nginx."""
    return open_town(folder, database_url, roles=ROLES, before=nginx)
