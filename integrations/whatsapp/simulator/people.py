"""The people of the simulated platform: what they write and choose arrives at the webhook, signed; so do statuses."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import TypeAdapter, ValidationError

from integrations.http.simulation import Answer, Asked, Route
from integrations.whatsapp.simulator.envelopes import Item, Push, Said
from integrations.whatsapp.simulator.messages import WrittenMessage

if TYPE_CHECKING:
    from integrations.whatsapp.simulator.server import WhatsAppSimulator

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_DEADLINE = ClientTimeout(total=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the webhook answered; 0 for no answer. ``message_ids`` are those of what was written."""

    status: int
    body: str
    message_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """A button or row of the message ``message_id``, by its title."""

    message_id: str
    title: str
    sender_id: str = ""
    copies: int = 1


class People:
    """Everybody who is not the business."""

    def __init__(self, simulator: "WhatsAppSimulator", webhook_url: str) -> None:
        self.webhook_url = webhook_url
        self.written: list[WrittenMessage] = []
        """The record of what they wrote and chose, in order."""
        self._simulator = simulator
        self._session: ClientSession | None = None
        self._reports: set[asyncio.Task[None]] = set()

    async def verify(self, *, token: str | None = None, challenge: str = "1158201444") -> Heard:
        """The dashboard's check of the webhook."""
        own = self._simulator.app.verify_token
        query = {"hub.mode": "subscribe", "hub.verify_token": own if token is None else token}
        async with self._opened().get(self.webhook_url, params=query | {"hub.challenge": challenge}) as answer:
            return Heard(status=answer.status, body=await answer.text())

    async def say(self, said: Said) -> Heard:
        """Write a message; the answer to its last delivery counts."""
        return await self.say_all([said], copies=said.copies)

    async def say_all(self, batch: Sequence[Said], *, copies: int = 1) -> Heard:
        """Write many messages, which arrive in one delivery."""
        envelopes, app = self._simulator.envelopes, self._simulator.app
        named = [replace(said, sender_id=said.sender_id or app.person_id) for said in batch]
        items = [envelopes.message(said) for said in named]
        self.written += [self._recorded(said, str(item["id"])) for said, item in zip(named, items, strict=True)]
        for said in named:
            self._simulator.gate.heard_from(said.user_id or said.sender_id)
            self._simulator.gate.heard_from(said.sender_id)
        name = next((said.sender_name for said in named if said.sender_name), "")
        envelope = envelopes.envelope(envelopes.change(messages=items, name=name))
        return await self._deliver(envelopes.signed(envelope), copies, [item["id"] for item in items])

    def _recorded(self, said: Said, message_id: str) -> WrittenMessage:
        content = said.content or {}
        chosen = content.get(str(content.get("type")), {})
        return WrittenMessage(
            message_id=message_id,
            person_id=said.sender_id,
            text=said.text or str(chosen.get("title", "")) or f"[{said.type}]",
            quotes=said.quotes,
            at=self._simulator.clock.now(),
        )

    async def choose(self, choice: Choose) -> Heard:
        """Tap a button or a row. Raises: LookupError if the message has no such choice."""
        message = self._simulator.messages[choice.message_id]
        is_list = message.content.get("type") == "list"
        chosen = next((each for each in message.choices if each[1] == choice.title), None)
        if chosen is None:
            raise LookupError(f"no choice {choice.title!r}")
        kind = "list_reply" if is_list else "button_reply"
        content = {"type": kind, kind: {"id": chosen[0], "title": chosen[1]}}
        sender_id = choice.sender_id or message.person_id
        said = Said(type="interactive", content=content, sender_id=sender_id, quotes=message.message_id)
        return await self.say_all([said], copies=choice.copies)

    async def push(self, *statuses: Item) -> Heard:
        """Deliver statuses as they are, in one envelope."""
        envelopes = self._simulator.envelopes
        return await self._deliver(envelopes.signed(envelopes.envelope(envelopes.change(statuses=statuses))))

    async def deliver(self, push: Push) -> Heard:
        """Deliver any request."""
        return await self._deliver(push)

    def report(self, message_id: str, statuses: Sequence[tuple[str, int]]) -> None:
        """Begin to deliver (status, error code) one after the other, as ``take_weather("status")`` wants."""
        if self.webhook_url:
            task = asyncio.create_task(self._report(message_id, list(statuses)))
            self._reports.add(task)
            task.add_done_callback(self._reports.discard)

    def control_routes(self) -> tuple[Route, ...]:
        """``say`` and ``choose`` take the fields of ``Said`` and ``Choose``."""
        return (
            Route("say", "POST", "/_control/say", self._on_say),
            Route("choose", "POST", "/_control/choose", self._on_choose),
        )

    async def close(self) -> None:
        """Hang up."""
        for task in self._reports:
            task.cancel()
        await asyncio.gather(*self._reports, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _report(self, message_id: str, statuses: list[tuple[str, int]]) -> None:
        weather = self._simulator.take_weather("status")
        await self._simulator.clock.sleep(max(weather.delay_seconds, self._simulator.status_delay_seconds))
        if weather.drop:
            return
        if weather.out_of_order:
            statuses.reverse()
        for status, code in statuses:
            for _ in range(1 + weather.duplicate):
                await self.push(self._simulator.told(message_id, status, code))

    async def _on_say(self, asked: Asked) -> Answer:
        try:
            said = TypeAdapter(Said).validate_python(asked.body)
        except ValidationError as error:
            return _misunderstood(error)
        return Answer(body=await self.say(said))

    async def _on_choose(self, asked: Asked) -> Answer:
        try:
            choice = TypeAdapter(Choose).validate_python(asked.body)
        except ValidationError as error:
            return _misunderstood(error)
        try:
            return Answer(body=await self.choose(choice))
        except LookupError as error:
            return Answer(status=404, body={"errors": [str(error)]})

    def _opened(self) -> ClientSession:
        """Raises: ValueError unless the webhook is on loopback."""
        if urlsplit(self.webhook_url).hostname not in _LOOPBACK:
            raise ValueError("the webhook_url of a simulator must be on loopback")
        if self._session is None:
            self._session = ClientSession(timeout=_DEADLINE)
        return self._session

    async def _deliver(self, push: Push, copies: int = 1, message_ids: Sequence[str] = ()) -> Heard:
        if not self.webhook_url:
            return Heard(status=0, body="", message_ids=tuple(message_ids))
        session, heard = self._opened(), Heard(status=0, body="")
        for _ in range(copies):
            heard = await self._push(session, push, tuple(message_ids))
        return heard

    async def _push(self, session: ClientSession, push: Push, message_ids: tuple[str, ...]) -> Heard:
        try:
            async with session.post(self.webhook_url, data=BytesIO(push.body), headers=push.headers) as answer:
                return Heard(status=answer.status, body=await answer.text(), message_ids=message_ids)
        except (ClientError, TimeoutError) as error:
            return Heard(status=0, body=type(error).__name__, message_ids=message_ids)


def _misunderstood(error: ValidationError) -> Answer:
    problems: list[Any] = [str(problem["loc"]) for problem in error.errors()]
    return Answer(status=400, body={"errors": problems})
