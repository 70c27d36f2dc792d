"""What marketplaces deliver: kept once per id of the sender, for ever; bodies only for a while."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_, update

from storage.database import Reader, Transaction
from storage.jobs.rows import NewJob
from storage.jobs.store import add_jobs
from storage.orders.rows import NewEvent, StoredEvent
from storage.orders.tables import order_events

_COLUMNS = ("source", "event_id", "id", "kind", "subject", "body", "received_at")
_MOST_ASKED = 400


async def add_events(tx: Transaction, events: Sequence[NewEvent]) -> list[bool]:
    """Store the events that are new, each with the job that takes it in. Answers for each whether it was new."""
    # In one order everywhere: processes that are told the same things do not wait for each other in a circle.
    rows = sorted(tuple(getattr(event, name) for name in _COLUMNS) for event in events)
    is_new = [True] * len(events)
    if await tx.insert_many(order_events, _COLUMNS, rows, skip_known=True) != len(rows):
        owners = await _owners(tx, events)
        is_new = [owners[event.source, event.event_id] == event.id for event in events]
    for event, new in zip(events, is_new, strict=True):
        if new:
            tx.write_later(add_jobs, _taking_in(event))
    return is_new


async def _owners(tx: Transaction, events: Sequence[NewEvent]) -> dict[tuple[str, str], str]:
    wanted = [(event.source, event.event_id) for event in events]
    owners: dict[tuple[str, str], str] = {}
    same = tuple_(order_events.c.source, order_events.c.event_id)
    for start in range(0, len(wanted), _MOST_ASKED):
        some = select(order_events.c.source, order_events.c.event_id, order_events.c.id)
        rows = await tx.execute(some.where(same.in_(wanted[start : start + _MOST_ASKED])))
        owners |= {(source, event_id): owner for source, event_id, owner in rows.all()}
    return owners


def _taking_in(event: NewEvent) -> NewJob:
    return NewJob(
        id=event.id,
        key=f"{event.task}:{event.id}",
        task=event.task,
        lane=f"orders:{event.source}:{event.subject}",
        payload={"event": event.id},
        run_at=event.received_at,
    )


async def load_event(reader: Reader, event_id: str) -> StoredEvent | None:
    """The event with our id, or None."""
    columns = (order_events.c[name] for name in ("id", "source", "kind", "body", "received_at"))
    row = (await reader.execute(select(*columns).where(order_events.c.id == event_id))).one_or_none()
    return None if row is None else StoredEvent(**row._mapping)


async def forget_event_bodies(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Empty up to ``limit`` bodies of events received before ``before``; their ids stay. Returns how many."""
    is_old = (order_events.c.received_at < before, order_events.c.body.is_not(None))
    old = select(order_events.c.id).where(*is_old).limit(limit)
    return (await tx.execute(update(order_events).where(order_events.c.id.in_(old)).values(body=None))).rowcount
