"""Orders to leaf through on both databases: by view, by shop, by what is sought, and counted no further than needed."""

from datetime import timedelta
from typing import Any

import pytest

from storage.database import Database, Reader
from storage.orders import store
from storage.orders.lists import COUNTED_TO, Found, View, Wanted, list_orders
from storage.orders.rows import Order
from tests.storage.orders.builders import NOW, an_order, plans_of

LATER = NOW + timedelta(hours=1)
ORDERS = (
    an_order("10", ship_by=LATER),
    an_order("11", account_id="shop-b", first_seen_at=LATER),
    an_order("12", refund="requested", waybill_no="SF7"),
    an_order("13", refund="requested", status="closed", title="别的", item_id="8"),
    an_order("14", status="shipped"),
    an_order("15", status="shipped", status_at=LATER, source="demo"),
)


@pytest.fixture
async def stored(database: Database) -> Database:
    async with database.begin() as tx:
        for order in ORDERS:
            await store.put_order(tx, order)
    return database


async def ask(
    database: Database, *, first: int = 0, most: int = 50, counted_to: int = COUNTED_TO, **wanted: Any
) -> Found:
    async with database.read() as reader:
        return await list_orders(reader, Wanted(**wanted), first=first, most=most, counted_to=counted_to)


def numbers(orders: tuple[Order, ...]) -> str:
    return " ".join(order.order_id for order in orders)


@pytest.mark.parametrize(
    ("view", "listed"),
    [("to_ship", "11 10"), ("refunding", "12"), ("shipped", "15 14"), ("all", "11 15 10 12 13 14")],
)
async def test_each_view_has_its_orders_those_that_matter_first(stored: Database, view: View, listed: str) -> None:
    found = await ask(stored, view=view)
    assert (numbers(found.orders), found.total, found.goes_on) == (listed, len(listed.split()), False)


@pytest.mark.parametrize(
    ("shops", "listed"),
    [
        ((("xianyu", "shop-b"),), "11"),
        ((("xianyu", "shop-b"), ("demo", "shop-a")), "11 15"),
        ((("xianyu", "shop"),), ""),
        ((), ""),
    ],
)
async def test_of_other_shops_nothing_is_listed_or_counted(
    stored: Database, shops: tuple[tuple[str, str], ...], listed: str
) -> None:
    assert numbers((await ask(stored, shops=shops)).orders) == listed
    found = await ask(stored, shops=shops, text="1")
    assert (numbers(found.orders), found.total) == (listed, len(listed.split()))


@pytest.mark.parametrize(
    ("text", "view", "listed"),
    [
        ("1", "to_ship", "11 10"),
        ("12", "all", "12"),
        ("SF", "all", "12"),
        ("别", "all", "13"),
        ("9", "shipped", "15 14"),
        ("x", "all", ""),
    ],
)
async def test_what_is_sought_is_sought_within_the_view(stored: Database, text: str, view: View, listed: str) -> None:
    found = await ask(stored, text=text, view=view)
    assert (numbers(found.orders), found.total) == (listed, len(listed.split()))


async def test_a_list_is_leafed_through_and_counted_no_further_than_needed(stored: Database) -> None:
    one, other, last = [await ask(stored, first=first, most=2, counted_to=2) for first in (0, 2, 4)]
    assert numbers(one.orders + other.orders + last.orders) == "11 15 10 12 13 14"
    assert [(each.total, each.goes_on) for each in (one, other, last)] == [(2, True), (4, True), (6, False)]


async def test_a_search_that_finds_too_much_says_so(stored: Database) -> None:
    found = [await ask(stored, text="1", first=first, most=2, counted_to=2) for first in (0, 2, 4)]
    assert [numbers(each.orders) for each in found] == ["11 10", "12", ""]
    assert all(each.goes_on for each in found)


async def test_no_list_looks_at_all_orders(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.begin() as tx:
        await store.put_order(tx, an_order())
    one, two = (("xianyu", "shop-a"),), (("xianyu", "shop-a"), ("demo", "shop-b"))
    wanted = [
        Wanted(view=view, text=text, shops=shops)
        for view in ("to_ship", "refunding", "shipped", "all")
        for text in ("", "1000", "演示")
        for shops in (None, one, two)
    ]

    def asking(each: Wanted) -> Any:
        async def asked(reader: Reader) -> Found:
            return await list_orders(reader, each, first=0, most=50)

        return asked

    plans = await plans_of(database, [asking(each) for each in wanted])
    await database.close()
    assert [plan for plan in plans if plan == "SCAN orders"] == []
    assert len(plans) > len(wanted)
