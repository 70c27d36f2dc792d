"""How far messages got, by their keys."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select

from storage.database import Reader
from storage.outbox.rows import ChannelHealth
from storage.outbox.tables import messages

_IS_OPEN: ColumnElement[bool] = literal_column("state IN ('queued', 'failed', 'unknown')")  # as in the partial index
_OUT_OF_REACH = ("UpstreamUnavailable", "UpstreamUnclear", "UpstreamAuthError", "UpstreamRateLimited")
"""Errors of the whole channel; a refusal concerns one message or one person."""


async def handed_states(reader: Reader, keys: Collection[str]) -> tuple[tuple[str, str], ...]:
    """(channel, state) of those of the messages that there are."""
    rows = await reader.execute(select(messages.c.channel, messages.c.state).where(messages.c.key.in_(keys)))
    return tuple((channel, state) for channel, state in rows.all())


async def platform_id_of(reader: Reader, key: str) -> str:
    """The platform's id of the message, of its first page if it has several; empty until the platform told it."""
    found = (await reader.execute(select(messages.c.platform_id).where(messages.c.key == key))).scalar_one_or_none()
    return (found or "").partition(",")[0]


async def channel_health(reader: Reader, *, since: datetime) -> tuple[ChannelHealth, ...]:
    """How every channel did with the messages changed after ``since``, and with those that still wait."""
    queued = messages.c.state == "queued"
    is_channels = or_(*(messages.c.error.startswith(each) for each in _OUT_OF_REACH))
    failed = or_(messages.c.state == "unknown", and_(messages.c.state == "failed", is_channels))
    handed = messages.c.state.in_(("accepted", "delivered", "read"))
    rows = await reader.execute(
        select(
            messages.c.channel,
            func.max(case((handed, messages.c.updated_at))),
            func.min(case((queued, messages.c.updated_at))),
            func.max(case((failed, messages.c.updated_at))),
        )
        .where(or_(messages.c.created_at > since, _IS_OPEN))
        .group_by(messages.c.channel)
    )
    return tuple(
        ChannelHealth(channel=channel, last_handed_at=last_handed, oldest_queued_at=oldest, last_failed_at=last_failed)
        for channel, last_handed, oldest, last_failed in rows.all()
    )
