"""The team's own alarm rules, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.contracts.quantities import StoreId
from storage.alerts import store
from storage.alerts.rows import Watch
from storage.database import Database, Transaction

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ONE = Watch(
    number=1,
    kind="stockout",
    store_ids=(StoreId("101"), StoreId("102")),
    sku="YG-1",
    threshold=14,
    days_in_a_row=2,
    is_urgent=True,
    replaces=7,
    person_id="P1",
    made_at=NOW,
    changed_by="P1",
    changed_at=NOW,
)


async def add(tx: Transaction, *watches: Watch) -> None:
    for each in watches:
        assert await store.add_watch(tx, each)


async def test_a_rule_comes_back_as_it_was_stored(database: Database) -> None:
    async with database.begin() as tx:
        assert await store.next_number(tx) == 1
        await add(tx, ONE)
        assert await store.load_watch(tx, 1) == ONE
        assert await store.next_number(tx) == 2
    async with database.read() as reader:
        assert await store.load_watch(reader, 1) == ONE
        assert await store.load_watch(reader, 2) is None


async def test_of_two_with_one_number_the_first_stays(database: Database) -> None:
    async with database.begin() as tx:
        await add(tx, ONE)
        assert not await store.add_watch(tx, replace(ONE, threshold=20))
        assert await store.load_watch(tx, 1) == ONE


async def test_who_switched_it_when_is_kept(database: Database) -> None:
    async with database.begin() as tx:
        await add(tx, ONE)
        await store.set_watch_state(tx, 1, "live", by="P2", now=LATER)
        assert await store.load_watch(tx, 1) == replace(ONE, state="live", changed_by="P2", changed_at=LATER)


async def test_those_that_ended_last_are_listed_behind_the_present_ones(database: Database) -> None:
    ended = replace(ONE, state="ended")
    newer = replace(ended, number=2, changed_at=LATER)
    async with database.begin() as tx:
        await add(tx, ended, newer, replace(ONE, number=3))
        assert await store.list_watches(tx) == (replace(ONE, number=3),)
        assert await store.list_watches(tx, ended=1) == (replace(ONE, number=3), newer)


async def test_old_rules_are_forgotten_but_no_number_is_given_twice(database: Database) -> None:
    live = replace(ONE, number=2, state="live")
    async with database.begin() as tx:
        await add(tx, ONE, live, replace(ONE, number=3, state="ended"), replace(ONE, number=4, state="ended"))
        assert await store.forget_watches(tx, before=NOW, limit=9) == 0
        assert await store.forget_watches(tx, before=LATER, limit=9) == 2
        assert await store.next_number(tx) == 5
        assert await store.list_watches(tx, ended=9) == (live, replace(ONE, number=4, state="ended"))
