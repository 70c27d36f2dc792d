"""Parts of messages, followed by what their platform tells, on both databases."""

from datetime import UTC, datetime, timedelta

from storage.database import Database, Transaction
from storage.outbox.handovers import (
    advance_handover,
    begin_handover,
    doubt_handovers,
    find_handover,
    forget_handovers,
    list_handovers,
    settle_message,
    withdraw_handover,
)
from storage.outbox.rows import Handover, HandoverState
from storage.outbox.store import add_message, load_message, record_handed
from tests.storage.outbox.messages import a_message

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
MESSAGE = a_message(NOW)


def a_part(number: int) -> Handover:
    return Handover(
        id=f"M1-1-{number}",
        message_id="M1",
        version=1,
        is_final=True,
        platform_id="",
        state="pending",
        error="",
        begun_at=NOW,
    )


async def begin(tx: Transaction, *, recorded: bool = True) -> None:
    """A message in two parts."""
    await add_message(tx, MESSAGE)
    await begin_handover(tx, a_part(0))
    await begin_handover(tx, a_part(1))
    if recorded:
        await record_handed(tx, "M1", version=1, platform_id="", state="pending", refusal="", now=NOW)


async def tell(tx: Transaction, number: int, state: HandoverState, *, error: str = "") -> bool:
    moved = await advance_handover(tx, f"M1-1-{number}", state=state, platform_id=f"wamid.{number}", error=error)
    await settle_message(tx, "M1", now=NOW)
    return moved


async def state_of(database: Database) -> str:
    async with database.read() as reader:
        message = await load_message(reader, "M1")
    assert message is not None
    return message.state


async def test_the_least_advanced_part_counts(database: Database) -> None:
    async with database.begin() as tx:
        await begin(tx)
        await tell(tx, 0, "read")
        await tell(tx, 1, "delivered")
    assert await state_of(database) == "delivered"


async def test_a_failed_part_decides(database: Database) -> None:
    async with database.begin() as tx:
        await begin(tx)
        await tell(tx, 0, "read")
        await tell(tx, 1, "failed", error="131026 undeliverable")
        message = await load_message(tx, "M1")
    assert message is not None
    assert (message.state, message.error) == ("failed", "131026 undeliverable")


async def test_a_state_never_goes_back(database: Database) -> None:
    async with database.begin() as tx:
        await begin(tx)
        moved = [await tell(tx, 0, state) for state in ("read", "delivered", "sent", "read", "failed", "read")]
        found = await find_handover(tx, "", "wamid.0")
    assert moved == [True, False, False, False, True, False]
    assert found is not None and found.state == "failed"


async def test_a_status_before_the_record_waits_for_it(database: Database) -> None:
    async with database.begin() as tx:
        await begin(tx, recorded=False)
        await tell(tx, 0, "delivered")
        await tell(tx, 1, "delivered")
    assert await state_of(database) == "queued"
    async with database.begin() as tx:
        await record_handed(tx, "M1", version=1, platform_id="", state="pending", refusal="", now=NOW)
        await settle_message(tx, "M1", now=NOW)
    assert await state_of(database) == "delivered"


async def test_only_what_nothing_was_told_of_is_doubted(database: Database) -> None:
    async with database.begin() as tx:
        await begin(tx)
        await tell(tx, 0, "sent")
        late = NOW + timedelta(minutes=5)
        assert await doubt_handovers(tx, begun_before=NOW, now=late, limit=10) == 0
        assert await doubt_handovers(tx, begun_before=late, now=late, limit=10) == 1
        assert [part.state for part in await list_handovers(tx, "M1")] == ["sent", "unknown"]
    assert await state_of(database) == "unknown"


async def test_what_was_refused_never_left(database: Database) -> None:
    async with database.begin() as tx:
        await begin(tx)
        await withdraw_handover(tx, "M1-1-0")
        assert [part.id for part in await list_handovers(tx, "M1")] == ["M1-1-1"]


async def test_old_parts_are_forgotten_in_bites(database: Database) -> None:
    async with database.begin() as tx:
        await begin(tx)
        assert await forget_handovers(tx, before=NOW, limit=5) == 0
        assert await forget_handovers(tx, before=NOW + timedelta(seconds=1), limit=1) == 1
