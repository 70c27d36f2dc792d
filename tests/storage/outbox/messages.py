"""A stored message for tests, of which each changes what it is about."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.contracts.cards import Card
from storage.outbox.rows import StoredMessage


def a_message(now: datetime, **changed: Any) -> StoredMessage:
    """Its first version, queued at ``now``."""
    message = StoredMessage(
        id="M1",
        key="reply:E1:0",
        channel="whatsapp",
        chat_id="447700900100",
        reply_to="",
        event_id="E1",
        card=Card("店铺"),
        version=1,
        sent_version=0,
        state="queued",
        platform_id="",
        refusal="",
        error="",
        created_at=now,
        updated_at=now,
        platform_sent_at=None,
    )
    return replace(message, **changed)
