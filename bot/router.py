"""From an event to its answer: who is it, may they, which command, which arguments; then one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter

import structlog

from bot.commands import Call, CommandBook, read_arguments
from bot.contracts.cards import Action, Card, Note, Text, plain
from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import AssistantError, UpstreamUnavailable, UserInputError
from bot.contracts.events import Event
from bot.contracts.feature import Asking, Command, Effect, Job, Person, Reply, Task, Words, usage
from bot.contracts.messages import Message, Target
from bot.contracts.retry import RetryPolicy
from bot.explain import explain
from bot.inbox import EVENT_TASK
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.reading import check_allowed
from bot.words import Catalogue
from storage.database import Database, Reader, Transaction
from storage.inbox import store as inbox
from storage.outbox import store as outbox_store
from storage.outbox.rows import StoredAction
from storage.people import store as people
from storage.people.acts import record_act
from storage.people.rows import Act, KnownChat

_RETRY = RetryPolicy(tries=3, first=timedelta(milliseconds=500), longest=timedelta(seconds=2))
_AT_ONCE = 64
_TOO_OLD_FOR_CHANGES = timedelta(minutes=10)
_EDIT_PAUSE = timedelta(milliseconds=600)  # chat clients revert a card that is edited sooner after a press

_log = structlog.get_logger("router")

_NOTHING = Reply()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """An event with everything known about its sender and its chat."""

    event: Event
    person: Person
    chat: KnownChat
    words: Words
    line: str
    action: StoredAction | None = None

    @property
    def stranger(self) -> str:
        """The sender's id if nobody knows them."""
        return "" if self.person.id else self.event.sender_id

    @property
    def may_act_here(self) -> bool:
        return self.event.chat_kind == "private" or self.chat.enabled


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What is to be written for an event. Of answers with the same ``daily`` name one is given a day.

    ``reason`` is the code of the error that a refused command ended with.
    """

    outcome: str
    reply: Reply = _NOTHING
    command: Command | None = None
    arguments: str = ""
    daily: str = ""
    reason: str = ""


class Router:
    """Turns stored events into replies."""

    def __init__(
        self,
        database: Database,
        book: CommandBook,
        catalogue: Catalogue,
        outbox: Outbox,
        *,
        clock: Clock,
        new_id: NewId,
        language: str,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._book = book
        self._catalogue = catalogue
        self._outbox = outbox
        self._clock = clock
        self._new_id = new_id
        self._language = language
        self._metrics = metrics

    def task(self) -> Task:
        """The job that handles one event."""
        return Task(
            name=EVENT_TASK,
            run=self._handle,
            retry=_RETRY,
            at_once=_AT_ONCE,
            holds_lane="always",
            on_giving_up=self._give_up,
        )

    async def _handle(self, job: Job) -> Effect | None:
        async with self._database.glance() as reader:
            event = await inbox.load_event(reader, str(job.payload["event"]))
            if event is None:
                return None
            if not await self._concerns_us(reader, event):
                return self._ignored(event)
            scene = await self._scene(reader, event)
        started = perf_counter()
        answer = await self._answer(scene)
        if answer.command is not None:
            seconds = perf_counter() - started
            self._metrics.commands.labels(answer.command.key, answer.outcome).observe(seconds)
        if answer.outcome == "ignored":
            return self._ignored(event)

        async def write(tx: Transaction) -> None:
            await self._write(tx, scene, answer)

        return write

    async def _concerns_us(self, reader: Reader, event: Event) -> bool:
        """In groups only what mentions the bot or answers one of its messages."""
        if event.addressed or event.kind != "message":
            return True
        return await outbox_store.is_ours(reader, event.channel, event.chat_id, event.parent_id)

    def _ignored(self, event: Event) -> Effect:
        async def record(tx: Transaction) -> None:
            await inbox.record_outcome(tx, event.id, outcome="ignored", command="", handled_at=self._clock.now())

        return record

    async def _scene(self, reader: Reader, event: Event) -> _Scene:
        person, language = await people.find_person(reader, event.channel, event.sender_id)
        chat = await people.find_chat(reader, event.channel, event.chat_id)
        if event.kind == "action" and event.chat_kind == "private":  # a press does not tell
            kind = "group" if chat.enabled else await inbox.kind_of_chat(reader, event.channel, event.chat_id)
            event = replace(event, chat_kind=kind)
        chosen = (chat.language if event.chat_kind == "group" else language) or self._language
        action = await outbox_store.find_action(reader, event.action_token) if event.action_token else None
        return _Scene(
            event=event,
            person=person.here(event.channel, event.chat_id, self._clock.now()),
            chat=chat,
            words=self._catalogue.words(chosen),
            line=action.command if action else event.text,
            action=action,
        )

    async def _answer(self, scene: _Scene) -> _Answer:
        event, words = scene.event, scene.words
        if event.kind == "removed":
            return _Answer(outcome="stored")
        if event.kind in ("joined", "entered"):
            daily = f"entered:{event.sender_id}" if event.kind == "entered" else scene.stranger
            return _Answer(outcome="answered", reply=Reply((self._greeting(scene),)), daily=daily)
        call = self._book.find(scene.line)
        if not scene.may_act_here and not (call is not None and call.command.where == "group"):
            reply = Reply((Card(words("router.not_enabled"), "warning", language=words.language),))
            return _Answer(outcome="refused", reply=reply if scene.person.id else Reply())
        if call is None and not event.addressed:
            return _Answer(outcome="ignored")  # people talking about a card
        if call is None or (not scene.person.id and call.command.role is not None):
            reply = Reply((self._not_understood(scene, call),))
            if call is None:
                return _Answer(outcome="not_understood", reply=reply, daily=scene.stranger)
            told = _Answer(outcome="refused", reply=reply, command=call.command, arguments=_given(call, scene))
            return replace(told, daily=scene.stranger, reason="unknown_sender")
        return await self._run(scene, call)

    async def _run(self, scene: _Scene, call: Call) -> _Answer:
        command, words = call.command, scene.words
        arguments, reason = _given(call, scene), ""
        too_old = scene.event.received_at - scene.event.written_at > _TOO_OLD_FOR_CHANGES
        if command.risk != "read" and too_old and scene.action is None:
            return _Answer(outcome="too_old", reply=Reply((_run_it_now(scene),)), command=command)
        daily = scene.stranger if command.risk == "read" else ""
        try:
            check_allowed(command, scene.person, scene.event.chat_kind)
            reply = await command.run(self._arguments(call, scene), self._asking(scene))
            outcome = "answered"
        except UpstreamUnavailable:
            raise
        except AssistantError as error:
            _log.info("command_refused", command=command.key, code=error.code, event_id=scene.event.id)
            reply, outcome, reason = Reply((self._explain(error, scene, command),)), "refused", error.code
            daily = scene.stranger if isinstance(error, UserInputError) else daily
        language = words.language
        reply = replace(reply, cards=tuple(replace(card, language=language) for card in reply.cards))
        return _Answer(outcome=outcome, reply=reply, command=command, arguments=arguments, daily=daily, reason=reason)

    def _arguments(self, call: Call, scene: _Scene) -> object:
        try:
            return read_arguments(call, {name: text for name, text in scene.event.form.items() if text.strip()})
        except UserInputError as error:
            values = dict(error.values)
            if "parameter" in values:
                values["parameter"] = scene.words(f"command.{call.command.key}.parameter.{values['parameter']}")
            raise UserInputError(code=error.code, values=values) from error

    def _asking(self, scene: _Scene) -> Asking:
        event = scene.event
        return Asking(
            person=scene.person,
            channel=event.channel,
            chat_id=event.chat_id,
            chat_kind=event.chat_kind,
            chat_enabled=scene.may_act_here,
            sender_id=event.sender_id,
            sender_name=event.sender_name,
            event_id=event.id,
            now=self._clock.now(),
            written_at=event.written_at,
            received_at=event.received_at,
            words=scene.words,
            reply_key=reply_key(event.id, 0),
            commands=self._allowed(scene),
        )

    def _allowed(self, scene: _Scene) -> tuple[Command, ...]:
        return tuple(
            command
            for command in self._book.commands
            if scene.person.has(command.role) and command.where in ("anywhere", scene.event.chat_kind)
        )

    def _greeting(self, scene: _Scene) -> Card:
        words = scene.words
        group = scene.event.chat_kind == "group"
        text = words("router.greeting_group" if group else "router.greeting_private")
        actions = (Action(words("router.help"), "帮助"),)
        return Card(words("router.greeting"), "info", (Text(text),), actions, language=words.language)

    def _not_understood(self, scene: _Scene, call: Call | None) -> Card:
        words = scene.words
        if not scene.person.id:
            return Card(
                words("router.stranger_title"), "warning", (Text(words("router.stranger")),), language=words.language
            )
        lines = self._book.suggest(scene.line, self._allowed(scene), words.language) if call is None else []
        said = plain(scene.line.strip()[:60])
        heard = "did_you_mean" if lines else "not_understood" if said else "only_words"
        text = words(f"router.{heard}", text=said)
        actions = tuple(Action(line, line) for line in lines) or (Action(words("router.help"), "帮助"),)
        return Card(words("router.not_understood_title"), "warning", (Text(text),), actions, language=words.language)

    def _explain(self, error: BaseException, scene: _Scene, command: Command | None) -> Card:
        words = scene.words
        if command is None:
            return explain(error, words=words, reference=scene.event.id)
        return explain(
            error,
            words=words,
            reference=scene.event.id,
            usage=usage(command, words),
            example=words(f"command.{command.key}.example"),
        )

    async def _write(self, tx: Transaction, scene: _Scene, answer: _Answer) -> None:
        """The one transaction: effects, messages, audit and the event's end."""
        event, now = scene.event, self._clock.now()
        try:
            if answer.reply.effects:
                async with tx.savepoint():
                    for effect in answer.reply.effects:
                        await effect(tx)
        except UpstreamUnavailable:
            raise
        except AssistantError as error:
            card = self._explain(error, scene, answer.command)
            answer = replace(answer, outcome="refused", reply=Reply((card,)), reason=error.code)
        silent = answer.daily and not await people.may_answer_stranger(
            tx, channel=event.channel, external_id=answer.daily, now=now
        )
        if not silent:
            await self._send(tx, scene, answer.reply.cards)
        if scene.action is not None and scene.action.once:
            await self._settle_buttons(tx, scene, scene.action, answer, now)
        name = answer.command.key if answer.command else ""
        await inbox.record_outcome(tx, event.id, outcome=answer.outcome, command=name, handled_at=now)
        if answer.command is not None:
            await record_act(tx, self._act(scene, answer, now))

    async def _send(self, tx: Transaction, scene: _Scene, cards: tuple[Card, ...]) -> None:
        event = scene.event
        target = Target(channel=event.channel, chat_id=event.chat_id, reply_to=event.message_id)
        for number, card in enumerate(cards):
            message = Message(key=reply_key(event.id, number), card=card, to=target)
            await self._outbox.send(tx, message, event_id=event.id, asker_id=event.sender_id)

    async def _settle_buttons(
        self, tx: Transaction, scene: _Scene, action: StoredAction, answer: _Answer, now: datetime
    ) -> None:
        """The card whose button was pressed loses its buttons and says who pressed; a refused press leaves them."""
        if answer.outcome == "refused":
            await outbox_store.release_action(tx, action.token)
            return
        message = await outbox_store.load_message(tx, action.message_id)
        if message is None or outbox_store.content_hash(message.card) != action.content_hash:
            return
        who = scene.person.name or scene.event.sender_name
        note = Note(scene.words("router.pressed", name=who, label=action.label, at=scene.words.moment(now)))
        bare = message.card.without_actions()
        card = replace(bare, blocks=(*bare.blocks, note))
        await self._outbox.send(tx, Message(key=message.key, card=card), not_before=now + _EDIT_PAUSE)

    def _act(self, scene: _Scene, answer: _Answer, now: datetime) -> Act:
        event = scene.event
        return Act(
            id=self._new_id(),
            at=now,
            person_id=scene.person.id,
            channel=event.channel,
            chat_id=event.chat_id,
            sender_id=event.sender_id,
            event_id=event.id,
            command=answer.command.key if answer.command else "",
            arguments=answer.arguments,
            outcome=answer.outcome,
            matter=next((card.matter for card in answer.reply.cards if card.matter), ""),
            reason=answer.reason,
        )

    def _give_up(self, job: Job, error: BaseException) -> Effect:
        """An event that cannot be handled is answered with a reference; it stays as a dead letter."""

        async def write(tx: Transaction) -> None:
            event = await inbox.load_event(tx, str(job.payload["event"]))
            if event is None:
                return
            scene = await self._scene(tx, event)
            if scene.person.id and scene.may_act_here:
                call = self._book.find(scene.line)
                await self._send(tx, scene, (self._explain(error, scene, call.command if call else None),))
            if scene.action is not None and scene.action.once:
                await outbox_store.release_action(tx, scene.action.token)
            now = self._clock.now()
            await inbox.record_outcome(tx, event.id, outcome="failed", command="", handled_at=now)

        return write


def reply_key(event_id: str, number: int) -> str:
    """The key of the ``number``-th card that answers an event."""
    return f"reply:{event_id}:{number}"


def _given(call: Call, scene: _Scene) -> str:
    """What came after the command's name, with what was filled into a form."""
    return " ".join(
        (*call.words, *(f"{name}={text.strip()}" for name, text in scene.event.form.items() if text.strip()))
    )


def _run_it_now(scene: _Scene) -> Card:
    words = scene.words
    age = words.duration(scene.event.received_at - scene.event.written_at)
    text = Text(words("router.too_old", age=age, line=plain(scene.line.strip()[:120])))
    action = Action(words("router.run_now"), scene.line.strip(), "primary", asker_only=True)
    return Card(words("router.too_old_title"), "warning", (text,), (action,), language=words.language)
