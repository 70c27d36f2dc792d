"""Matters that orders open for a cause of their own, such as a pool that runs dry: one at a time, told once."""

from collections.abc import Mapping
from datetime import datetime

from storage.database import Transaction
from storage.matters.rows import Matter, NewMatter
from storage.matters.store import change_matter, lock_unsettled, note_seen, open_matter, renew_details


async def tell_cause(tx: Transaction, cause: str, kind: str, details: Mapping[str, str], now: datetime) -> None:
    """Open the matter of ``cause``, or let the one that is open tell how it stands now."""
    matter = await lock_unsettled(tx, cause)
    if matter is None:
        await open_matter(tx, NewMatter(kind=kind, fingerprint=cause, details=details), now=now)
    elif (matter.kind, dict(matter.details)) != (kind, dict(details)):
        await note_seen(tx, matter.number, kind=kind)
        await renew_details(tx, matter, details, now=now)


async def settle_cause(tx: Transaction, cause: str, now: datetime) -> None:
    """What was told of ``cause`` is over, if anything was."""
    matter = await lock_unsettled(tx, cause)
    if matter is not None:
        await settle(tx, matter, now)


async def settle(tx: Transaction, matter: Matter, now: datetime) -> None:
    """The locked matter is over."""
    await change_matter(tx, matter, "settled", now=now, state="settled", settled_at=now, snoozed_until=None)
