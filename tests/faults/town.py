"""A service between simulated platforms that outlive it, and people who write until they are heard."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlalchemy import text

from bot.administration import Administration
from bot.cli.platforms import Platforms
from bot.contracts.clock import SystemClock, id_source
from integrations.feishu.simulator import FeishuSimulator, Pressed, Said, SentMessage
from integrations.http.simulation import Answer, Asked, Simulator
from integrations.lingxing.simulator import LingxingSimulator
from storage.database import Database
from storage.jobs.store import backlog
from storage.people.store import set_chat_enabled
from tests.faults.service import Service, free_port
from tests.integrations.lingxing.builders import a_product, a_seller, a_stock, a_suggestion, sales
from tests.waiting import until, until_true

ADMIN = "ou_faults_admin"
GROUP = "oc_faults_team"
_CLOCK = SystemClock()
_PATIENCE = ClientTimeout(total=5)
_HORIZON = timedelta(minutes=30)
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
    """The service, its platforms, and the record of what it sent."""

    service: Service
    feishu: Watched
    lingxing: LingxingSimulator
    database_url: str
    _session: ClientSession

    def envelope(self, words: str, chat: str = "oc_private", **how: Any) -> dict[str, Any]:
        """What somebody writes, before it is sealed; ``how`` are further fields of ``Said``."""
        return self.feishu.envelopes.message(Said(text=words, chat_id=chat, sender_id=ADMIN, **how))

    async def deliver(self, envelope: dict[str, Any]) -> int:
        """Deliver an event, sealed and signed now; the status, or 0 if there was no answer."""
        push = self.feishu.envelopes.sealed(envelope)
        try:
            async with self._session.post(
                f"{self.service.url}/webhooks/feishu", data=push.body, headers=push.headers
            ) as answer:
                return answer.status
        except (ClientError, TimeoutError):
            return 0

    async def deliver_until_taken(self, envelope: dict[str, Any]) -> None:
        """As the platform does, but with less patience: again and again until it is answered 200."""

        async def taken() -> bool:
            return await self.deliver(envelope) == 200

        await until_true(taken, seconds=120, pause=0.05)

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
            left = await backlog(reader, now=_CLOCK.now() + _HORIZON)
        return not left.waiting and not left.running

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
    folder: Path, database_url: str, *, prefix: str = "town", also: Mapping[str, Simulator] | None = None
) -> AsyncIterator[Town]:
    """Both platforms running, an administrator known, the service ready to be started on a migrated database.

    ``also`` are further running platforms by name.
    """
    feishu, lingxing = Watched(prefix=prefix), LingxingSimulator(_CLOCK)
    stock_up(lingxing)
    async with feishu, lingxing, ClientSession(timeout=_PATIENCE) as session:
        port = free_port()
        own = {
            "ZHANGGUI_DATA_DIR": str(folder),
            "ZHANGGUI_PORT": str(port),
            "DATABASE_URL": database_url,
            "LOG_LEVEL": "WARNING",
        }
        platforms = Platforms(simulators={"feishu": feishu, "lingxing": lingxing, **(also or {})})
        service = Service(folder, port, own | platforms.settings())
        await _settle_in(database_url)
        yield Town(service, feishu, lingxing, database_url, session)
        await service.kill()


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
