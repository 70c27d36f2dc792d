"""Subscriptions by number, chat and person; quiet hours by person; what is held for a private chat."""

from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, or_, select, update

from storage.database import Reader, Transaction
from storage.subscriptions.rows import HeldMessage, LastOutcome, Subscription, SubscriptionState
from storage.subscriptions.tables import held_messages, quiet_hours, subscriptions
from storage.upsert import insert_into

_IS_OPEN: ColumnElement[bool] = subscriptions.c.state != "ended"


async def next_number(reader: Reader) -> int:
    """The number of the next subscription; somebody may take it before the transaction."""
    newest = (await reader.execute(select(func.max(subscriptions.c.number)))).scalar_one()
    return int(newest or 0) + 1


async def add_subscription(tx: Transaction, subscription: Subscription) -> bool:
    """Store a new subscription; False if its number is taken."""
    statement = insert_into(subscriptions, tx).values(asdict(subscription)).on_conflict_do_nothing()
    return (await tx.execute(statement)).rowcount == 1


async def load_subscription(reader: Reader, number: int) -> Subscription | None:
    """The subscription unless it ended; within a transaction nobody else changes it until the commit."""
    statement = select(subscriptions).where(subscriptions.c.number == number, _IS_OPEN)
    if isinstance(reader, Transaction):
        statement = statement.with_for_update()
    row = (await reader.execute(statement)).one_or_none()
    return None if row is None else _subscription(row)


async def list_subscriptions(
    reader: Reader, channel: str, chat_id: str, *, also_of: str = ""
) -> tuple[Subscription, ...]:
    """Those of a chat that have not ended, and the person ``also_of``'s elsewhere, by number."""
    here = (subscriptions.c.channel == channel) & (subscriptions.c.chat_id == chat_id)
    wanted = or_(here, subscriptions.c.person_id == also_of) if also_of else here
    rows = await reader.execute(select(subscriptions).where(wanted, _IS_OPEN).order_by(subscriptions.c.number))
    return tuple(_subscription(row) for row in rows.all())


async def set_state(
    tx: Transaction, number: int, state: SubscriptionState, *, next_at: datetime | None, now: datetime
) -> None:
    """Pause, resume or end a subscription."""
    values = {"state": state, "next_at": next_at, "changed_at": now}
    await tx.execute(update(subscriptions).where(subscriptions.c.number == number).values(values))


async def record_firing(tx: Transaction, number: int, outcome: LastOutcome, *, at: datetime) -> None:
    """Note how it went the last time."""
    values = {"last_at": at, "last_outcome": outcome}
    await tx.execute(update(subscriptions).where(subscriptions.c.number == number).values(values))


async def forget_subscriptions(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` subscriptions that ended before ``before``. Returns how many.

    Note: the newest stays, so that its number is not given again.
    """
    newest = select(func.max(subscriptions.c.number)).scalar_subquery()
    is_old = (subscriptions.c.state == "ended", subscriptions.c.changed_at < before, subscriptions.c.number != newest)
    old = select(subscriptions.c.number).where(*is_old).limit(limit)
    return (await tx.execute(delete(subscriptions).where(subscriptions.c.number.in_(old)))).rowcount


async def overdue_subscriptions(reader: Reader, *, before: datetime) -> list[tuple[int, datetime]]:
    """(number, slot) of active subscriptions that should have fired before ``before`` and did not."""
    late = (subscriptions.c.state == "active", subscriptions.c.next_at < before)
    rows = await reader.execute(select(subscriptions.c.number, subscriptions.c.next_at).where(*late))
    return [(number, next_at) for number, next_at in rows.all()]


async def set_quiet_hours(tx: Transaction, person_id: str, hours: tuple[time, time] | None, *, now: datetime) -> None:
    """When the person wants quiet, on the team's wall; None: never."""
    if hours is None:
        await tx.execute(delete(quiet_hours).where(quiet_hours.c.person_id == person_id))
        return
    values = {"starts": f"{hours[0]:%H:%M}", "ends": f"{hours[1]:%H:%M}", "set_at": now}
    statement = insert_into(quiet_hours, tx).values(person_id=person_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))


async def quiet_hours_of(reader: Reader, person_id: str) -> tuple[time, time] | None:
    """From when to when the person wants quiet, on the team's wall."""
    mine = select(quiet_hours.c.starts, quiet_hours.c.ends).where(quiet_hours.c.person_id == person_id)
    row = (await reader.execute(mine)).one_or_none()
    return None if row is None else (time.fromisoformat(row.starts), time.fromisoformat(row.ends))


async def hold_message(tx: Transaction, message: HeldMessage) -> None:
    """Keep it for the digest, in the place of an earlier one of the same source.

    Note: whoever holds also submits a job of ``DIGEST_TASK`` for the end of the quiet hours, under a key of its own.
    """
    statement = insert_into(held_messages, tx).values(asdict(message))
    newer = {"title": message.title, "command": message.command, "held_at": message.held_at}
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "channel", "chat_id", "source"],
            set_=newer | {"count": held_messages.c.count + 1},
        )
    )


async def list_held(reader: Reader, person_id: str) -> tuple[HeldMessage, ...]:
    """What is held for a person, in all their private chats, the oldest first."""
    mine = select(held_messages).where(held_messages.c.person_id == person_id)
    rows = await reader.execute(mine.order_by(held_messages.c.held_at, held_messages.c.source))
    return tuple(HeldMessage(**row._mapping) for row in rows.all())


async def forget_held(tx: Transaction, person_id: str) -> None:
    """All of it was sent."""
    await tx.execute(delete(held_messages).where(held_messages.c.person_id == person_id))


def _subscription(row: Row[*tuple[Any, ...]]) -> Subscription:
    return Subscription(**row._mapping)
