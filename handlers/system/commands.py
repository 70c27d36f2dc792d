"""帮助, 状态 and 测试."""

from dataclasses import dataclass
from datetime import timedelta

from bot.contracts.errors import NotFoundError
from bot.contracts.feature import Asking, JsonValue, Reply, word
from handlers.common.freshness import freshness
from handlers.common.visible import visible
from handlers.system.cards import command_card, overview_card, status_card, working_card
from handlers.system.jobs import ROUND_TRIP
from handlers.system.ports import SystemDeps
from handlers.system.results import HelpResult, LateData, StatusResult
from handlers.system.rules import windows_to_watch
from storage.catalog.rows import KINDS
from storage.catalog.store import list_ages, list_stores
from storage.database import Reader, Transaction
from storage.inbox.store import chats_heard_at
from storage.jobs.store import backlog, count_dead_jobs, count_failing_jobs, failing_jobs, running_jobs
from storage.outbox.rows import StoredMessage
from storage.outbox.store import count_open, open_messages
from storage.people.store import list_people

_NORMAL = 1  # Lingxing pulls the store
_MOST_TO_RESEND = 3
_MOST_TO_EXPLAIN = 20
_MOST_WORK = 10
_PHONES = "whatsapp"
_WATCHED = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class HelpArgs:
    name: str = word(default="")


async def show_help(args: HelpArgs, asking: Asking) -> Reply:
    """What this person may run here, or one command. Raises: NotFoundError for one they cannot run here."""
    if not args.name:
        card = overview_card(asking.commands, asking.words)
        return Reply((card,), result=HelpResult(tuple(command.key for command in asking.commands)))
    wanted = args.name.lower().removeprefix("/")
    for command in asking.commands:
        if wanted in command.names:
            return Reply(
                (command_card(command, asking.usage(command), asking.words),), result=HelpResult((command.key,))
            )
    raise NotFoundError(code="no_such_command", values={"name": args.name}, nearest=(asking.words("system.line.help"),))


async def show_status(_args: object, asking: Asking, *, deps: SystemDeps) -> Reply:
    """How the service is: what needs somebody, each with one next step."""
    async with deps.database.read() as reader:
        stores = visible(await list_stores(reader), asking.person)
        ages = await list_ages(reader)
        syncing = [store for store in stores if store.status == _NORMAL]
        failing = await count_failing_jobs(reader)
        unsent = await count_open(reader)
        states = {each.state for each in unsent}
        heard = await chats_heard_at(reader, _PHONES, since=asking.now - _WATCHED)
        each = ((store, freshness(ages, store.store_id, kind, asking.now)) for store in syncing for kind in KINDS)
        result = StatusResult(
            version=deps.version,
            running_for=asking.now - deps.started_at,
            backlog=await backlog(reader, now=asking.now),
            dead_letters=await count_dead_jobs(reader, except_task="send"),
            running=tuple(job for job in await running_jobs(reader, limit=_MOST_WORK) if job.id != asking.event_id),
            failing=tuple(await failing_jobs(reader, limit=_MOST_WORK) if failing else ()),
            failing_count=failing,
            refused=tuple(sorted(deps.refused().items())),
            feishu_trouble=deps.feishu_trouble(),
            open_messages=tuple(unsent),
            unknown_messages=await _oldest(reader, "unknown", _MOST_TO_RESEND) if "unknown" in states else (),
            failed_messages=await _oldest(reader, "failed", _MOST_TO_EXPLAIN) if "failed" in states else (),
            windows=windows_to_watch(heard, await _names(reader) if heard else {}, asking.now),
            late=tuple(
                LateData(store_id=store.store_id, store_name=store.name, freshness=fresh)
                for store, fresh in each
                if fresh.needs_attention
            ),
            stores=stores,
            off=tuple((p.name, p.setting) for p in deps.platforms if p.check is None),
            on=tuple(p.name for p in deps.platforms if p.check is not None),
            now=asking.now,
        )
    return Reply((status_card(result, asking.words),), result=result)


async def _oldest(reader: Reader, state: str, limit: int) -> tuple[StoredMessage, ...]:
    return tuple(await open_messages(reader, states=(state,), limit=limit))


async def _names(reader: Reader) -> dict[str, str]:
    return {known: each.person.name for each in await list_people(reader) for _, known in each.identities}


async def start_round_trip(_args: object, asking: Asking) -> Reply:
    """Answers at once; a job measures every leg and completes the card."""
    payload: dict[str, JsonValue] = {
        "card": asking.reply_key,
        "language": asking.words.language,
        "channel_seconds": max(0.0, (asking.received_at - asking.written_at).total_seconds()),
        "submitted_at": asking.now.timestamp(),
    }

    async def submit(tx: Transaction) -> None:
        await tx.submit(ROUND_TRIP, payload, key=f"round-trip:{asking.event_id}")

    return Reply((working_card(asking.words),), (submit,))
