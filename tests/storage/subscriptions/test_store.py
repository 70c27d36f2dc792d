"""Subscriptions, quiet hours and held messages, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from storage.database import Database, Transaction
from storage.subscriptions import store
from storage.subscriptions.rows import HeldMessage, Subscription

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=17)
ONE = Subscription(
    number=1,
    person_id="P1",
    sender_id="ou_1",
    channel="feishu",
    chat_id="oc_team",
    chat_kind="group",
    plan="每天 9:00",
    line="补货 US",
    next_at=LATER,
    created_at=NOW,
    changed_at=NOW,
)
HELD = HeldMessage(
    person_id="P1", channel="feishu", chat_id="oc_1", source="subscription:1", title="补货", command="补货", held_at=NOW
)


async def add(tx: Transaction, *subscriptions: Subscription) -> None:
    for each in subscriptions:
        assert await store.add_subscription(tx, each)


async def end(tx: Transaction, *numbers: int) -> None:
    for number in numbers:
        await store.set_state(tx, number, "ended", next_at=None, now=NOW)


async def hold(tx: Transaction, *messages: HeldMessage) -> None:
    for each in messages:
        await store.hold_message(tx, each)


async def test_a_subscription_comes_back_as_it_was_stored(database: Database) -> None:
    async with database.begin() as tx:
        assert await store.next_number(tx) == 1
        assert await store.add_subscription(tx, ONE)
        assert await store.load_subscription(tx, 1) == ONE
        assert await store.next_number(tx) == 2
    async with database.read() as reader:
        assert await store.load_subscription(reader, 1) == ONE
        assert await store.load_subscription(reader, 2) is None


async def test_of_two_with_one_number_the_first_stays(database: Database) -> None:
    async with database.begin() as tx:
        await store.add_subscription(tx, ONE)
        assert not await store.add_subscription(tx, replace(ONE, line="店铺"))
        assert await store.load_subscription(tx, 1) == ONE


async def test_a_chat_lists_its_own_and_a_person_theirs_too(database: Database) -> None:
    two = replace(ONE, number=2, person_id="P2")
    three = replace(ONE, number=3, chat_id="oc_1", chat_kind="private")
    async with database.begin() as tx:
        await add(tx, three, ONE, two)
        assert await store.list_subscriptions(tx, "feishu", "oc_team") == (ONE, two)
        assert await store.list_subscriptions(tx, "web", "oc_team") == ()
        assert await store.list_subscriptions(tx, "web", "x", also_of="P1") == (ONE, three)


async def test_state_and_result_are_kept(database: Database) -> None:
    async with database.begin() as tx:
        await store.add_subscription(tx, ONE)
        await store.record_firing(tx, 1, "answered", at=LATER)
        await store.set_state(tx, 1, "paused", next_at=None, now=LATER)
        paused = replace(ONE, state="paused", next_at=None, changed_at=LATER, last_at=LATER, last_outcome="answered")
        assert await store.load_subscription(tx, 1) == paused


async def test_an_ended_subscription_is_gone_for_everybody(database: Database) -> None:
    async with database.begin() as tx:
        await store.add_subscription(tx, ONE)
        await store.set_state(tx, 1, "ended", next_at=None, now=LATER)
        assert await store.load_subscription(tx, 1) is None
        assert await store.list_subscriptions(tx, "feishu", "oc_team", also_of="P1") == ()


async def test_ended_subscriptions_are_forgotten_but_no_number_is_given_twice(database: Database) -> None:
    async with database.begin() as tx:
        await add(tx, ONE, replace(ONE, number=2), replace(ONE, number=3))
        await end(tx, 1, 3)
        assert await store.forget_subscriptions(tx, before=NOW, limit=9) == 0
        assert await store.forget_subscriptions(tx, before=LATER, limit=9) == 1
        assert await store.next_number(tx) == 4


async def test_quiet_hours_are_set_changed_and_taken_back(database: Database) -> None:
    async with database.begin() as tx:
        assert await store.quiet_hours_of(tx, "P1") is None
        await store.set_quiet_hours(tx, "P1", (time(22), time(8)), now=NOW)
        await store.set_quiet_hours(tx, "P1", (time(23, 30), time(7, 5)), now=NOW)
        assert await store.quiet_hours_of(tx, "P1") == (time(23, 30), time(7, 5))
        assert await store.quiet_hours_of(tx, "P2") is None
        await store.set_quiet_hours(tx, "P1", None, now=NOW)
        assert await store.quiet_hours_of(tx, "P1") is None


async def test_held_messages_of_one_source_are_counted_and_the_newest_is_kept(database: Database) -> None:
    newer = replace(HELD, title="补货：1 项", held_at=NOW + timedelta(minutes=5))
    other = replace(HELD, source="subscription:2", held_at=NOW + timedelta(minutes=1))
    async with database.begin() as tx:
        await hold(tx, HELD, other, newer, replace(HELD, person_id="P2"))
        assert await store.list_held(tx, "P1") == (other, replace(newer, count=2))
        await store.forget_held(tx, "P1")
        assert await store.list_held(tx, "P1") == ()
        assert len(await store.list_held(tx, "P2")) == 1
