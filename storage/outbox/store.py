"""The outbox: one row per message, the newest version wins, and how far it got is kept."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, bindparam, case, delete, func, literal_column, select, update

from bot.contracts.card_json import card_from_json, card_to_json
from bot.contracts.cards import Card
from storage.database import Reader, Transaction
from storage.outbox.rows import OutboxCount, StoredAction, StoredMessage
from storage.outbox.tables import actions, messages
from storage.schema import Moment

_COLUMNS = tuple(StoredMessage.__slots__)
_IS_OPEN: ColumnElement[bool] = literal_column("state IN ('queued', 'failed', 'unknown')")
_LOCK_BY_KEY = select(messages).where(messages.c.key == bindparam("wanted")).with_for_update()
_BY_ID = select(messages).where(messages.c.id == bindparam("wanted"))
_HANDED = (
    update(messages)
    .where(messages.c.id == bindparam("wanted"), messages.c.sent_version <= bindparam("handed"))
    .values(
        sent_version=bindparam("handed"),
        platform_id=bindparam("known_as"),
        platform_sent_at=func.coalesce(messages.c.platform_sent_at, bindparam("now", type_=Moment)),
        refusal=bindparam("refused"),
        error="",
        state=case((messages.c.version == bindparam("handed"), bindparam("reached")), else_=messages.c.state),
    )
)


def content_hash(card: Card) -> str:
    """A fingerprint of what a person sees on the card, buttons' tokens left out."""
    seen = card.with_tokens({action: "" for action in card.all_actions()})
    return hashlib.blake2b(orjson.dumps(card_to_json(seen)), digest_size=16).hexdigest()


async def lock_by_key(tx: Transaction, key: str) -> StoredMessage | None:
    """The message named ``key``, which nobody else can change before this transaction ends."""
    if any(message.key == key for message in tx.waiting(_add_messages)):
        await tx.flush()
    row = (await tx.execute_beside(_LOCK_BY_KEY, {"wanted": key})).one_or_none()
    return None if row is None else _message(row)


async def load_message(reader: Reader, message_id: str) -> StoredMessage | None:
    """The message, or None if it is unknown."""
    row = (await reader.execute(_BY_ID, {"wanted": message_id})).one_or_none()
    return None if row is None else _message(row)


async def add_message(tx: Transaction, message: StoredMessage) -> None:
    """Store the first version of a message."""
    tx.write_later(_add_messages, message)


async def _add_messages(tx: Transaction, new: Sequence[StoredMessage]) -> None:
    rows = [
        tuple(card_to_json(message.card) if name == "card" else getattr(message, name) for name in _COLUMNS)
        for message in new
    ]
    await tx.insert_many(messages, _COLUMNS, rows)


async def replace_card(tx: Transaction, message_id: str, *, card: Card, version: int, now: datetime) -> None:
    """A newer version of the message waits to be sent."""
    await tx.execute(
        update(messages)
        .where(messages.c.id == message_id)
        .values(card=card_to_json(card), version=version, state="queued", error="", updated_at=now)
    )


async def record_handed(
    tx: Transaction, message_id: str, *, version: int, platform_id: str, state: str, refusal: str, now: datetime
) -> None:
    """The platform has this version. A newer version that waits stays queued."""
    handed = {"wanted": message_id, "handed": version, "known_as": platform_id, "reached": state}
    tx.write_later(_record_handed, handed | {"refused": refusal, "now": now})


async def _record_handed(tx: Transaction, handed: Sequence[Mapping[str, Any]]) -> None:
    await tx.execute(_HANDED, handed)


async def record_failure(tx: Transaction, message_id: str, *, state: str, error: str, now: datetime) -> None:
    """The newest version was refused for good (``failed``) or its outcome is not known (``unknown``)."""
    await tx.execute(
        update(messages).where(messages.c.id == message_id).values(state=state, error=error, updated_at=now)
    )


