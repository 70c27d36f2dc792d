"""Events: stored once whatever key they come back under, read back to be handled, traced and shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select, tuple_, update

from bot.contracts.events import ChatKind, Event
from storage.database import Reader, Transaction
from storage.inbox.rows import StoredEvent
from storage.inbox.tables import inbox, inbox_keys

_COLUMNS = ("id", "channel", "kind", "chat_id", "sender_id", "received_at", "written_at")
_KEY_COLUMNS = ("channel", "key", "event_id", "seen_at")
_ROW_COLUMNS = (*_COLUMNS, "body", "outcome", "command")
_BODY = tuple(name for name in Event.__slots__ if name not in (*_COLUMNS, "form"))
_BY_ID = select(inbox).where(inbox.c.id == bindparam("wanted"))
_OUTCOME = (
    update(inbox)
    .where(inbox.c.id == bindparam("wanted"))
    .values(outcome=bindparam("became"), command=bindparam("ran"), handled_at=bindparam("now"))
)


async def add_events(tx: Transaction, events: Sequence[Event], *, outcomes: Sequence[str]) -> list[str | None]:
    """Store the events that are new. Answers for each: None if stored, else the id of the event it repeats."""
    # In one order everywhere: processes that are told the same things do not wait for each other in a circle.
    keys = sorted((event.channel, key, event.id, event.received_at) for event in events for key in event.keys)
    claimed = await tx.insert_many(inbox_keys, _KEY_COLUMNS, keys, skip_known=True)
    repeats: list[str | None] = [None] * len(events)
    if claimed != len(keys):
        repeats = await _repeats(tx, events)
    rows = [
        _row(event, outcome) for event, outcome, repeat in zip(events, outcomes, repeats, strict=True) if repeat is None
    ]
    if rows:
        await tx.insert_many(inbox, _ROW_COLUMNS, rows)
    return repeats


async def _repeats(tx: Transaction, events: Sequence[Event]) -> list[str | None]:
    """For each event the id of the earliest other event that owns one of its keys, None if it owns them all."""
    owners: dict[tuple[str, str], str] = {}
    wanted = [(event.channel, key) for event in events for key in event.keys]
    for start in range(0, len(wanted), 400):
        rows = await tx.execute(
            select(inbox_keys.c.channel, inbox_keys.c.key, inbox_keys.c.event_id).where(
                tuple_(inbox_keys.c.channel, inbox_keys.c.key).in_(wanted[start : start + 400])
            )
        )
        owners |= {(channel, key): event_id for channel, key, event_id in rows.all()}
    return [
        min((owner for key in event.keys if (owner := owners[event.channel, key]) != event.id), default=None)
        for event in events
    ]


def _row(event: Event, outcome: str) -> tuple[Any, ...]:
    body = {name: getattr(event, name) for name in _BODY}
    return (*(getattr(event, name) for name in _COLUMNS), body | {"form": dict(event.form)}, outcome, "")


async def load_event(reader: Reader, event_id: str) -> Event | None:
    """The event as it was received, or None if it is unknown or its body was forgotten."""
    row = (await reader.execute(_BY_ID, {"wanted": event_id})).one_or_none()
    if row is None or row.body is None:
        return None
    body = dict(row.body) | {"keys": tuple(row.body["keys"])}
    return Event(**{name: getattr(row, name) for name in _COLUMNS}, **body)


async def kind_of_chat(reader: Reader, channel: str, chat_id: str) -> ChatKind:
    """Group or private, as the newest message or membership in the chat told; private if nothing did."""
    told = inbox.c.kind.in_(("message", "joined", "removed", "entered"))
    here = (inbox.c.channel == channel, inbox.c.chat_id == chat_id, told, inbox.c.body.is_not(None))
    body = (await reader.execute(select(inbox.c.body).where(*here).order_by(inbox.c.id.desc()).limit(1))).scalar()
    return "group" if body is not None and body["chat_kind"] == "group" else "private"


async def last_heard_at(reader: Reader, channel: str, chat_id: str) -> datetime | None:
    """When somebody last wrote or pressed something in the chat, by the platform's time."""
    spoken = inbox.c.kind.in_(("message", "action"))
    here = (inbox.c.channel == channel, inbox.c.chat_id == chat_id, spoken)
    return (await reader.execute(select(inbox.c.written_at).where(*here).order_by(inbox.c.id.desc()).limit(1))).scalar()


async def last_received(reader: Reader, channel: str) -> dict[str, datetime]:
    """When an event of each kind last came over the channel; kinds that never did are left out."""
    rows = await reader.execute(
        select(inbox.c.kind, func.max(inbox.c.received_at)).where(inbox.c.channel == channel).group_by(inbox.c.kind)
    )
    return {kind: at for kind, at in rows.all()}


async def chats_heard_at(reader: Reader, channel: str, *, since: datetime) -> dict[str, datetime]:
    """For each chat of a channel that was heard since then: when last, by the platform's time."""
    spoken = inbox.c.kind.in_(("message", "action"))
    here = (inbox.c.channel == channel, inbox.c.received_at >= since, spoken)
    rows = await reader.execute(select(inbox.c.chat_id, func.max(inbox.c.written_at)).where(*here).group_by("chat_id"))
    return {chat_id: moment for chat_id, moment in rows.all()}


async def record_outcome(tx: Transaction, event_id: str, *, outcome: str, command: str, handled_at: datetime) -> None:
    """Say what became of the event."""
    tx.write_later(_record_outcomes, {"wanted": event_id, "became": outcome, "ran": command, "now": handled_at})


async def _record_outcomes(tx: Transaction, outcomes: Sequence[Mapping[str, Any]]) -> None:
    await tx.execute(_OUTCOME, outcomes)


async def find_event(reader: Reader, event_id: str) -> StoredEvent | None:
    """One event for people, or None."""
    row = (await reader.execute(_BY_ID, {"wanted": event_id})).one_or_none()
    return None if row is None else _stored(row)


async def chat_events(reader: Reader, channel: str, chat_id: str, *, limit: int) -> list[StoredEvent]:
    """The newest ``limit`` events of a chat, oldest first."""
    rows = await reader.execute(
        select(inbox)
        .where(inbox.c.channel == channel, inbox.c.chat_id == chat_id)
        .order_by(inbox.c.id.desc())
        .limit(limit)
    )
    return [_stored(row) for row in reversed(rows.all())]


def _stored(row: Row[*tuple[Any, ...]]) -> StoredEvent:
    body = row.body or {}
    return StoredEvent(
        id=row.id,
        channel=row.channel,
        kind=row.kind,
        chat_id=row.chat_id,
        sender_id=row.sender_id,
        sender_name=body.get("sender_name", ""),
        text=body.get("text", ""),
        received_at=row.received_at,
        written_at=row.written_at,
        outcome=row.outcome,
        command=row.command,
        handled_at=row.handled_at,
    )


async def forget_bodies(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Empty up to ``limit`` bodies of events received before ``before``. Returns how many."""
    old = select(inbox.c.id).where(inbox.c.received_at < before, inbox.c.body.is_not(None)).limit(limit)
    return (await tx.execute(update(inbox).where(inbox.c.id.in_(old)).values(body=None))).rowcount


async def forget_keys(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` keys last seen before ``before``. Returns how many."""
    old = select(inbox_keys.c.channel, inbox_keys.c.key).where(inbox_keys.c.seen_at < before).limit(limit)
    result = await tx.execute(delete(inbox_keys).where(tuple_(inbox_keys.c.channel, inbox_keys.c.key).in_(old)))
    return result.rowcount
