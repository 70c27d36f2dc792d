"""The operator's door: a socket in the data directory, for the people who own the process.

One JSON object per line each way. ``{"do": "say", "as": NAME, "text": LINE}`` and ``{"do": "press", …, "token": T}``
answer with ``{"card": …}`` for every version and end with ``{"outcome": …}``; every other ``do`` is an act of
``bot.administration`` and answers with one ``{"result": …}`` or ``{"error": …}``.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import structlog

from bot.administration import Administration
from bot.channels.base import Handed, Outgoing
from bot.contracts.card_json import card_to_json
from bot.contracts.cards import Card
from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import AssistantError, ConfigError, SettingProblem
from bot.contracts.events import Event
from bot.contracts.feature import Person, Words
from bot.inbox import Receive
from bot.live import Live, Signal
from bot.presses import notice
from storage.database import Database
from storage.inbox.store import find_event
from storage.outbox.store import messages_for_event

SOCKET_NAME = "control.sock"
ANSWER_SECONDS = 60
_LONGEST_PATH = 100  # the system allows 107 bytes
_LONGEST_LINE = 16 * 1024 * 1024  # a file of card keys

_log = structlog.get_logger("control")

TerminalLive = Live[Outgoing]


class TerminalChannel:
    """Delivers to the terminal that waits for the answer; nobody waiting is no failure."""

    name = "terminal"

    def __init__(self, live: TerminalLive) -> None:
        self._live = live

    async def deliver(self, outgoing: Outgoing) -> Handed:
        self._live.publish(outgoing.event_id, outgoing)
        return Handed(platform_id=outgoing.id, state="delivered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Conversations of local users: what they type goes the same way as any chat message."""

    database: Database
    receive: Receive
    live: TerminalLive
    administration: Administration
    clock: Clock
    new_id: NewId
    words: Words

    async def say(self, text: str, name: str = "") -> AsyncIterator[dict[str, Any]]:
        """Run one line as ``name`` (the first administrator if empty). Raises: NotFoundError for nobody."""
        event = self._event(await self.administration.find_person(name))
        async for answer in self._follow(replace(event, text=text)):
            yield answer

    async def press(self, token: str, name: str = "") -> AsyncIterator[dict[str, Any]]:
        """Press a button as ``name``."""
        event = self._event(await self.administration.find_person(name))
        async for answer in self._follow(replace(event, kind="action", action_token=token)):
            yield answer

    async def _follow(self, event: Event) -> AsyncIterator[dict[str, Any]]:
        with self.live.listen(event.id) as answers:
            receipt = await self.receive(event)
            if receipt.press is not None and receipt.press.outcome != "accepted":
                yield {"outcome": "refused", "notice": notice(receipt.press, self.words)}
                return
            outcome = "timeout"
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    while outcome == "timeout":
                        answer = await answers.get()
                        if answer is Signal.CLOSED:
                            break
                        for card in await self._cards(event.id) if isinstance(answer, Signal) else [answer.card]:
                            yield {"card": card_to_json(card)}
                            if card.tone != "working":
                                outcome = await self._outcome(event.id)
        yield {"outcome": outcome, "event": event.id}

    async def _cards(self, event_id: str) -> list[Card]:
        """What another process delivered."""
        async with self.database.read() as reader:
            stored = await messages_for_event(reader, event_id)
        return [message.card for message in stored if message.state == "delivered"]

    async def _outcome(self, event_id: str) -> str:
        async with self.database.read() as reader:
            stored = await find_event(reader, event_id)
        return stored.outcome if stored else "failed"

    def _event(self, person: Person) -> Event:
        now, event_id = self.clock.now(), self.new_id()
        return Event(
            id=event_id,
            channel="terminal",
            keys=(event_id,),
            kind="message",
            received_at=now,
            written_at=now,
            chat_id=f"terminal:{person.id}",
            sender_id=person.id,
            sender_name=person.name,
        )


class ControlServer:
    """Serves the socket; only the process's own user may connect (mode 600)."""

    def __init__(self, folder: Path, terminal: Terminal, administration: Administration) -> None:
        self._path = folder / SOCKET_NAME
        self._terminal = terminal
        self._administration = administration
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises: ConfigError if the data directory's path is too long for a socket."""
        if len(str(self._path.resolve()).encode()) > _LONGEST_PATH:
            problem = SettingProblem("ZHANGGUI_DATA_DIR", "is too long for a socket in it", "/var/lib/zhanggui")
            raise ConfigError([problem])
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path.resolve(), limit=_LONGEST_LINE)
        self._path.chmod(0o600)

    async def stop(self) -> None:
        """Close and remove the socket."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                async for answer in self._answers(orjson.loads(line)):
                    writer.write(orjson.dumps(answer) + b"\n")
                    await writer.drain()
        except (ConnectionError, ValueError) as error:
            _log.debug("control_connection_ended", error=type(error).__name__)
        finally:
            writer.close()

    async def _answers(self, asked: Any) -> AsyncIterator[dict[str, Any]]:
        try:
            match asked:
                case {"do": "say", "text": str(text)}:
                    answers = self._terminal.say(text, str(asked.get("as", "")))
                case {"do": "press", "token": str(token)}:
                    answers = self._terminal.press(token, str(asked.get("as", "")))
                case _:
                    yield {"result": await self._administration.act(asked)}
                    return
            async for answer in answers:
                yield answer
        except AssistantError as error:
            yield {"error": {"code": error.code, "detail": str(error)}}