async def chat_messages(reader: Reader, channel: str, chat_id: str, *, limit: int) -> list[StoredMessage]:
    """The newest ``limit`` messages of a chat, oldest first."""
    rows = await reader.execute(
        select(messages)
        .where(messages.c.channel == channel, messages.c.chat_id == chat_id, messages.c.card.is_not(None))
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return [_message(row) for row in reversed(rows.all())]


async def messages_for_event(reader: Reader, event_id: str) -> list[StoredMessage]:
    """What answered the event, oldest first."""
    rows = await reader.execute(select(messages).where(messages.c.event_id == event_id).order_by(messages.c.id))
    return [_message(row) for row in rows.all()]


async def is_ours(reader: Reader, channel: str, chat_id: str, platform_id: str) -> bool:
    """True if the platform's message in this chat was sent by us, alone or as one page of a card."""
    found = select(messages.c.id).where(
        messages.c.channel == channel,
        messages.c.chat_id == chat_id,
        messages.c.platform_id.contains(platform_id, autoescape=True),
    )
    return (await reader.execute(found.limit(1))).first() is not None


async def open_messages(reader: Reader, *, states: Sequence[str], limit: int) -> list[StoredMessage]:
    """Messages in one of the unfinished ``states``, oldest first."""
    rows = await reader.execute(
        select(messages).where(_IS_OPEN, messages.c.state.in_(states)).order_by(messages.c.id).limit(limit)
    )
    return [_message(row) for row in rows.all()]


async def count_open(reader: Reader) -> list[OutboxCount]:
    """How many messages are queued, failed or of unknown outcome, per channel."""
    rows = await reader.execute(
        select(messages.c.channel, messages.c.state, func.count(), func.min(messages.c.updated_at))
        .where(_IS_OPEN)
        .group_by(messages.c.channel, messages.c.state)
    )
    return [OutboxCount(channel=c, state=s, count=n, oldest=oldest) for c, s, n, oldest in rows.all()]


_GONE = Card("")  # stands for a body that retention has removed


def _message(row: Row[*tuple[Any, ...]]) -> StoredMessage:
    values = {name: getattr(row, name) for name in StoredMessage.__slots__ if name != "card"}
    return StoredMessage(**values, card=_GONE if row.card is None else card_from_json(row.card))


async def add_actions(tx: Transaction, new: Sequence[StoredAction], *, version: int) -> None:
    """Store the buttons of one version of a message."""
    for action in new:
        tx.write_later(_add_actions, (*(getattr(action, name) for name in StoredAction.__slots__), version))


async def _add_actions(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    await tx.insert_many(actions, (*StoredAction.__slots__, "version"), rows)


async def find_action(reader: Reader, token: str) -> StoredAction | None:
    """The button behind ``token``, or None if it never existed or was forgotten."""
    row = (await reader.execute(select(actions).where(actions.c.token == token))).one_or_none()
    if row is None:
        return None
    return StoredAction(**{name: getattr(row, name) for name in StoredAction.__slots__})


async def claim_action(tx: Transaction, token: str, *, event_id: str, name: str, now: datetime) -> bool:
    """Press a button that may be pressed once. False if somebody, even this event, was first."""
    result = await tx.execute(
        update(actions)
        .where(actions.c.token == token, actions.c.claimed_at.is_(None))
        .values(claimed_event_id=event_id, claimed_name=name, claimed_at=now)
    )
    return result.rowcount == 1


async def release_action(tx: Transaction, token: str) -> None:
    """The press came to nothing: the button may be pressed again."""
    released = {"claimed_event_id": "", "claimed_name": "", "claimed_at": None}
    await tx.execute(update(actions).where(actions.c.token == token).values(**released))


async def forget_cards(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Empty up to ``limit`` cards created before ``before``. Returns how many."""
    old = select(messages.c.id).where(messages.c.created_at < before, messages.c.card.is_not(None)).limit(limit)
    return (await tx.execute(update(messages).where(messages.c.id.in_(old)).values(card=None))).rowcount


async def forget_actions(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` buttons that expired before ``before``. Returns how many."""
    old = select(actions.c.token).where(actions.c.expires_at < before).limit(limit)
    return (await tx.execute(delete(actions).where(actions.c.token.in_(old)))).rowcount
