"""People: found by identity, paired by code, granted roles; chats enabled; acts recorded."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, func, insert, or_, select, tuple_, update

from bot.contracts.feature import Person, Role
from storage.database import Reader, Transaction
from storage.people.grants import grant_columns, grants_of, list_grants, to_grant
from storage.people.rows import KnownChat, PairingCode, PersonRecord
from storage.people.tables import (
    chats,
    grants,
    identities,
    own_identities,
    pairing_codes,
    pairing_tries,
    people,
    strangers,
)
from storage.upsert import insert_into

CODE_LIFE = timedelta(minutes=15)
MOST_TRIES = 5
_TRIES_WINDOW = timedelta(hours=1)
_STRANGER_PAUSE = timedelta(days=1)
_KNOWN_AS = (
    select(people.c.id, people.c.name, people.c.language, *grant_columns())
    .join(identities, identities.c.person_id == people.c.id)
    .outerjoin(grants, grants.c.person_id == people.c.id)
    .where(identities.c.channel == bindparam("on"), identities.c.external_id == bindparam("wanted"))
)
_CHAT = select(chats.c.enabled, chats.c.language).where(
    chats.c.channel == bindparam("on"), chats.c.chat_id == bindparam("wanted")
)


async def find_person(reader: Reader, channel: str, external_id: str) -> tuple[Person, str]:
    """Who writes under this identity, and their language; a ``Person`` without id if nobody is known.

    Note: grants with an end or for one chat count only after ``Person.here``.
    """
    found = (await reader.execute(_KNOWN_AS, {"on": channel, "wanted": external_id})).all()
    if not found:
        return Person(), ""
    person_id, name, language = found[0][:3]
    given = tuple(to_grant(row[3:]) for row in found if row.role is not None)
    return Person(id=person_id, name=name, grants=given), language


async def person_by_id(reader: Reader, person_id: str) -> Person | None:
    """The person, or None. Note: grants with an end or for one chat count only after ``Person.here``."""
    row = (await reader.execute(select(people.c.id, people.c.name).where(people.c.id == person_id))).one_or_none()
    return None if row is None else Person(id=row.id, name=row.name, grants=await grants_of(reader, person_id))


async def list_people(reader: Reader) -> list[PersonRecord]:
    """Everybody, by name."""
    known: dict[str, list[tuple[str, str]]] = {}
    for person_id, channel, external_id in (
        await reader.execute(select(identities.c.person_id, identities.c.channel, identities.c.external_id))
    ).all():
        known.setdefault(person_id, []).append((channel, external_id))
    given = await list_grants(reader)
    rows = await reader.execute(select(people).order_by(people.c.name, people.c.id))
    return [
        PersonRecord(
            person=Person(id=row.id, name=row.name, grants=given.get(row.id, ())),
            language=row.language,
            identities=tuple(sorted(known.get(row.id, ()))),
        )
        for row in rows.all()
    ]


async def names_by_id(reader: Reader) -> dict[str, str]:
    """What everybody is called."""
    rows = await reader.execute(select(people.c.id, people.c.name))
    return {person_id: name for person_id, name in rows.all()}


async def people_called(reader: Reader, name: str) -> list[str]:
    """The ids of those whose name or id this is."""
    statement = select(people.c.id).where(or_(people.c.name == name, people.c.id == name))
    return list((await reader.execute(statement.order_by(people.c.id))).scalars())


async def count_people(reader: Reader) -> int:
    """How many people are known."""
    return int((await reader.execute(select(func.count()).select_from(people))).scalar_one())


async def add_person(tx: Transaction, *, person_id: str, name: str, now: datetime) -> None:
    """Somebody new, without roles, known by their id on the web and in the terminal."""
    await tx.execute(insert(people), {"id": person_id, "name": name, "language": "", "created_at": now})
    for channel in ("web", "terminal"):
        await add_identity(tx, person_id=person_id, channel=channel, external_id=person_id)


async def add_identity(tx: Transaction, *, person_id: str, channel: str, external_id: str) -> bool:
    """The person also writes under this identity. False if somebody already does."""
    statement = insert_into(identities, tx).on_conflict_do_nothing(index_elements=["channel", "external_id"])
    result = await tx.execute(statement.values(person_id=person_id, channel=channel, external_id=external_id))
    return result.rowcount == 1


async def identity_owners(reader: Reader, channel: str, external_ids: Sequence[str]) -> dict[str, str]:
    """Which of these ids of a channel are known, and whose they are (person ids)."""
    same = (identities.c.channel == channel, identities.c.external_id.in_(external_ids))
    rows = await reader.execute(select(identities.c.external_id, identities.c.person_id).where(*same))
    return {external_id: person_id for external_id, person_id in rows.all()}


async def external_ids_of(reader: Reader, channel: str, person_id: str) -> list[str]:
    """Under which ids a person is known on a channel."""
    same = (identities.c.channel == channel, identities.c.person_id == person_id)
    return list((await reader.execute(select(identities.c.external_id).where(*same))).scalars())


async def find_own_identity(reader: Reader, channel: str, account: str) -> str:
    """How the bot itself is mentioned on a channel; empty if the platform has never told."""
    same = (own_identities.c.channel == channel, own_identities.c.account == account)
    return (await reader.execute(select(own_identities.c.external_id).where(*same))).scalar_one_or_none() or ""


async def set_own_identity(tx: Transaction, channel: str, account: str, external_id: str) -> None:
    """Remember how the bot is mentioned on a channel."""
    statement = insert_into(own_identities, tx).values(channel=channel, account=account, external_id=external_id)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["channel", "account"], set_={"external_id": external_id})
    )


def code_hash(code: str) -> str:
    """How a pairing code is stored. Case, spaces and dashes do not matter."""
    return hashlib.sha256("".join(filter(str.isalnum, code.upper())).encode()).hexdigest()


async def add_pairing_code(
    tx: Transaction, *, code: str, role: Role, person_id: str = "", now: datetime, life: timedelta = CODE_LIFE
) -> None:
    """A code that pairs its first user: with ``person_id`` if given, else with a new person of ``role``."""
    row = {"code_hash": code_hash(code), "role": role, "person_id": person_id, "expires_at": now + life}
    await tx.execute(insert(pairing_codes), row)


def _is_open(code: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        pairing_codes.c.code_hash == code_hash(code),
        pairing_codes.c.used_at.is_(None),
        pairing_codes.c.expires_at > now,
    )


async def find_pairing_code(reader: Reader, *, code: str, now: datetime) -> PairingCode | None:
    """The code if it may still be used."""
    row = (await reader.execute(select(pairing_codes).where(_is_open(code, now)))).one_or_none()
    return None if row is None else PairingCode(role=row.role, person_id=row.person_id)


async def use_pairing_code(tx: Transaction, *, code: str, now: datetime) -> bool:
    """Spend the code. True for its first use within its life."""
    spent = await tx.execute(update(pairing_codes).where(_is_open(code, now)).values(used_at=now))
    return spent.rowcount == 1


async def void_pairing_codes(tx: Transaction, *, person_id: str, now: datetime) -> None:
    """The person's unspent codes pair nobody any more, be it with a new person or another account of somebody known."""
    theirs = (pairing_codes.c.person_id == person_id, pairing_codes.c.used_at.is_(None))
    await tx.execute(update(pairing_codes).where(*theirs).values(used_at=now))


