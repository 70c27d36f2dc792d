"""The whole service on a loopback port between simulated platforms, and people who write to it in Feishu."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from sqlalchemy import text

from bot.app import App
from bot.cli.demo import PEOPLE, WHATSAPP_NUMBERS
from bot.cli.platforms import Platforms
from bot.cli.world.lingxing import fill_lingxing
from bot.cli.world.making import make_world
from bot.cli.world.model import World
from bot.settings import Settings, load_settings
from integrations.feishu.simulator import FeishuSimulator, Heard, Membership, Press, Push, Said, SentMessage
from integrations.lingxing.simulator import LingxingSimulator
from integrations.whatsapp.simulator import WhatsAppSimulator
from storage.jobs.store import backlog
from storage.matters.rows import Silence
from storage.matters.silences import set_silence
from storage.people.store import set_chat_enabled
from tests.scenarios.clock import StoryClock
from tests.scenarios.shown import Shown

ADMIN, OPERATOR, VIEWER = (open_id for _, _, open_id in PEOPLE)
STRANGER = "ou_stranger"
TEAM = "oc_demo_team"
DEADLINE_SECONDS = 45  # a busy machine is slow; a story that hangs is still told from one that is
_KEY = bytes(range(32))
_FAR = timedelta(days=30)


@dataclass(slots=True, kw_only=True)
class Stage:
    """A running service and what surrounds it."""

    settings: Settings
    clock: StoryClock
    feishu: FeishuSimulator
    whatsapp: WhatsAppSimulator
    lingxing: LingxingSimulator
    app: App
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def say(self, text: str, *, by: str = ADMIN, **how: Any) -> Heard:
        """Write to the bot; ``how`` are further fields of ``Said``."""
        return await self.feishu.people.say(Said(text=text, sender_id=by, **how))

    async def ask(self, text: str, *, by: str = ADMIN, **how: Any) -> Shown:
        """Write to the bot and wait for its final answer."""
        return await self.answer(await self.say(text, by=by, **how))

    async def answer(self, heard: Heard) -> Shown:
        """The final answer to a message."""
        return await self.first(lambda shown: shown.quotes == heard.message_id and shown.tone != "working")

    async def first(self, wanted: Callable[[Shown], bool]) -> Shown:
        """The first message of the bot that is as ``wanted``."""
        await self.until(lambda: any(wanted(each) for each in self.shown()))
        return next(each for each in self.shown() if wanted(each))

    async def press(self, shown: Shown, label: str, *, by: str = ADMIN, copies: int = 1) -> Heard:
        """Press a button of a card."""
        return await self.feishu.people.press(
            Press(message_id=shown.message.message_id, label=label, sender_id=by, copies=copies)
        )

    async def push(self, envelope: dict[str, Any]) -> int:
        """Deliver any event, sealed and signed now; the status of the answer."""
        return await self.deliver(self.feishu.envelopes.sealed(envelope))

    async def deliver(self, push: Push) -> int:
        """Deliver a signed body; the status of the answer."""
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/webhooks/feishu", data=push.body, headers=push.headers) as answer,
        ):
            return answer.status

    async def get(self, path: str) -> tuple[int, str]:
        """The status and text behind a path of the service."""
        async with ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def joins(self, chat_id: str, *, by: str = ADMIN) -> Heard:
        """Bring the bot into a group."""
        return await self.feishu.people.change_membership(Membership(chat_id=chat_id, sender_id=by))

    def shown(self) -> list[Shown]:
        """Everything the bot wrote, as it stands now."""
        return [Shown(message) for message in self.feishu.messages]

    def sent(self) -> list[SentMessage]:
        return list(self.feishu.messages)

    async def settled(self) -> None:
        """Returns once nothing is left to do, now or later."""
        await self.until_true(self._is_idle)

    async def quiet(self) -> None:
        """Returns once nothing is left to do now; what waits for its hour may go on waiting."""
        await self.until_true(self._is_quiet)

    async def _is_quiet(self) -> bool:
        async with self.app.database.read() as reader:
            left = await backlog(reader, now=self.clock.now() + timedelta(seconds=20))
        return left.waiting == left.running == 0

    async def _is_idle(self) -> bool:
        async with self.app.database.read() as reader:
            left = await backlog(reader, now=self.clock.now() + _FAR)
        return left.waiting == left.running == 0

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns once the condition holds. Raises: TimeoutError."""

        async def check() -> bool:
            return condition()

        await self.until_true(check)

    async def until_true(self, condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await condition():  # noqa: ASYNC110  the service tells nobody what it did
                await asyncio.sleep(0.01)

    async def execute(self, *statements: str) -> None:
        """Run SQL on the service's database."""
        async with self.app.database.begin() as tx:
            for statement in statements:
                await tx.execute(text(statement))

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the service's database."""
        async with self.app.database.read() as reader:
            return [tuple(row) for row in (await reader.execute(text(query))).all()]

    async def restart(self, **later: float) -> None:
        """Stop the service and start it again on the same database, ``later`` (the arguments of ``timedelta``)."""
        await self.app.stop()
        self.clock.move(**later)
        self.app = App(self.settings, (_KEY,), self.clock)
        await self.open_doors()

    async def open_doors(self) -> None:
        self.port = await self.app.start()
        self.feishu.people.webhook_url = f"{self.url}/webhooks/feishu"
        self.whatsapp.people.webhook_url = f"{self.url}/webhooks/whatsapp"


@asynccontextmanager
async def open_stage(
    database_url: str, folder: Path, clock: StoryClock, world: World, invite: bool = False, /, **settings_changed: str
) -> AsyncIterator[Stage]:
    """The service over a migrated database, with all platforms on; ``invite`` makes the team known first."""
    feishu, whatsapp, lingxing = FeishuSimulator(clock), WhatsAppSimulator(clock), LingxingSimulator(clock)
    fill_lingxing(world, lingxing)
    async with feishu, whatsapp, lingxing:
        own = {"DATABASE_URL": database_url, "ZHANGGUI_DATA_DIR": str(folder), "ZHANGGUI_PORT": "0"}
        simulators = {"feishu": feishu, "whatsapp": whatsapp, "lingxing": lingxing}
        settings = load_settings(own | Platforms(simulators=simulators).settings() | settings_changed)
        app = App(settings, (_KEY,), clock)
        stage = Stage(
            settings=settings, clock=clock, feishu=feishu, whatsapp=whatsapp, lingxing=lingxing, app=app, port=0
        )
        if invite:
            await invite_team(stage)
        await stage.open_doors()
        try:
            yield stage
        finally:
            await stage.app.stop()


async def invite_team(stage: Stage) -> None:
    """Make the demo's people known and let the bot act in their group. Alarms are silent but in stories of their own:
    something is always wrong in the sample world."""
    for (name, role, open_id), number in zip(PEOPLE, WHATSAPP_NUMBERS, strict=True):
        await stage.app.administration.add_user(name, [role], [f"feishu:{open_id}", f"whatsapp:{number}"])
    async with stage.app.database.begin() as tx:
        now = stage.clock.now()
        await set_chat_enabled(tx, "feishu", TEAM, enabled=True, by="", now=now)
        every = Silence(fingerprint="", ends_at=now + 100 * _FAR, reason="another story", person_id="", set_at=now)
        await set_silence(tx, every)


@cache
def small_world(today: date, every: int = 8) -> World:
    """Each ``every``-th offer of the demo's world: all four stores, a few SKUs each."""
    world = make_world(20261122, today, 120)
    return replace(world, offers=world.offers[::every])


def one_store(today: date) -> World:
    """The first store of ``small_world`` alone, pulled in a moment."""
    world = small_world(today)
    shop = world.shops[0]
    return replace(world, shops=(shop,), offers=tuple(offer for offer in world.offers if offer.shop == shop))


def lines_of(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)
