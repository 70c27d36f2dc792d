"""Messages: written with the change they tell of, handed over by the process that committed, tracked until done."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.channels.base import Channel, Handed, Outgoing
from bot.contracts.cards import Action, Card
from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import UpstreamUnclear, told
from bot.contracts.feature import Effect, Job, Task
from bot.contracts.messages import Message
from bot.contracts.retry import RetryPolicy
from bot.jobs.engine import ProcessDied
from bot.metrics import Metrics
from storage.database import Database, Transaction
from storage.outbox import store
from storage.outbox.handovers import settle_message
from storage.outbox.rows import StoredAction, StoredMessage

SEND_TASK = "send"
ACTION_LIFE = timedelta(days=7)
OUTCOME_UNKNOWN = "outcome_unknown"
"""The code of a hand-over that a repeat could double."""
_RETRY = RetryPolicy(tries=16, first=timedelta(seconds=1), longest=timedelta(minutes=5))  # about an hour
_AT_ONCE = 64

_log = structlog.get_logger("outbox")


class Outbox:
    """Keeps one row per message; a newer version replaces one that was not sent yet."""

    def __init__(
        self,
        database: Database,
        channels: Iterable[Channel],
        *,
        clock: Clock,
        new_id: NewId,
        new_token: Callable[[], str],
        pressed_once: Callable[[str], bool],
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._channels: Mapping[str, Channel] = {channel.name: channel for channel in channels}
        self._clock = clock
        self._new_id = new_id
        self._new_token = new_token
        self._pressed_once = pressed_once
        self._metrics = metrics

    def task(self) -> Task:
        """The job that hands messages over."""
        return Task(
            name=SEND_TASK,
            run=self._deliver,
            retry=_RETRY,
            at_once=_AT_ONCE,
            holds_lane="rate_limits",
            on_giving_up=self._give_up,
        )

    async def send(
        self,
        tx: Transaction,
        message: Message,
        *,
        event_id: str = "",
        asker_id: str = "",
        not_before: datetime | None = None,
    ) -> None:
        """Store a message or a newer version of it, with its buttons, and submit its hand-over.

        Raises: ValueError if the message is new and has no target.
        """
        now = self._clock.now()
        earlier = await store.lock_by_key(tx, message.key)
        if earlier is None:
            if message.to is None:
                raise ValueError(f"message {message.key} is new and needs a target")
            message_id, version = self._new_id(), 1
            channel, chat_id = message.to.channel, message.to.chat_id
        else:
            message_id, version = earlier.id, earlier.version + 1
            channel, chat_id = earlier.channel, earlier.chat_id
        card = await self._with_buttons(
            tx, message.card, message_id=message_id, version=version, asker_id=asker_id, now=now
        )
        if earlier is None and message.to is not None:
            new = _new_message(message, message_id, card, event_id, now)
            await store.add_message(tx, new)
        else:
            await store.replace_card(tx, message_id, card=card, version=version, now=now)
        await tx.submit(
            SEND_TASK,
            {"message": message_id},
            key=f"send:{message_id}:{version}",
            lane=f"send:{channel}:{chat_id}",
            run_at=not_before,
        )

    async def _with_buttons(
        self, tx: Transaction, card: Card, *, message_id: str, version: int, asker_id: str, now: datetime
    ) -> Card:
        seen = store.content_hash(card) if card.all_actions() else ""
        tokens: dict[Action, str] = {action: self._new_token() for action in card.all_actions()}
        rows = [
            StoredAction(
                token=token,
                message_id=message_id,
                content_hash=seen,
                command=action.command,
                label=action.label,
                once=self._pressed_once(action.command),
                asker_id=asker_id if action.asker_only else "",
                expires_at=now + ACTION_LIFE,
            )
            for action, token in tokens.items()
        ]
        await store.add_actions(tx, rows, version=version)
        return card.with_tokens(tokens)

    async def _deliver(self, job: Job) -> Effect | None:
        async with self._database.glance() as reader:
            message = await store.load_message(reader, str(job.payload["message"]))
        if message is None or (message.sent_version >= message.version and not job.payload.get("again")):
            return None  # a newer version went out before
        try:
            handed = await self._channels[message.channel].deliver(_outgoing(message, job.first_started_at))
        except UpstreamUnclear as error:
            if error.code != OUTCOME_UNKNOWN:
                raise
            return self._give_up(job, error)
        self._observe(message, handed)

        async def record(tx: Transaction) -> None:
            await store.record_handed(
                tx,
                message.id,
                version=message.version,
                platform_id=handed.platform_id,
                state=handed.state,
                refusal=handed.refusal,
                now=self._clock.now(),
            )
            if handed.is_followed:
                await settle_message(tx, message.id, now=self._clock.now())

        return record

    def _observe(self, message: StoredMessage, handed: Handed) -> None:
        seconds = (self._clock.now() - message.updated_at).total_seconds()
        self._metrics.delivery.labels(message.channel, handed.state).observe(seconds)
        if handed.refusal:
            self._metrics.refused_cards.labels(message.channel).inc()
            _log.warning("card_refused", message=message.id, channel=message.channel, reason=handed.refusal)

    def _give_up(self, job: Job, error: BaseException) -> Effect:
        state = "unknown" if isinstance(error, UpstreamUnclear | ProcessDied) else "failed"

        async def record(tx: Transaction) -> None:
            await store.record_failure(
                tx,
                str(job.payload["message"]),
                state=state,
                error=told(error),
                now=self._clock.now(),
            )

        return record


def _new_message(message: Message, message_id: str, card: Card, event_id: str, now: datetime) -> StoredMessage:
    assert message.to is not None
    return StoredMessage(
        id=message_id,
        key=message.key,
        channel=message.to.channel,
        chat_id=message.to.chat_id,
        reply_to=message.to.reply_to,
        event_id=event_id,
        card=card,
        version=1,
        sent_version=0,
        state="queued",
        platform_id="",
        refusal="",
        error="",
        created_at=now,
        updated_at=now,
        platform_sent_at=None,
    )


def _outgoing(message: StoredMessage, first_tried_at: datetime) -> Outgoing:
    return Outgoing(
        id=message.id,
        version=message.version,
        chat_id=message.chat_id,
        card=message.card,
        reply_to=message.reply_to,
        platform_id=message.platform_id,
        event_id=message.event_id,
        created_at=message.created_at,
        first_tried_at=first_tried_at,
        platform_sent_at=message.platform_sent_at,
    )