async def pairing_tries_left(reader: Reader, channel: str, external_id: str, *, now: datetime) -> int:
    """How many wrong codes this sender may still try within the hour; below 0 after the last was counted."""
    row = (
        await reader.execute(
            select(pairing_tries.c.failures).where(
                pairing_tries.c.channel == channel,
                pairing_tries.c.external_id == external_id,
                pairing_tries.c.since > now - _TRIES_WINDOW,
            )
        )
    ).one_or_none()
    return MOST_TRIES - (0 if row is None else row.failures)


async def record_wrong_code(tx: Transaction, channel: str, external_id: str, *, now: datetime) -> None:
    """Count a wrong pairing code."""
    same = (pairing_tries.c.channel == channel, pairing_tries.c.external_id == external_id)
    await tx.execute(delete(pairing_tries).where(*same, pairing_tries.c.since <= now - _TRIES_WINDOW))
    statement = insert_into(pairing_tries, tx).values(channel=channel, external_id=external_id, failures=1, since=now)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["channel", "external_id"], set_={"failures": pairing_tries.c.failures + 1}
        )
    )


async def may_answer_stranger(tx: Transaction, *, channel: str, external_id: str, now: datetime) -> bool:
    """True at most once a day for an unknown sender; remembers that it said so."""
    statement = insert_into(strangers, tx).values(channel=channel, external_id=external_id, answered_at=now)
    result = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["channel", "external_id"],
            set_={"answered_at": now},
            where=strangers.c.answered_at <= now - _STRANGER_PAUSE,
        )
    )
    return result.rowcount == 1


