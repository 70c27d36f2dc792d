"""A service between simulated platforms that outlive it, and people who write until they are heard."""

from asyncio import gather
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlalchemy import text

from bot.administration import Administration
from bot.cli.platforms import Platforms
from bot.contracts.clock import SystemClock, id_source
from bot.jobs.choice import Role
from integrations.feishu.simulator import FeishuSimulator, Pressed, Said, SentMessage
from integrations.http.simulation import Answer, Asked, Simulator
from integrations.lingxing.simulator import LingxingSimulator
from storage.database import Database
from storage.people.store import set_chat_enabled
from tests.faults.quiet import is_quiet
from tests.faults.service import Service, free_port
from tests.integrations.lingxing.builders import a_product, a_seller, a_stock, a_suggestion, sales
from tests.waiting import until, until_true

ADMIN = "ou_faults_admin"
GROUP = "oc_faults_team"
_CLOCK = SystemClock()
_PATIENCE = ClientTimeout(total=5)
PERSISTENCE_SECONDS = 600
"""How long a delivery is repeated; platforms do so for hours. On a busy machine a life is over before much is taken."""
SECRET_KEY = urlsafe_b64encode(b"one key for all processes 456789").decode()
_WORKING = "wathet"
"""The header colour of a card that will be replaced."""


class Watched(FeishuSimulator):
    """Feishu, telling also what has arrived and is not answered yet."""

    def __init__(self, *, prefix: str) -> None:
        super().__init__(_CLOCK, prefix=prefix)
        self.arrived: Counter[str] = Counter()

    def begin(self, asked: Asked) -> Answer | None:
        self.arrived[asked.operation] += 1
        return super().begin(asked)


@dataclass(slots=True)
class Town:
    """The service in one process or more, its platforms, and the record of what it sent.

    ``doors`` are the addresses that take deliveries, used in turn.
    """

    services: Sequence[Service]
    doors: Iterator[str]
    feishu: Watched
    lingxing: LingxingSimulator
    database_url: str
    _session: ClientSession

    @property
    def service(self) -> Service:
        """The only process, or the first one."""
        return self.services[0]

    def envelope(self, words: str, chat: str = "oc_private", **how: Any) -> dict[str, Any]:
        """What somebody writes, before it is sealed; ``how`` are further fields of ``Said``."""
        return self.feishu.envelopes.message(Said(text=words, chat_id=chat, sender_id=ADMIN, **how))

    async def deliver(self, envelope: dict[str, Any]) -> int:
        """Deliver an event, sealed and signed now; the status, or 0 if there was no answer."""
        push = self.feishu.envelopes.sealed(envelope)
        return await self.post("/webhooks/feishu", push.body, push.headers)

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post to the next door; the status, or 0 if there was no answer."""
        try:
            async with self._session.post(f"{next(self.doors)}{path}", data=body, headers=headers) as answer:
                return answer.status
        except (ClientError, TimeoutError):
            return 0

    async def deliver_until_taken(self, envelope: dict[str, Any]) -> None:
        """As the platform does, but with less patience: again and again until it is answered 200."""

        async def taken() -> bool:
            return await self.deliver(envelope) == 200

        await until_true(taken, seconds=PERSISTENCE_SECONDS, pause=0.05)

    async def say(self, words: str, chat: str = "oc_private", **how: Any) -> str:
        """Write until it is taken; the id of the message."""
        envelope = self.envelope(words, chat, **how)
        await self.deliver_until_taken(envelope)
        return message_id(envelope)

    def press(self, message: SentMessage, label: str) -> dict[str, Any]:
        """The press of a card's button, before it is sealed."""
        value = next(found for found in _values(orjson.loads(message.current), label))
        pressed = Pressed(message_id=message.message_id, chat_id=message.chat_id, sender_id=ADMIN, value=value)
        return self.feishu.envelopes.press(pressed)

    def replies(self, to: str) -> list[SentMessage]:
        """The messages that quote ``to``, each counted once however often it was edited."""
        return [message for message in self.feishu.messages if message.parent_id == to]

    async def answered(self, to: str) -> SentMessage:
        """Wait for the answer in its final form."""
        await until(lambda: any(not is_working(message) for message in self.replies(to)), seconds=30)
        return self.replies(to)[0]

    async def is_quiet(self) -> bool:
        """Nothing is left to do, now or in the next minutes."""
        async with self._reading() as reader:
            return await is_quiet(reader, _CLOCK.now())

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the service's database."""
        async with self._reading() as reader:
            return [tuple(row) for row in (await reader.execute(text(query))).all()]

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Any]:
        database = Database(self.database_url)
        async with database.read() as reader:
            yield reader
        await database.close()


