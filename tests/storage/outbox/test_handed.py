"""How far messages got and how channels do, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.database import Database, Transaction
from storage.outbox.handed import channel_health, handed_states, platform_id_of
from storage.outbox.rows import ChannelHealth
from storage.outbox.store import add_message
from tests.storage.outbox.messages import a_message

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SENT = a_message(
    NOW,
    key="matter:1:feishu:oc_1",
    channel="feishu",
    chat_id="oc_1",
    sent_version=1,
    state="accepted",
    platform_id="om_1,om_2",
    platform_sent_at=NOW,
)


async def add(tx: Transaction, **changed: object) -> None:
    await add_message(tx, replace(SENT, **changed))  # type: ignore[arg-type]


async def test_states_and_ids_are_found_by_key(database: Database) -> None:
    async with database.begin() as tx:
        await add(tx)
        await add(tx, id="M2", key="matter:1:sms:1", channel="sms", state="failed", platform_id="")
        assert set(await handed_states(tx, [SENT.key, "matter:1:sms:1", "none"])) == {
            ("feishu", "accepted"),
            ("sms", "failed"),
        }
        assert await platform_id_of(tx, SENT.key) == "om_1"
        assert await platform_id_of(tx, "none") == ""


async def test_a_channels_health_tells_refusals_of_one_message_from_failures_of_the_channel(
    database: Database,
) -> None:
    async with database.begin() as tx:
        await add(tx)
        await add(tx, id="M2", key="b", state="queued", updated_at=NOW - MINUTE)
        await add(tx, id="M3", key="c", state="failed", error="UpstreamRejected: window", updated_at=NOW + MINUTE)
        await add(tx, id="M4", key="d", channel="sms", state="failed", error="UpstreamUnavailable: x")
        await add(tx, id="M5", key="e", channel="whatsapp", state="unknown")
        await add(tx, id="M6", key="f", channel="web", created_at=NOW - timedelta(days=9))
        health = {each.channel: each for each in await channel_health(tx, since=NOW - timedelta(days=1))}
    assert health == {
        "feishu": ChannelHealth(
            channel="feishu", last_handed_at=NOW, oldest_queued_at=NOW - MINUTE, last_failed_at=None
        ),
        "sms": ChannelHealth(channel="sms", last_handed_at=None, oldest_queued_at=None, last_failed_at=NOW),
        "whatsapp": ChannelHealth(channel="whatsapp", last_handed_at=None, oldest_queued_at=None, last_failed_at=NOW),
    }
