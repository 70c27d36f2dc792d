"""Which alarms shall stay silent, why and until when."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select

from storage.database import Reader, Transaction
from storage.matters.rows import Silence
from storage.matters.tables import silences
from storage.upsert import insert_into


async def set_silence(tx: Transaction, silence: Silence) -> None:
    """Silence some alarms, or change until when."""
    row = asdict(silence)
    statement = insert_into(silences, tx).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["fingerprint"], set_=row))


async def end_silence(tx: Transaction, fingerprint: str) -> bool:
    """Let them sound again; False if they were not silenced."""
    return (await tx.execute(delete(silences).where(silences.c.fingerprint == fingerprint))).rowcount == 1


async def list_silences(reader: Reader, now: datetime) -> tuple[Silence, ...]:
    """Those that have not ended, by fingerprint."""
    lasting = select(silences).where(silences.c.ends_at > now).order_by(silences.c.fingerprint)
    return tuple(Silence(**row._mapping) for row in await reader.execute(lasting))


async def forget_silences(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` that ended before ``before``. Returns how many."""
    old = select(silences.c.fingerprint).where(silences.c.ends_at < before).limit(limit)
    return (await tx.execute(delete(silences).where(silences.c.fingerprint.in_(old)))).rowcount
