"""Shipping settings on both databases: listed by level, changed with a memory of what was before, put back."""

from dataclasses import replace

from storage.database import Database
from storage.orders import settings, store
from storage.orders.rows import SettingChange, ShippingSetting
from tests.storage.orders.builders import NOW, an_order

DEFAULT = ShippingSetting(mode="manual")
ITEM = ShippingSetting(item_id="900000000001", mode="auto")
VARIANT = replace(ITEM, variant="黑色 128G", mode="shadow")
SHOP = ShippingSetting(account_id="shop-a", express_code="SF")
EVERY = (VARIANT, ITEM, SHOP, DEFAULT)


async def change(database: Database, *wanted: ShippingSetting, batch: str = "one") -> None:
    async with database.begin() as tx:
        ids = [f"{batch}{number}" for number in range(len(wanted))]
        await settings.change_settings(tx, wanted, batch=batch, by="P1", at=NOW, ids=ids)


async def changes(database: Database) -> tuple[SettingChange, ...]:
    async with database.read() as reader:
        return (await settings.list_changes(reader))[0]


async def test_settings_are_listed_from_the_default_down_and_found_by_what_they_are_for(database: Database) -> None:
    await change(database, *EVERY)
    async with database.begin() as tx:
        await store.put_order(tx, an_order())
    async with database.read() as reader:
        every = await settings.list_settings(reader, "", first=0, most=50)
        part = await settings.list_settings(reader, "", first=1, most=2)
        sought = [await settings.list_settings(reader, text, first=0, most=9) for text in ("演示", "shop", "黑色", "%")]
    assert (every.settings, every.total, every.titles) == (
        (DEFAULT, SHOP, ITEM, VARIANT),
        4,
        {"900000000001": "演示商品"},
    )
    assert part.settings == (SHOP, ITEM)
    assert [found.total for found in sought] == [2, 1, 1, 0]


async def test_what_is_so_already_is_no_change(database: Database) -> None:
    await change(database, *EVERY)
    await change(database, ITEM, replace(SHOP, express_code="YTO"), batch="two")
    newest = (await changes(database))[0]
    assert (newest.before, newest.after, len(await changes(database))) == (SHOP, replace(SHOP, express_code="YTO"), 5)


async def test_a_change_is_put_back(database: Database) -> None:
    await change(database, ITEM)
    await change(database, replace(ITEM, mode="manual"), batch="two")
    second, first = await changes(database)
    async with database.begin() as tx:
        assert await settings.newest_batch(tx) == "two"
        await settings.put_back(tx, second, second.before, by="P2", at=NOW)
    async with database.begin() as tx:
        assert (await settings.settings_above(tx, [ITEM.item_id]), await settings.newest_batch(tx)) == ((ITEM,), "one")
        await settings.put_back(tx, first, None, by="P2", at=NOW)
    async with database.read() as reader:
        assert (await settings.load_settings(reader, [ITEM]), await settings.newest_batch(reader)) == ({}, "")
    assert [each.undone_by for each in await changes(database)] == ["P2", "P2"]
