"""追踪, 死信, 重放 and 再发."""

from dataclasses import dataclass

from bot.contracts.errors import ConflictError, NotFoundError
from bot.contracts.feature import Asking, Reply, word
from bot.contracts.messages import Message, Target
from handlers.deliveries.cards import (
    dead_job_card,
    dead_letters_card,
    dead_message_card,
    replayed_card,
    resent_card,
    trace_card,
)
from handlers.deliveries.ports import DeliveriesDeps
from handlers.deliveries.results import DeadLetters, Trace
from storage.database import Reader, Transaction
from storage.inbox.store import find_event
from storage.jobs.rows import JobRecord
from storage.jobs.store import dead_jobs, find_jobs, requeue_job
from storage.outbox.rows import StoredMessage
from storage.outbox.store import load_message, messages_for_event, open_messages, record_failure

_MOST = 50
_OPEN_TO_RESEND = ("failed", "unknown")


@dataclass(frozen=True, slots=True)
class IdArgs:
    id: str = word(longest=40)


@dataclass(frozen=True, slots=True)
class DeadLettersArgs:
    id: str = word(default="", longest=40)


async def trace(args: IdArgs, asking: Asking, *, deps: DeliveriesDeps) -> Reply:
    """Everything known of one event, job or message. Raises: NotFoundError."""
    wanted = args.id.upper()
    async with deps.database.read() as reader:
        found = await _trace(reader, wanted)
    if found is None:
        raise NotFoundError(code="no_such_id", values={"id": args.id}, nearest=(asking.words("deliveries.list"),))
    return Reply((trace_card(wanted, found, asking.words),), result=found)


async def _trace(reader: Reader, wanted: str) -> Trace | None:
    message = await load_message(reader, wanted)
    event_id = message.event_id if message else wanted
    event = await find_event(reader, event_id)
    messages = await messages_for_event(reader, event_id) if event else ([message] if message else [])
    jobs = await find_jobs(reader, ids={wanted, event_id})
    for each in messages:
        jobs += await find_jobs(reader, key_prefix=f"send:{each.id}:")
    if event is None and not jobs and not messages:
        return None
    return Trace(event=event, jobs=tuple(jobs), messages=tuple(messages))


async def show_dead_letters(args: DeadLettersArgs, asking: Asking, *, deps: DeliveriesDeps) -> Reply:
    """All dead letters, or one of them. Raises: NotFoundError."""
    async with deps.database.read() as reader:
        if args.id:
            return await _one_dead_letter(reader, args.id.upper(), asking)
        jobs = await dead_jobs(reader, limit=_MOST, except_task="send")
        messages = await open_messages(reader, states=_OPEN_TO_RESEND, limit=_MOST)
    dead = DeadLetters(jobs=tuple(jobs), messages=tuple(messages))
    return Reply((dead_letters_card(dead, asking.words),), result=dead)


async def _one_dead_letter(reader: Reader, wanted: str, asking: Asking) -> Reply:
    message = await load_message(reader, wanted)
    if message is not None and message.state in _OPEN_TO_RESEND:
        return Reply((dead_message_card(message, asking.words),), result=DeadLetters(jobs=(), messages=(message,)))
    job = await _dead_job(reader, wanted, asking)
    return Reply((dead_job_card(job, asking.words),), result=DeadLetters(jobs=(job,), messages=()))


async def _dead_job(reader: Reader, wanted: str, asking: Asking) -> JobRecord:
    for job in await find_jobs(reader, ids={wanted}):
        if job.state == "dead":
            return job
    raise NotFoundError(code="no_such_dead_letter", values={"id": wanted}, nearest=(asking.words("deliveries.list"),))


async def replay(args: IdArgs, asking: Asking, *, deps: DeliveriesDeps) -> Reply:
    """Give a dead letter a fresh start. Raises: NotFoundError; ConflictError if somebody did so first."""
    async with deps.database.read() as reader:
        job = await _dead_job(reader, args.id.upper(), asking)

    async def requeue(tx: Transaction) -> None:
        if not await requeue_job(tx, job.id, now=asking.now):
            raise ConflictError(code="already_replayed", values={"id": job.id})

    return Reply((replayed_card(job.id, asking.words),), (requeue,))


async def resend(args: IdArgs, asking: Asking, *, deps: DeliveriesDeps) -> Reply:
    """Send a refused or possibly lost message again, as a new one. Raises: NotFoundError; ConflictError."""
    async with deps.database.read() as reader:
        message = await load_message(reader, args.id.upper())
    if message is None or message.state not in _OPEN_TO_RESEND:
        raise NotFoundError(
            code="no_such_dead_letter", values={"id": args.id}, nearest=(asking.words("deliveries.list"),)
        )

    async def send(tx: Transaction) -> None:
        await _send_again(tx, message, asking)

    return Reply((resent_card(asking.words),), (send,))


async def _send_again(tx: Transaction, seen: StoredMessage, asking: Asking) -> None:
    message = await load_message(tx, seen.id)
    if message is None or message.state not in _OPEN_TO_RESEND:
        raise ConflictError(code="already_replayed", values={"id": seen.id})
    target = Target(channel=message.channel, chat_id=message.chat_id, reply_to=message.reply_to)
    await tx.send(Message(key=f"{message.key}:again:{asking.event_id}", card=message.card, to=target))
    await record_failure(tx, message.id, state="resent", error=message.error, now=asking.now)