def message_id(envelope: dict[str, Any]) -> str:
    """The id under which a message's answer quotes it."""
    return str(envelope["event"]["message"]["message_id"])


def is_working(message: SentMessage) -> bool:
    """True for a card that says it will be replaced."""
    content = orjson.loads(message.current)
    return bool(content.get("header", {}).get("template") == _WORKING)


def _values(element: Any, label: str) -> list[dict[str, Any]]:
    """What the buttons with this label send, however deep they are."""
    if isinstance(element, list):
        return [value for each in element for value in _values(each, label)]
    if not isinstance(element, dict):
        return []
    if element.get("tag") == "button" and element["text"]["content"] == label:
        return [each["value"] for each in element["behaviors"] if each["type"] == "callback"]
    return [value for each in element.values() for value in _values(each, label)]


@asynccontextmanager
async def open_town(
    folder: Path,
    database_url: str,
    *,
    prefix: str = "town",
    also: Mapping[str, Simulator] | None = None,
    roles: Sequence[Role] = ("all",),
    before: Callable[[Sequence[str]], AbstractContextManager[str]] | None = None,
    **more: str,
) -> AsyncIterator[Town]:
    """Both platforms running, an administrator known, the service ready to be started on a migrated database.

    ``also`` are further running platforms by name, ``roles`` what each process does; ``before`` puts something between
    them and who delivers: it is given the addresses of those that listen and yields its own. ``more`` are settings.
    """
    feishu, lingxing = Watched(prefix=prefix), LingxingSimulator(_CLOCK)
    stock_up(lingxing)
    async with feishu, lingxing, ClientSession(timeout=_PATIENCE) as session:
        platforms = Platforms(simulators={"feishu": feishu, "lingxing": lingxing, **(also or {})})
        settings = {"DATABASE_URL": database_url, "LOG_LEVEL": "WARNING", "ZHANGGUI_SECRET_KEY": SECRET_KEY}
        services = _processes(folder, settings | platforms.settings() | more, roles)
        doors = [service.url for service in services if service.is_listening]
        await _settle_in(database_url)
        with ExitStack() as stack:
            if before is not None:
                doors = [stack.enter_context(before(doors))]
            try:
                yield Town(services, cycle(doors), feishu, lingxing, database_url, session)
            finally:
                await gather(*(service.kill() for service in services))


def _processes(folder: Path, settings: Mapping[str, str], roles: Sequence[Role]) -> list[Service]:
    """One process for each role, each in a folder of its own unless it is the only one."""
    if len(roles) == 1:
        return [Service(folder, free_port(), settings, roles[0])]
    folders = [folder / f"{role}{number}" for number, role in enumerate(roles, 1)]
    for each in folders:
        each.mkdir()
    return [Service(each, free_port(), settings, role) for each, role in zip(folders, roles, strict=True)]


def stock_up(lingxing: LingxingSimulator) -> None:
    """Two stores that are pulled within a second."""
    for sid, name in ((136, "晨星-US"), (139, "晨星-CA")):
        lingxing.add_seller(a_seller(sid, name))
        for number in range(1, 6):
            lingxing.add_stock(a_stock(number, sid=sid))
            lingxing.add_suggestion(a_suggestion(number, sid=sid, purchase_units=number))
        lingxing.add_sales(sid, sales(_CLOCK.now().date() - timedelta(days=40), 40, listings=2))
    lingxing.add_product(a_product(1))


async def _settle_in(database_url: str) -> None:
    database = Database(database_url)
    new_id = id_source(_CLOCK)
    administration = Administration(database=database, clock=_CLOCK, new_id=new_id, random_below=lambda n: 0)
    added = await administration.add_user("林掌柜", ["admin"], [f"feishu:{ADMIN}"])
    async with database.begin() as tx:
        await set_chat_enabled(tx, "feishu", GROUP, enabled=True, by=added["id"], now=_CLOCK.now())
    await database.close()


def chats(count: int) -> Sequence[str]:
    """Private chats of the administrator."""
    return [f"oc_private_{number}" for number in range(count)]
