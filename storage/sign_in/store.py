"""Single-use sign-in links and the sessions they open."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from storage.database import Reader, Transaction
from storage.sign_in.rows import Session
from storage.sign_in.tables import sessions, sign_in_links

LINK_LIFETIME = timedelta(minutes=10)
IDLE_LIFETIME = timedelta(days=14)
"""A session ends this long after it was last used …"""
LONGEST_LIFETIME = timedelta(days=90)
"""… and this long after the sign-in at the latest."""


async def create_link(tx: Transaction, *, person_id: str, token: str, now: datetime) -> None:
    """Let ``token`` sign in ``person_id`` once within ``LINK_LIFETIME``; older links of the person stop working."""
    await tx.execute(delete(sign_in_links).where(sign_in_links.c.person_id == person_id))
    await tx.execute(
        insert(sign_in_links).values(
            token_hash=_hashed(token), person_id=person_id, created_at=now, expires_at=now + LINK_LIFETIME
        )
    )


async def link_is_open(reader: Reader, *, token: str, now: datetime) -> bool:
    """True while the link would still sign in; looking does not use it up."""
    result = await reader.execute(select(sign_in_links.c.person_id).where(_is_open(token, now)))
    return result.first() is not None


async def use_link(tx: Transaction, *, token: str, now: datetime) -> str | None:
    """The person this link signs in, or None if it is unknown, used or too old. Only one caller ever gets the id."""
    result = await tx.execute(
        update(sign_in_links).where(_is_open(token, now)).values(used_at=now).returning(sign_in_links.c.person_id)
    )
    person_id: str | None = result.scalar()
    return person_id


async def open_session(tx: Transaction, *, token: str, csrf_token: str, person_id: str, now: datetime) -> None:
    """Sign a browser in, and forget what expired."""
    await tx.execute(delete(sessions).where(sessions.c.expires_at <= now))
    await tx.execute(delete(sign_in_links).where(sign_in_links.c.expires_at <= now))
    await tx.execute(
        insert(sessions).values(
            token_hash=_hashed(token),
            person_id=person_id,
            csrf_token=csrf_token,
            created_at=now,
            last_seen_at=now,
            expires_at=now + IDLE_LIFETIME,
        )
    )


async def find_session(reader: Reader, *, token: str, now: datetime) -> Session | None:
    """The session of a browser, or None if it is unknown or over."""
    found = select(sessions).where(sessions.c.token_hash == _hashed(token), sessions.c.expires_at > now)
    row = (await reader.execute(found)).first()
    return None if row is None else _session(row)


async def touch_session(tx: Transaction, *, token: str, session: Session, now: datetime) -> None:
    """Note that the browser is in use: its end moves on, up to ``LONGEST_LIFETIME``."""
    expires_at = min(now + IDLE_LIFETIME, session.created_at + LONGEST_LIFETIME)
    await tx.execute(
        update(sessions).where(sessions.c.token_hash == _hashed(token)).values(last_seen_at=now, expires_at=expires_at)
    )


async def close_session(tx: Transaction, *, token: str) -> None:
    """Sign one browser out."""
    await tx.execute(delete(sessions).where(sessions.c.token_hash == _hashed(token)))


async def close_sessions_of(tx: Transaction, *, person_id: str) -> int:
    """Sign a person out everywhere and void their links. Returns how many browsers that were."""
    await tx.execute(delete(sign_in_links).where(sign_in_links.c.person_id == person_id))
    return (await tx.execute(delete(sessions).where(sessions.c.person_id == person_id))).rowcount


def _is_open(token: str, now: datetime) -> ColumnElement[bool]:
    links = sign_in_links.c
    return and_(links.token_hash == _hashed(token), links.used_at.is_(None), links.expires_at > now)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: Row[*tuple[Any, ...]]) -> Session:
    return Session(
        person_id=row.person_id,
        csrf_token=row.csrf_token,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )
