"""Settings, holds, shipments and numbers on both databases; a number belongs to one order."""

import asyncio

from storage.database import Database
from storage.orders import shipping
from storage.orders.rows import Hold, Shipment, ShippingSetting
from tests.storage.orders.builders import NOW, an_order


async def test_the_settings_of_an_order_are_those_of_its_item_its_shop_and_the_default(database: Database) -> None:
    default = ShippingSetting(mode="manual")
    of_shop = ShippingSetting(account_id="shop-a", mode="auto")
    of_item = ShippingSetting(item_id="9", variant="白", delay_from=1, delay_to=2)
    async with database.begin() as tx:
        await shipping.put_setting(tx, default)
        await shipping.put_setting(tx, ShippingSetting(account_id="shop-b"))
        await shipping.put_setting(tx, ShippingSetting(item_id="8"))
        await shipping.put_setting(tx, ShippingSetting(account_id="shop-a"))
        await shipping.put_setting(tx, of_shop)
        await shipping.put_setting(tx, of_item)
        assert set(await shipping.settings_for(tx, "shop-a", "9")) == {default, of_shop, of_item}
        assert set(await shipping.settings_for(tx, "shop-a", "")) == {default, of_shop}


async def test_a_hold_of_its_order_its_shop_or_everything_holds_an_order_until_it_ends(database: Database) -> None:
    order = an_order()
    async with database.begin() as tx:
        await shipping.put_hold(tx, Hold(scope="shop:other", person_id="P", set_at=NOW))
        await shipping.put_hold(tx, Hold(scope=f"order:{order.key}", person_id="P", set_at=NOW))
        await shipping.put_hold(tx, Hold(scope="all", person_id="P", set_at=NOW))
        assert {hold.scope for hold in await shipping.holds_on(tx, order)} == {"all", f"order:{order.key}"}
        await shipping.end_hold(tx, "all")
        assert len(await shipping.holds_on(tx, order)) == 1


async def test_there_is_one_shipment_per_order(database: Database) -> None:
    planned = Shipment(order_key="k", state="planned", run_at=NOW, changed_at=NOW)
    marked = Shipment(order_key="k", state="marked", run_at=NOW, changed_at=NOW, waybill_no="SF1")
    async with database.begin() as tx:
        assert await shipping.load_shipment(tx, "k") is None
        await shipping.put_shipment(tx, planned)
        await shipping.put_shipment(tx, marked)
        assert await shipping.load_shipment(tx, "k") == marked


async def test_a_number_is_in_the_pool_once_and_given_to_one_order(database: Database) -> None:
    async with database.begin() as tx:
        assert await shipping.add_waybills(tx, "SF", ["1", "2", "1"]) == 2
        assert await shipping.known_waybills(tx, "SF", ["2", "3"]) == {"2"}
        assert await shipping.known_waybills(tx, "YTO", ["2", "3"]) == frozenset()
        assert await shipping.add_waybills(tx, "SF", ["2", "3"]) == 1

    async def take(order: int) -> str:
        async with database.begin() as tx:
            return await shipping.take_waybill(tx, "SF", f"order-{order}")

    taken = await asyncio.gather(*(take(order) for order in range(5)))
    assert sorted(taken) == ["", "", "1", "2", "3"]
    async with database.begin() as tx:
        assert await shipping.add_waybills(tx, "SF", ["1"]) == 0
        assert await shipping.count_free_waybills(tx, "SF") == 0


async def test_a_number_that_somebody_names_cannot_be_anothers(database: Database) -> None:
    async with database.begin() as tx:
        await shipping.add_waybills(tx, "SF", ["1"])
        assert await shipping.use_waybill(tx, "SF", "1", "a")
        assert await shipping.use_waybill(tx, "SF", "1", "a")
        assert not await shipping.use_waybill(tx, "SF", "1", "b")
        assert await shipping.use_waybill(tx, "YTO", "1", "b")


async def test_an_order_gets_the_number_that_is_its_own_before_a_free_one(database: Database) -> None:
    async with database.begin() as tx:
        await shipping.add_waybills(tx, "SF", ["1", "2"])
        assert await shipping.use_waybill(tx, "SF", "2", "a")
        assert await shipping.waybill_of(tx, "SF", "a") == "2"
        assert [await shipping.take_waybill(tx, "SF", order) for order in ("a", "b", "c")] == ["2", "1", ""]
