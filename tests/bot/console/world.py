"""A real console on a loopback port over a real database and inbox; only time and tokens are set by the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from aiohttp import ClientResponse, StreamReader, web
from aiohttp.test_utils import BaseTestServer, TestClient, TestServer

from bot.channels.base import Outgoing
from bot.channels.web import ChatLive, WebChannel, chat_topic
from bot.console.deps import ConsoleDeps
from bot.console.routes import routes
from bot.contracts.cards import Card, Column, Table
from bot.contracts.clock import id_source
from bot.contracts.events import Event
from bot.contracts.feature import Effect, Feature, Grant, Job, Reply, Task
from bot.contracts.pages import Page
from bot.heavy.worker import HeavyWorker
from bot.inbox import EVENT_TASK, Inbox, Press
from bot.jobs.embedded import EmbeddedEngine
from bot.metrics import Metrics
from bot.words import load_catalogue, machine_texts
from storage.database import Database, Transaction
from storage.inbox.rows import StoredEvent
from storage.inbox.store import chat_events, load_event
from storage.outbox.rows import StoredMessage
from storage.outbox.store import add_message
from storage.people.grants import give, grant_roles
from storage.people.store import add_person, person_by_id
from storage.sign_in.store import create_link

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


Client: TypeAlias = TestClient[web.Request, None]


class SetClock:
    """Time that moves only when the test says so."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


@dataclass(slots=True)
class Browser:
    """One signed-in browser."""

    client: Client
    csrf_token: str

    async def get(self, path: str) -> ClientResponse:
        return await self.client.get(path, allow_redirects=False)

    async def post(self, path: str, body: object, **headers: str) -> ClientResponse:
        return await self.client.post(path, json=body, headers={"X-CSRF-Token": self.csrf_token, **headers})

    async def submit(self, path: str, **fields: str) -> ClientResponse:
        form = {"csrf_token": self.csrf_token, **fields}
        return await self.client.post(path, data=form, allow_redirects=False)

    async def say(self, text: str, *, chat: str = "me", key: str = "key-00000001", **more: object) -> ClientResponse:
        return await self.post(f"/chat/{chat}/messages", {"key": key, "text": text, **more})

    async def press(self, token: str, *, key: str = "press-000001", **more: object) -> ClientResponse:
        body = {"key": key, "token": token, "message_id": "M1", **more}
        return await self.post("/chat/team/press", body)

    async def history(self, chat: str = "me", limit: int = 50) -> str:
        answer = await (await self.get(f"/chat/{chat}/messages?limit={limit}")).json()
        return str(answer["html"])


@dataclass(slots=True)
class World:
    """Everything around the console."""

    database: Database
    clock: SetClock
    live: ChatLive
    server: BaseTestServer
    presses: dict[str, Press]
    _open: AsyncExitStack
    _numbers: "count[int]" = field(default_factory=count)

    async def stranger(self) -> Client:
        """A browser without a session."""
        return await self._open.enter_async_context(TestClient(self.server))

    async def link(self, person_id: str = "wei", name: str = "王伟") -> str:
        """The address of a fresh sign-in link."""
        token = f"link{next(self._numbers)}"
        async with self.database.begin() as tx:
            await add_person_once(tx, person_id, name)
            await create_link(tx, person_id=person_id, token=token, now=self.clock.now())
        return f"/sign-in/{token}"

    async def browser(self, person_id: str = "wei", name: str = "王伟") -> Browser:
        """A browser in which this person is signed in."""
        client = await self.stranger()
        page = await (await client.post(await self.link(person_id, name))).text()
        return Browser(client, page.partition('name="csrf-token" content="')[2].partition('"')[0])

    async def narrow(self, person_id: str = "wei") -> None:
        """From now on the person sees one store only."""
        async with self.database.begin() as tx:
            await give(tx, Grant("viewer", store_id="101"), person_id=person_id, by="", now=NOW)

    async def answer(self, card: Card, *, chat_id: str = "team", id: str = "M1", version: int = 1) -> None:
        """Store a message as the outbox does."""
        now = self.clock.now()
        async with self.database.begin() as tx:
            await add_message(tx, stored_message(card, chat_id, id, version, now))

    async def deliver(self, card: Card, *, chat_id: str = "team", id: str = "M1", version: int = 1) -> None:
        """Hand a message to the web channel."""
        outgoing = Outgoing(id=id, version=version, chat_id=chat_id, card=card, created_at=self.clock.now())
        await WebChannel(self.live).deliver(outgoing)

    def flood(self, chat_id: str) -> None:
        """More news at once than a page can take."""
        for number in range(5):
            outgoing = Outgoing(id=f"F{number}", version=1, chat_id=chat_id, card=Card("…"), created_at=NOW)
            self.live.publish(chat_topic(chat_id), outgoing)

    async def nobody_listens(self) -> None:
        """Returns once the last page has left."""
        async with asyncio.timeout(60):
            while self.live.listeners:  # noqa: ASYNC110  a socket that ended tells nobody
                await asyncio.sleep(0.005)

    async def events(self, chat_id: str = "private:wei") -> list[StoredEvent]:
        async with self.database.read() as reader:
            return await chat_events(reader, "web", chat_id, limit=100)

    async def only_event(self, chat_id: str = "private:wei") -> Event:
        """The one event of a chat, as the router would load it."""
        (stored,) = await self.events(chat_id)
        async with self.database.read() as reader:
            event = await load_event(reader, stored.id)
        assert event is not None
        return event


