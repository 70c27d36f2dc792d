"""Messages whose platform tells their fate only when it is asked."""

from datetime import datetime

from sqlalchemy import select, update

from storage.database import Reader, Transaction
from storage.outbox.tables import messages


async def unreported(reader: Reader, channel: str, *, since: datetime, limit: int) -> list[tuple[str, str]]:
    """Our id and the platform's of messages that it accepted after ``since``, the newest first."""
    rows = await reader.execute(
        select(messages.c.id, messages.c.platform_id)
        .where(
            messages.c.channel == channel,
            messages.c.state == "accepted",
            messages.c.platform_id != "",
            messages.c.platform_sent_at > since,
        )
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.platform_id) for row in rows.all()]


async def record_report(tx: Transaction, message_id: str, *, state: str, error: str, now: datetime) -> None:
    """The platform says that it is ``delivered`` or ``failed``, unless something else was heard meanwhile."""
    await tx.execute(
        update(messages)
        .where(messages.c.id == message_id, messages.c.state == "accepted")
        .values(state=state, error=error, updated_at=now)
    )