async def find_chat(reader: Reader, channel: str, chat_id: str) -> KnownChat:
    """What is set for the chat."""
    row = (await reader.execute(_CHAT, {"on": channel, "wanted": chat_id})).one_or_none()
    return KnownChat() if row is None else KnownChat(enabled=row.enabled, language=row.language)


async def set_chat_enabled(
    tx: Transaction, channel: str, chat_id: str, *, enabled: bool, by: str, now: datetime
) -> None:
    """Let the bot act in the chat, or not."""
    changed = {"enabled": enabled, "changed_by": by, "changed_at": now}
    statement = insert_into(chats, tx).values(channel=channel, chat_id=chat_id, language="", **changed)
    await tx.execute(statement.on_conflict_do_update(index_elements=["channel", "chat_id"], set_=changed))


async def language_of(reader: Reader, person_id: str) -> str:
    """The language the person chose, or empty."""
    return (await reader.execute(select(people.c.language).where(people.c.id == person_id))).scalar_one_or_none() or ""


async def set_language(tx: Transaction, *, person_id: str, language: str) -> None:
    """From now on the person is answered in this language."""
    await tx.execute(update(people).where(people.c.id == person_id).values(language=language))


async def set_chat_language(
    tx: Transaction, channel: str, chat_id: str, *, language: str, by: str, now: datetime
) -> None:
    """From now on everybody in the chat, which somebody enabled, is answered in this language."""
    same = (chats.c.channel == channel, chats.c.chat_id == chat_id)
    await tx.execute(update(chats).where(*same).values(language=language, changed_by=by, changed_at=now))


async def forget_strangers(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` unknown senders last answered before ``before``. Returns how many."""
    return await _forget_senders(tx, strangers, strangers.c.answered_at < before, limit)


async def forget_pairing_tries(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` counts of wrong codes begun before ``before``. Returns how many."""
    return await _forget_senders(tx, pairing_tries, pairing_tries.c.since < before, limit)


async def _forget_senders(tx: Transaction, table: Table, is_old: ColumnElement[bool], limit: int) -> int:
    sender = tuple_(table.c.channel, table.c.external_id)
    old = select(table.c.channel, table.c.external_id).where(is_old).limit(limit)
    return (await tx.execute(delete(table).where(sender.in_(old)))).rowcount


async def forget_pairing_codes(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` codes that expired before ``before``. Returns how many."""
    old = select(pairing_codes.c.code_hash).where(pairing_codes.c.expires_at < before).limit(limit)
    return (await tx.execute(delete(pairing_codes).where(pairing_codes.c.code_hash.in_(old)))).rowcount
