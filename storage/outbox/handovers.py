"""Messages on channels without idempotency keys: noted before they leave, and followed by the platform's statuses."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, literal_column, select, update

from storage.database import Reader, Transaction
from storage.outbox.rows import Handover, HandoverState
from storage.outbox.tables import handovers, messages

_FORWARDS: tuple[HandoverState, ...] = ("pending", "accepted", "unknown", "sent", "delivered", "read", "failed")
_UNTOLD: ColumnElement[bool] = literal_column("state IN ('pending', 'accepted')")


async def begin_handover(tx: Transaction, handover: Handover) -> None:
    """Note that it is about to leave. Raises: IntegrityError if it was noted before."""
    await tx.execute(insert(handovers), asdict(handover))


async def withdraw_handover(tx: Transaction, handover_id: str) -> None:
    """The platform refused it, so nothing left: it may be tried again."""
    await tx.execute(delete(handovers).where(handovers.c.id == handover_id))


async def list_handovers(reader: Reader, message_id: str) -> list[Handover]:
    """All parts of all versions, in the order in which they left."""
    rows = await reader.execute(
        select(handovers).where(handovers.c.message_id == message_id).order_by(handovers.c.begun_at, handovers.c.id)
    )
    return [Handover(**row._mapping) for row in rows.all()]


async def find_handover(reader: Reader, handover_id: str, platform_id: str) -> Handover | None:
    """The part that a status speaks of: by our own id, else by the platform's."""
    same = handovers.c.id == handover_id if handover_id else handovers.c.platform_id == platform_id
    row = (await reader.execute(select(handovers).where(same))).first()
    return None if row is None else Handover(**row._mapping)


async def advance_handover(
    tx: Transaction, handover_id: str, *, state: HandoverState, platform_id: str = "", error: str = ""
) -> bool:
    """Move it forward to ``state``. False if it is there already or further; then only the missing id is filled in."""
    behind = _FORWARDS[: _FORWARDS.index(state)]
    if platform_id:
        await tx.execute(
            update(handovers)
            .where(handovers.c.id == handover_id, handovers.c.platform_id == "")
            .values(platform_id=platform_id)
        )
    moved = await tx.execute(
        update(handovers)
        .where(handovers.c.id == handover_id, handovers.c.state.in_(behind))
        .values(state=state, error=error)
    )
    return moved.rowcount == 1


async def settle_message(tx: Transaction, message_id: str, *, now: datetime) -> None:
    """Give a message that was handed over the state of its parts: the least advanced counts, a failed one decides."""
    message = (
        await tx.execute(select(messages.c.version, messages.c.sent_version).where(messages.c.id == message_id))
    ).one_or_none()
    if message is None or message.sent_version < message.version:
        return  # its hand-over is not recorded yet, or a newer version waits
    parts = _newest(await list_handovers(tx, message_id))
    if not parts:
        return
    failed = next((part for part in parts if part.state == "failed"), None)
    state = "failed" if failed else min((part.state for part in parts), key=_FORWARDS.index)
    await tx.execute(
        update(messages)
        .where(messages.c.id == message_id, messages.c.state != "resent")
        .values(
            state="accepted" if state == "sent" else state,
            error=failed.error if failed else "",
            platform_id=",".join(part.platform_id for part in parts if part.platform_id),
            updated_at=now,
        )
    )


def _newest(parts: Sequence[Handover]) -> list[Handover]:
    newest = max((part.version for part in parts), default=0)
    return [part for part in parts if part.version == newest]


async def doubt_handovers(tx: Transaction, *, begun_before: datetime, now: datetime, limit: int) -> int:
    """What nothing was told of in time becomes ``unknown``. Returns how many."""
    rows = await tx.execute(
        select(handovers.c.id, handovers.c.message_id)
        .where(_UNTOLD, handovers.c.begun_at < begun_before)
        .order_by(handovers.c.begun_at)
        .limit(limit)
    )
    found = rows.all()
    for handover_id, _ in found:
        await advance_handover(tx, handover_id, state="unknown")
    for message_id in dict.fromkeys(message_id for _, message_id in found):
        await settle_message(tx, message_id, now=now)
    return len(found)


async def forget_handovers(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` that began before ``before``. Returns how many."""
    old = select(handovers.c.id).where(handovers.c.begun_at < before).limit(limit)
    return (await tx.execute(delete(handovers).where(handovers.c.id.in_(old)))).rowcount
