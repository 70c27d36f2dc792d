"""Who was given which role, with what limits."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, delete, or_, select

from bot.contracts.feature import Grant, Role
from storage.database import Reader, Transaction
from storage.people.tables import LIMITS, grants, people
from storage.upsert import insert_into

_IS_UNLIMITED = and_(*(grants.c[name] == "" for name in LIMITS))
_LASTING_ADMIN = and_(grants.c.role == "admin", grants.c.ends_at.is_(None))


async def grants_of(reader: Reader, person_id: str) -> tuple[Grant, ...]:
    """Every grant of one person, ended ones too, by role."""
    found = await list_grants(reader, grants.c.person_id == person_id)
    return found.get(person_id, ())


async def list_grants(reader: Reader, *where: ColumnElement[bool]) -> dict[str, tuple[Grant, ...]]:
    """Everybody's grants by person id."""
    statement = select(grants.c.person_id, *grant_columns()).where(*where)
    ordered = statement.order_by(grants.c.role, *(grants.c[name] for name in LIMITS))
    found: dict[str, tuple[Grant, ...]] = {}
    for person_id, *values in await reader.execute(ordered):
        found[person_id] = (*found.get(person_id, ()), to_grant(values))
    return found


def grant_columns() -> list[Column[Any]]:
    """The columns of a grant, in the order of its fields."""
    return [grants.c[field.name] for field in fields(Grant)]


def to_grant(values: Iterable[Any]) -> Grant:
    """A grant from its columns, in the order of its fields."""
    return Grant(**dict(zip((field.name for field in fields(Grant)), values, strict=True)))


async def give(tx: Transaction, grant: Grant, *, person_id: str, by: str, now: datetime) -> None:
    """Add a grant, or renew the one with the same limits.

    A limited grant takes the place of an unlimited one of its role, which would make it mean nothing, and an
    unlimited one that of all limited ones.
    """
    row = asdict(grant)
    is_limited = any(row[name] for name in LIMITS)
    same_role = and_(grants.c.person_id == person_id, grants.c.role == grant.role)
    await tx.execute(delete(grants).where(same_role, _IS_UNLIMITED if is_limited else or_(*_limited())))
    changed = {"amount": grant.amount, "ends_at": grant.ends_at, "granted_by": by, "granted_at": now}
    statement = insert_into(grants, tx).values(person_id=person_id, **row, granted_by=by, granted_at=now)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["person_id", "role", *LIMITS], set_=changed),
    )


def _limited() -> list[ColumnElement[bool]]:
    return [grants.c[name] != "" for name in LIMITS]


async def take(tx: Transaction, *, person_id: str, role: Role | None) -> int:
    """Take all grants of a role, or of every role, from a person. Returns how many there were."""
    of_role = () if role is None else (grants.c.role == role,)
    return (await tx.execute(delete(grants).where(grants.c.person_id == person_id, *of_role))).rowcount


async def lock_lasting_admins(tx: Transaction) -> set[str]:
    """The ids of those who are administrators without end; until the commit nobody else gives or takes that."""
    statement = select(grants.c.person_id).where(_LASTING_ADMIN).order_by(grants.c.person_id).with_for_update()
    return set((await tx.execute(statement)).scalars())


async def admin_names(reader: Reader, now: datetime) -> list[str]:
    """The names of the present administrators."""
    is_admin = and_(grants.c.role == "admin", or_(grants.c.ends_at.is_(None), grants.c.ends_at > now))
    statement = select(people.c.name).join(grants, grants.c.person_id == people.c.id).where(is_admin)
    return list((await reader.execute(statement.order_by(people.c.name))).scalars())


async def grant_roles(tx: Transaction, *, person_id: str, roles: Iterable[Role], by: str, now: datetime) -> None:
    """Give roles without limits; those the person has so stay as they are."""
    statement = insert_into(grants, tx).on_conflict_do_nothing(index_elements=["person_id", "role", *LIMITS])
    rows = [{"person_id": person_id, "role": role, "granted_by": by, "granted_at": now} for role in roles]
    if rows:
        await tx.execute(statement, rows)
