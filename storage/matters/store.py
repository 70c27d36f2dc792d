"""Matters by number and fingerprint: opened once, changed under a lock, each change with a line of the timeline.

Any feature opens and settles matters in its own transaction; the cards follow by a job of the same commit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, literal_column, or_, select, update

from storage.database import Reader, Transaction
from storage.matters.rows import OPENED_TASK, SHOW_TASK, TOPIC, Entry, EntryKind, Matter, NewMatter, Place
from storage.matters.tables import ladder_steps, matter_entries, matter_places, matters
from storage.upsert import insert_into

_EDIT_PAUSE = timedelta(milliseconds=700)  # the press of a button settles its card first (bot.router)
_IS_UNSETTLED: ColumnElement[bool] = literal_column("state <> 'settled'")
_BY_NUMBER = select(matters).where(matters.c.number == bindparam("number"))
_LOCKED = _BY_NUMBER.with_for_update()
_WAITING = select(matters).where(matters.c.fingerprint == bindparam("fingerprint"), _IS_UNSETTLED)


async def open_matter(tx: Transaction, new: NewMatter, *, now: datetime) -> Matter | None:
    """Open it, with its first line and the job that tells of it; None if one with its fingerprint is not settled yet.

    Note: two workers may offer the same at once; the second then waits for the first one's commit.
    """
    while True:
        newest = (await tx.execute(select(func.max(matters.c.number)))).scalar_one()
        row = asdict(new) | {"details": dict(new.details)}
        matter = Matter(**row, number=int(newest or 0) + 1, opened_at=now, changed_at=now, seen_at=now)
        statement = insert_into(matters, tx).values(asdict(matter)).on_conflict_do_nothing()
        if (await tx.execute(statement)).rowcount == 1:
            await add_entry(tx, matter.number, "opened", at=now)
            await tx.submit(OPENED_TASK, {"matter": matter.number}, key=f"matter:{matter.number}:opened")
            return matter
        if await find_unsettled(tx, new.fingerprint) is not None:
            return None


async def climb(tx: Transaction, matter: Matter) -> None:
    """Let a locked matter that needed nobody so far climb its ladder, unless it does."""
    key = f"matter:{matter.number}:opened:{matter.version}"
    await tx.submit(OPENED_TASK, {"matter": matter.number}, key=key)


async def load_matter(reader: Reader, number: int) -> Matter | None:
    """The matter; within a transaction nobody else changes it until the commit."""
    statement = _LOCKED if isinstance(reader, Transaction) else _BY_NUMBER
    row = (await reader.execute(statement, {"number": number})).one_or_none()
    return None if row is None else _matter(row)


async def find_unsettled(reader: Reader, fingerprint: str) -> Matter | None:
    """The matter with this fingerprint that is not settled, if there is one."""
    row = (await reader.execute(_WAITING, {"fingerprint": fingerprint})).one_or_none()
    return None if row is None else _matter(row)


async def lock_unsettled(tx: Transaction, fingerprint: str) -> Matter | None:
    """The same, and nobody else changes it until the commit."""
    row = (await tx.execute(_WAITING.with_for_update(), {"fingerprint": fingerprint})).one_or_none()
    return None if row is None else _matter(row)


async def list_unsettled(reader: Reader, *, kinds: Collection[str] = ()) -> tuple[Matter, ...]:
    """All that are not settled, or those of some kinds, by number; within a transaction locked until the commit."""
    of_kind = (matters.c.kind.in_(kinds),) if kinds else ()
    statement = select(matters).where(_IS_UNSETTLED, *of_kind).order_by(matters.c.number)
    if isinstance(reader, Transaction):
        statement = statement.with_for_update()
    return tuple(_matter(row) for row in await reader.execute(statement))


async def newest_by_cause(tx: Transaction, kinds: Collection[str], *, settled_after: datetime) -> dict[str, Matter]:
    """The newest matter of each fingerprint of these kinds, unless it was settled earlier; locked until the commit."""
    lately = or_(_IS_UNSETTLED, matters.c.settled_at > settled_after)
    statement = select(matters).where(matters.c.kind.in_(kinds), lately).order_by(matters.c.number)
    rows = await tx.execute(statement.with_for_update())
    return {matter.fingerprint: matter for matter in map(_matter, rows)}


async def lately_settled(reader: Reader, kind: str, *, limit: int) -> tuple[Matter, ...]:
    """The newest ``limit`` settled matters of a kind."""
    settled = select(matters).where(matters.c.kind == kind, matters.c.state == "settled")
    rows = await reader.execute(settled.order_by(matters.c.number.desc()).limit(limit))
    return tuple(_matter(row) for row in rows)


async def change_matter(
    tx: Transaction, matter: Matter, kind: EntryKind, *, now: datetime, person_id: str = "", text: str = "", **to: Any
) -> None:
    """Give the locked ``matter`` new values by column, with a line of the timeline and the job that renews its cards.

    Whatever ends its waiting (any state but open) cancels every pending step of its ladder.
    """
    version = matter.version + 1
    values = to | {"version": version, "changed_at": now}
    await tx.execute(update(matters).where(matters.c.number == matter.number).values(values))
    if to.get("state", "open") != "open":
        await cancel_steps(tx, matter.number, reason=_REASONS[to["state"]], now=now)
    await add_entry(tx, matter.number, kind, at=now, person_id=person_id, text=text)
    await _submit_show(tx, matter.number, version, now + _EDIT_PAUSE)


_REASONS = {"taken": "acknowledged", "snoozed": "snoozed", "settled": "settled"}


async def note_seen(tx: Transaction, number: int, **to: Any) -> None:
    """Change what an alarm remembers of a locked matter; nobody needs to be told."""
    await tx.execute(update(matters).where(matters.c.number == number).values(to))


async def renew_details(tx: Transaction, matter: Matter, details: Mapping[str, str], *, now: datetime) -> None:
    """Let the locked matter's cards tell newer figures; no line of the timeline."""
    version = matter.version + 1
    values = {"details": dict(details), "version": version}
    await tx.execute(update(matters).where(matters.c.number == matter.number).values(values))
    tx.tell(TOPIC)
    await _submit_show(tx, matter.number, version, now)


