"""Command lines run for somebody who is not there: the same check as a typed one, at the moment they run."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

from bot.commands import Call, CommandBook, read_arguments
from bot.contracts.cards import Card
from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import (
    AssistantError,
    NotAllowedError,
    NotFoundError,
    StaleDataError,
    UpstreamUnavailable,
    UserInputError,
)
from bot.contracts.events import ChatKind
from bot.contracts.feature import Asking, Command, Person, Reply, Words
from bot.contracts.standing import Carried, Outcome, StandingOrder
from bot.explain import explain
from bot.metrics import Metrics
from bot.reading import check_allowed
from bot.words import Catalogue
from storage.database import Database, Reader, Transaction
from storage.people.acts import record_act
from storage.people.rows import Act, KnownChat
from storage.people.store import find_chat, find_person


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """An order with what is known now of its person (without id if they are gone) and its chat."""

    order: StandingOrder
    person: Person
    chat: KnownChat
    words: Words
    call: Call | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Checks and runs standing orders; only commands that read can be one. ``book`` is asked for when it is needed."""

    database: Database
    book: Callable[[], CommandBook]
    catalogue: Catalogue
    clock: Clock
    new_id: NewId
    language: str
    metrics: Metrics

    async def check(self, line: str, asking: Asking) -> str:
        """``line`` in its canonical form, once ``asking`` may run it and it was tried.

        Raises: NotFoundError for no command, with lines that may have been meant; UserInputError; NotAllowedError;
        whatever else the command raises for this person here, but for data that are old just now.
        """
        book = self.book()
        call = book.find(line)
        if call is None:
            nearest = book.suggest(line, asking.commands, asking.words.language)
            raise NotFoundError(code="standing_unknown", values={"line": line[:60]}, nearest=nearest)
        name = call.command.names[0 if asking.words.language == "zh" else 1]
        if call.command.risk != "read":
            raise UserInputError(code="standing_changes", values={"name": name})
        check_allowed(call.command, asking.person, asking.chat_kind)
        if await self._would_write(call, asking):
            raise UserInputError(code="standing_changes", values={"name": name})
        return " ".join((name, *call.words))

    async def _would_write(self, call: Call, asking: Asking) -> bool:
        try:
            reply: Reply = await call.command.run(_arguments(call, asking.words), asking)
        except StaleDataError:
            return False
        return bool(reply.effects)

    async def run(self, order: StandingOrder) -> Carried:
        """The answer of this moment. Raises: UpstreamUnavailable; whatever is no ``AssistantError``."""
        async with self.database.read() as reader:
            scene = await self._scene(reader, order)
        started = perf_counter()
        carried = await self._carry(scene)
        if scene.call is not None:
            timing = self.metrics.commands.labels(scene.call.command.key, carried.outcome)
            timing.observe(perf_counter() - started)
        return carried

    async def failed(self, reader: Reader, order: StandingOrder, error: BaseException) -> Carried:
        """What to say of an order that could not be run at all."""
        scene = await self._scene(reader, order)
        return self._carried(scene, "failed", (explain(error, words=scene.words, reference=order.key),))

    async def _scene(self, reader: Reader, order: StandingOrder) -> _Scene:
        person, language = await find_person(reader, order.channel, order.sender_id)
        if person.id != order.person_id:
            person, language = Person(), ""
        chat = await find_chat(reader, order.channel, order.chat_id)
        chosen = (chat.language if order.chat_kind == "group" else language) or self.language
        now = self.clock.now()
        return _Scene(
            order=order,
            person=person.here(order.channel, order.chat_id, now),
            chat=chat,
            words=self.catalogue.words(chosen),
            call=self.book().find(order.line),
            now=now,
        )

    async def _carry(self, scene: _Scene) -> Carried:
        if scene.order.chat_kind == "group" and not scene.chat.enabled:
            return self._carried(scene, "not_enabled")
        try:
            reply = await self._reply(scene)
        except UpstreamUnavailable:
            raise
        except NotAllowedError as error:
            return self._carried(scene, "not_allowed", reason=error.code)
        except AssistantError as error:
            card = explain(error, words=scene.words, reference=scene.order.key)
            return self._carried(scene, "refused", (card,), reason=error.code)
        return self._carried(scene, "answered", reply.cards)

    async def _reply(self, scene: _Scene) -> Reply:
        call, person, order = scene.call, scene.person, scene.order
        if call is None or call.command.risk != "read":
            raise NotFoundError(code="standing_unknown", values={"line": order.line})
        if not person.id:
            raise NotAllowedError(detail="nobody is known by this id any more")
        check_allowed(call.command, person, order.chat_kind)
        asking = Asking(
            person=person,
            channel=order.channel,
            chat_id=order.chat_id,
            chat_kind=order.chat_kind,
            chat_enabled=True,
            sender_id=order.sender_id,
            sender_name=person.name,
            event_id=order.key,
            now=scene.now,
            written_at=scene.now,
            received_at=scene.now,
            words=scene.words,
            reply_key=order.key,
            commands=tuple(each for each in self.book().commands if _may_run(each, person, order.chat_kind)),
        )
        return await call.command.run(_arguments(call, scene.words), asking)

    def _carried(self, scene: _Scene, outcome: Outcome, cards: tuple[Card, ...] = (), *, reason: str = "") -> Carried:
        language = scene.words.language

        async def record(tx: Transaction) -> None:
            await record_act(tx, self._act(scene, outcome, reason))

        return Carried(
            outcome=outcome,
            language=language,
            record=record,
            cards=tuple(replace(card, language=language, reader_id=scene.person.id) for card in cards),
            name=scene.person.name,
        )

    def _act(self, scene: _Scene, outcome: Outcome, reason: str) -> Act:
        order, call = scene.order, scene.call
        return Act(
            id=self.new_id(),
            at=self.clock.now(),
            person_id=order.person_id,
            channel=order.channel,
            chat_id=order.chat_id,
            sender_id=order.sender_id,
            event_id="",
            command=call.command.key if call else "",
            arguments=" ".join(call.words) if call else order.line,
            outcome="refused" if outcome in ("not_allowed", "not_enabled") else outcome,
            reason=reason,
        )


def _may_run(command: Command, person: Person, chat_kind: ChatKind) -> bool:
    with suppress(NotAllowedError):
        check_allowed(command, person, chat_kind)
        return True
    return False


def _arguments(call: Call, words: Words) -> object:
    try:
        return read_arguments(call)
    except UserInputError as error:
        values = dict(error.values)
        if "parameter" in values:
            values["parameter"] = words(f"command.{call.command.key}.parameter.{values['parameter']}")
        raise UserInputError(code=error.code, values=values) from error
