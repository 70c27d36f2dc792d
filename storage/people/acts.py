"""The audit log: what was done, by whom, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select

from storage.database import Reader, Transaction
from storage.people.rows import Act
from storage.people.tables import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which acts: those of some people, else of a command, else about ``text``; all if nothing is given."""

    person_ids: Collection[str] = ()
    command: str = ""
    text: str = ""


async def record_act(tx: Transaction, act: Act) -> None:
    """Add a line to the audit log."""
    tx.write_later(_add_acts, act)


async def _add_acts(tx: Transaction, acts: Sequence[Act]) -> None:
    await tx.insert_many(audit, Act.__slots__, [tuple(getattr(act, name) for name in Act.__slots__) for act in acts])


async def find_acts(reader: Reader, sought: Sought, *, limit: int | None, offset: int = 0) -> tuple[list[Act], int]:
    """The acts, newest first, and how many there are in all."""
    columns = (audit.c[field.name] for field in fields(Act))
    statement = select(*columns).where(*_where(sought)).order_by(audit.c.at.desc(), audit.c.id.desc())
    found = await reader.execute(statement.limit(limit).offset(offset))
    counted = select(func.count()).select_from(audit).where(*_where(sought))
    return [Act(**row._mapping) for row in found], (await reader.execute(counted)).scalar_one()


def _where(sought: Sought) -> list[ColumnElement[bool]]:
    if sought.person_ids:
        return [audit.c.person_id.in_(sought.person_ids)]
    if sought.command:
        return [audit.c.command == sought.command]
    if sought.text:
        about = audit.c.arguments.icontains(sought.text, autoescape=True)
        return [or_(about, audit.c.matter == sought.text, audit.c.sender_id == sought.text)]
    return []


async def forget_acts(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` lines of the audit log older than ``before``. Returns how many."""
    old = select(audit.c.id).where(audit.c.at < before).limit(limit)
    return (await tx.execute(delete(audit).where(audit.c.id.in_(old)))).rowcount
