"""Under which id Feishu mentions the bot: known from an earlier start at once, asked for again at each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.contracts.clock import Clock
from bot.contracts.errors import AssistantError
from integrations.feishu.client import FeishuClient
from storage.database import Database
from storage.people.store import find_own_identity, set_own_identity

_AGAIN = timedelta(seconds=30)

_log = structlog.get_logger("bot_name")


@dataclass(frozen=True, slots=True)
class BotName:
    """Tells ``tell`` the open_id of the app's bot."""

    app_id: str
    client: FeishuClient
    tell: Callable[[str], None]
    database: Database
    clock: Clock

    async def recall(self) -> None:
        """Before the first delivery: what an earlier start learnt, so that who is mentioned right away answers."""
        async with self.database.read() as reader:
            self.tell(await find_own_identity(reader, "feishu", self.app_id))

    async def learn(self) -> None:
        """Ask Feishu until it answers, and keep the answer."""
        while True:
            try:
                open_id = (await self.client.bot_info()).open_id
            except AssistantError as error:
                _log.warning("bot_not_named", error=error.code)
                await self.clock.sleep(_AGAIN.total_seconds())
                continue
            self.tell(open_id)
            async with self.database.begin() as tx:
                await set_own_identity(tx, "feishu", self.app_id, open_id)
            return