async def _more_rows(line: str, *_who: object) -> Reply:
    """The whole answer to any line: the line itself, three times."""
    return Reply((Card("全部", blocks=(Table((Column("SKU"),), ((line,),) * 3, total=3),)),))


@asynccontextmanager
async def open_world(url: str, *pages: Page, **changes: Any) -> AsyncIterator[World]:
    """A console with nobody signed in and a feature's ``pages``; ``changes`` replace fields of its deps."""
    database, clock, live, presses = Database(url), SetClock(), ChatLive(room=3), dict[str, Press]()
    new_id = id_source(clock)
    engine = EmbeddedEngine(database, clock, new_id)
    engine.register([Task(name=EVENT_TASK, run=_handled)])
    await engine.start()

    async def claim(_tx: Transaction, event: Event) -> Press:
        return presses[event.action_token]

    tokens = (f"token{number}" for number in count())
    heavy = HeavyWorker(clock)
    deps = ConsoleDeps(
        database=database,
        receive=Inbox(engine, claim, Metrics()).receive,
        live=live,
        words=load_catalogue([machine_texts()], timezone=ZoneInfo("Asia/Shanghai")).words,
        clock=clock,
        new_id=new_id,
        new_token=lambda: next(tokens),
        heavy=heavy,
        whole=_more_rows,
    )
    app = web.Application()
    app.add_routes(routes(replace(deps, **changes), [Feature(name="sample", pages=pages)]))
    async with AsyncExitStack() as stack, TestServer(app) as server:
        yield World(database, clock, live, server, presses, stack)
    await heavy.close()
    await engine.stop(timedelta(seconds=5))
    await database.close()


async def next_news(stream: StreamReader) -> tuple[str, str]:
    """The next server-sent event: its name and its data."""
    name, data, _ = [(await stream.readline()).decode().rstrip("\n") for _ in range(3)]
    return name.removeprefix("event: "), data.removeprefix("data: ")


async def add_person_once(tx: Transaction, person_id: str, name: str) -> None:
    if await person_by_id(tx, person_id) is None:
        await add_person(tx, person_id=person_id, name=name, now=NOW)
        await grant_roles(tx, person_id=person_id, roles=["viewer"], by="", now=NOW)


def stored_message(card: Card, chat_id: str, id: str, version: int, now: datetime) -> StoredMessage:
    return StoredMessage(
        id=id,
        key=id,
        channel="web",
        chat_id=chat_id,
        reply_to="",
        event_id="",
        card=card,
        version=version,
        sent_version=0,
        state="queued",
        platform_id="",
        refusal="",
        error="",
        created_at=now,
        updated_at=now,
        platform_sent_at=None,
    )


async def _handled(_job: Job) -> Effect | None:
    return None