async def _submit_show(tx: Transaction, number: int, version: int, at: datetime) -> None:
    await tx.submit(SHOW_TASK, {"matter": number}, key=f"matter:{number}:show:{version}", run_at=at)


async def cancel_steps(tx: Transaction, number: int, *, reason: str, now: datetime) -> None:
    """No pending step of the matter's ladder fires any more."""
    pending = (ladder_steps.c.matter == number, ladder_steps.c.state == "pending")
    values = {"state": "cancelled", "reason": reason, "done_at": now}
    await tx.execute(update(ladder_steps).where(*pending).values(values))


async def add_entry(
    tx: Transaction, number: int, kind: EntryKind, *, at: datetime, person_id: str = "", text: str = ""
) -> None:
    """Add a line to the timeline of a matter that this transaction opened or locked."""
    counted = select(func.count()).select_from(matter_entries).where(matter_entries.c.matter == number)
    values = {"matter": number, "at": at, "kind": kind, "person_id": person_id, "text": text}
    await tx.execute(insert(matter_entries).values(**values, position=counted.scalar_subquery()))
    tx.tell(TOPIC)


async def list_entries(reader: Reader, number: int) -> tuple[Entry, ...]:
    """The matter's timeline, oldest first."""
    mine = select(matter_entries).where(matter_entries.c.matter == number).order_by(matter_entries.c.position)
    return tuple(Entry(**row._mapping) for row in await reader.execute(mine))


async def add_place(tx: Transaction, place: Place) -> bool:
    """Remember that the matter has a card there; False if it has one already."""
    statement = insert_into(matter_places, tx).values(asdict(place)).on_conflict_do_nothing()
    return (await tx.execute(statement)).rowcount == 1


async def list_places(reader: Reader, number: int) -> tuple[Place, ...]:
    """Where the matter has a card."""
    mine = select(matter_places).where(matter_places.c.matter == number)
    ordered = mine.order_by(matter_places.c.channel, matter_places.c.chat_id)
    return tuple(Place(**row._mapping) for row in await reader.execute(ordered))


async def open_places_on(reader: Reader, channel: str) -> tuple[int, ...]:
    """The numbers of unsettled matters that have a card on a channel."""
    statement = select(matters.c.number).join(matter_places, matter_places.c.matter == matters.c.number)
    there = statement.where(matter_places.c.channel == channel, matters.c.state != "settled").distinct()
    return tuple((await reader.execute(there.order_by(matters.c.number))).scalars())


async def count_unsettled(reader: Reader) -> Sequence[tuple[str, int]]:
    """(kind, how many) of what is not settled."""
    rows = await reader.execute(select(matters.c.kind, func.count()).where(_IS_UNSETTLED).group_by(matters.c.kind))
    return [(kind, count) for kind, count in rows.all()]


async def forget_matters(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` matters settled before ``before``, with all about them. Returns how many.

    Note: the newest stays, so that its number is not given again.
    """
    newest = select(func.max(matters.c.number)).scalar_subquery()
    is_old = (matters.c.state == "settled", matters.c.changed_at < before, matters.c.number != newest)
    old = list((await tx.execute(select(matters.c.number).where(*is_old).limit(limit))).scalars())
    for table in (matter_entries, matter_places, ladder_steps):
        await tx.execute(delete(table).where(table.c.matter.in_(old)))
    return (await tx.execute(delete(matters).where(matters.c.number.in_(old)))).rowcount


def _matter(row: Row[*tuple[Any, ...]]) -> Matter:
    return Matter(**row._mapping)
