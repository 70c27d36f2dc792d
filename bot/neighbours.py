"""News for the other processes of an installation: which topic has something new. What it is, they read from storage.

Over PostgreSQL's NOTIFY, which reaches whoever listens now and keeps nothing: after a broken connection every listener
is told to read again.
"""

import asyncio
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import orjson
import structlog
from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.clock import Clock
from bot.live import Live
from storage.database import Database

_CHANNEL = "zhanggui_news"
_NOTE_CHARACTERS = 1900  # PostgreSQL carries 8000 bytes
_PAUSE_SECONDS = 1.0

_log = structlog.get_logger("neighbours")


class Neighbours:
    """Tells other processes on which topics this one published, and this one's listeners what others did."""

    def __init__(self, database: Database, lives: Iterable[Live[Any]], clock: Clock, *, name: str) -> None:
        """``name`` is of this process alone."""
        self._database = database
        self._lives = tuple(lives)
        self._clock = clock
        self._name = name
        self._untold: dict[str, None] = {}
        self._something = asyncio.Event()
        for live in self._lives:
            live.on_publish = self._remember

    async def talk(self) -> None:
        """Pass news on both ways; never returns, and begins again when the connection breaks."""
        while True:
            try:
                async with self._database.session() as connection:
                    await self._talk_over(connection)
            except (OSError, InterfaceError, PostgresError, SQLAlchemyError) as error:
                _log.warning("news_interrupted", error=type(error).__name__)
            await self._clock.sleep(_PAUSE_SECONDS)

    async def _talk_over(self, connection: Any) -> None:
        connection.add_termination_listener(lambda _connection: self._something.set())
        await connection.add_listener(_CHANNEL, lambda _connection, _process, _channel, note: self._hear(note))
        self._miss_everything()  # what was said before we listened
        while not connection.is_closed():
            await self._something.wait()
            self._something.clear()
            await self._tell(connection)

    async def _tell(self, connection: Any) -> None:
        while topics := self._some_topics():
            note = orjson.dumps([self._name, *topics]).decode()
            await connection.execute("SELECT pg_notify($1, $2)", _CHANNEL, note)
            for topic in topics:
                self._untold.pop(topic, None)

    def _some_topics(self) -> list[str]:
        """As many as one note carries; topics are chats and events, whose ids are far shorter."""
        lengths = accumulate(len(topic) + 3 for topic in self._untold)
        return [topic for topic, length in zip(self._untold, lengths, strict=True) if length <= _NOTE_CHARACTERS]

    def _remember(self, topic: str) -> None:
        self._untold[topic] = None
        self._something.set()

    def _hear(self, note: str) -> None:
        name, *topics = orjson.loads(note)
        if name == self._name:
            return
        for live in self._lives:
            for topic in topics:
                live.miss(topic)

    def _miss_everything(self) -> None:
        for live in self._lives:
            live.miss_everything()
