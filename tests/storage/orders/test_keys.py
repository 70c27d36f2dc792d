"""Card keys on both databases: each is there once, and belongs to one order at most."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from storage.credentials.cipher import Cipher
from storage.database import Database
from storage.orders import keys
from storage.orders.rows import CardKey, KeyPool, KeyState
from tests.storage.orders.builders import NOW

OLD, CIPHER = bytes(32), Cipher(bytes(range(32)))
POOL = KeyPool(id="P", account_id="", item_id="9", variant="")


def ids() -> Callable[[], str]:
    """Ids that count up."""
    numbers = iter(range(10**6))
    return lambda: f"{next(numbers):014}"


async def filled(database: Database, count: int = 5) -> KeyPool:
    """A pool with the keys K0, K1, …"""
    async with database.begin() as tx:
        pool = await keys.make_pool(tx, POOL)
        await keys.add_keys(tx, CIPHER, pool, [f"K{n}" for n in range(count)], new_id=ids(), now=NOW)
    return pool


async def keys_of(database: Database, order_key: str) -> tuple[CardKey, ...]:
    async with database.read() as reader:
        return await keys.keys_of(reader, order_key)


async def counts(database: Database) -> dict[KeyState, int]:
    async with database.read() as reader:
        return dict((await keys.list_pools(reader, "9"))[0].counts)


async def test_a_pool_is_made_once(database: Database) -> None:
    async with database.begin() as tx:
        assert await keys.make_pool(tx, POOL) == POOL
        assert await keys.make_pool(tx, replace(POOL, id="Q")) == POOL
        other = await keys.make_pool(tx, replace(POOL, id="Q", variant="月卡"))
        assert await keys.pools_of(tx, "9") == (POOL, other)
        assert await keys.load_pool(tx, "Q") == other


async def test_a_key_is_there_once_in_whatever_pool_and_kept_encrypted(database: Database) -> None:
    await filled(database, 3)
    async with database.begin() as tx:
        other = await keys.make_pool(tx, replace(POOL, id="Q", item_id="8"))
        new = (f"{n:014}" for n in range(100, 200))
        added = await keys.add_keys(tx, CIPHER, other, ["K9", "K1", "K8", "K2"], new_id=lambda: next(new), now=NOW)
        assert (added.new, added.known) == (2, (1, 3))
        assert await keys.reserve(tx, POOL, "a", [1], now=NOW)
        (key,) = await keys.keys_of(tx, "a")
    assert "K0" not in key.sealed
    assert keys.open_key(CIPHER, key) == "K0"
    assert keys.open_key(Cipher(OLD), key) == ""


async def test_a_new_secret_key_still_tells_what_was_there(database: Database) -> None:
    await filled(database)
    async with database.begin() as tx:
        rotated = Cipher(OLD, bytes(range(32)))
        added = await keys.add_keys(tx, rotated, POOL, ["K1"], new_id=lambda: "Z" * 14, now=NOW)
        assert (added.new, added.known) == (0, (0,))


async def test_a_lost_secret_key_holds_every_pool(database: Database) -> None:
    await filled(database)
    async with database.begin() as tx:
        await keys.add_keys(tx, Cipher(OLD), POOL, ["K1"], new_id=lambda: "Z" * 14, now=NOW)
        pool = await keys.load_pool(tx, "P")
        assert pool is not None
        assert pool.held_since == NOW


async def test_an_order_gets_as_many_as_it_needs_or_none(database: Database) -> None:
    pool = await filled(database, 5)
    async with database.begin() as tx:
        assert await keys.reserve(tx, pool, "a", [1, 2, 3], now=NOW)
        assert not await keys.reserve(tx, pool, "b", [1, 2, 3], now=NOW)
        assert await keys.count_free(tx, pool.id, most=10) == 2
        assert await keys.count_free(tx, pool.id, most=1) == 1
    assert [key.unit_no for key in await keys_of(database, "a")] == [1, 2, 3]
    assert await keys_of(database, "b") == ()


async def test_many_at_once_never_share_a_key(database: Database) -> None:
    pool = await filled(database, 20)

    async def take(order: int) -> bool:
        async with database.begin() as tx:
            return await keys.reserve(tx, pool, f"order-{order}", [1, 2, 3], now=NOW)

    taken = await asyncio.gather(*(take(order) for order in range(10)))
    assert sum(taken) == 6
    given = [key.id for order in range(10) for key in await keys_of(database, f"order-{order}")]
    assert (len(given), len(set(given))) == (18, 18)


async def test_what_is_reserved_may_be_freed_and_what_may_be_sent_may_not(database: Database) -> None:
    pool = await filled(database, 5)
    async with database.begin() as tx:
        await keys.reserve(tx, pool, "a", [1, 2, 3], now=NOW)
        assert await keys.release(tx, "a", now=NOW, above=2) == 1
        assert await keys.move_keys(tx, "a", "reserved", "sent", now=NOW) == 2
        assert await keys.release(tx, "a", now=NOW) == 0
    assert await counts(database) == {"free": 3, "sent": 2}


async def test_what_is_known_as_delivered_is_set_aside_also_what_was_never_here(database: Database) -> None:
    pool = await filled(database, 4)
    async with database.begin() as tx:
        await keys.reserve(tx, pool, "a", [1], now=NOW)
        added = await keys.set_aside(tx, CIPHER, pool, ["K0", "K1", "other"], new_id=lambda: "Z" * 14, now=NOW)
        assert (added.new, added.known) == (1, (0, 1))
        assert (await keys.add_keys(tx, CIPHER, pool, ["other"], new_id=lambda: "Y" * 14, now=NOW)).new == 0
    assert await counts(database) == {"free": 2, "set_aside": 3}
    assert await keys_of(database, "a") == ()
    async with database.begin() as tx:
        assert await keys.set_all_aside(tx, pool, now=NOW) == 2


async def test_pools_are_held_and_released_one_by_one(database: Database) -> None:
    pool = await filled(database)
    async with database.begin() as tx:
        assert await keys.hold_pools(tx, now=NOW) == 1
        assert await keys.hold_pools(tx, now=NOW) == 0
        await keys.release_pool(tx, pool.id)
        assert await keys.load_pool(tx, pool.id) == pool


async def test_what_a_command_carries_is_known_by_it(database: Database) -> None:
    async with database.begin() as tx:
        assert not await keys.has_delivered(tx)
        await keys.put_delivery(tx, CIPHER, "a", "K0", command_id="c", delivery_id="D", now=NOW)
        await keys.note_gaps(tx, ["E", "D"], now=NOW)
        assert await keys.load_delivery(tx, CIPHER, "a", "c") == ("D", "K0")
        assert await keys.load_delivery(tx, CIPHER, "a", "other") is None
        assert await keys.unknown_deliveries(tx, ["D", "E", "F"]) == {"F"}
        assert await keys.has_delivered(tx)


async def test_marks_are_noted_by_name(database: Database) -> None:
    async with database.begin() as tx:
        assert await keys.load_mark(tx, "home") is None
        await keys.put_mark(tx, "home", "1")
        await keys.put_mark(tx, "home", "2")
        assert await keys.load_mark(tx, "home") == "2"
