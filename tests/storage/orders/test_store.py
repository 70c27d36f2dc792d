"""Orders on both databases: kept, listed and found, with what concerns people encrypted."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import pytest

from storage.credentials.cipher import Cipher
from storage.database import Database, Transaction
from storage.orders import store
from storage.orders.buyers import open_buyer, open_text, seal_buyer, seal_text
from storage.orders.rows import Channel, Line, Order, order_key
from tests.storage.orders.builders import NOW, an_order, plans_of

CIPHER, OTHER = Cipher(bytes(range(32))), Cipher(bytes(32))
BUYER = {"id": "buyer-77", "nick": "小明"}


async def keep(tx: Transaction, *orders: Order) -> None:
    for order in orders:
        await store.put_order(tx, order)


async def write(tx: Transaction, lines: Iterable[Line]) -> None:
    for line in lines:
        await store.add_line(tx, line)


async def test_an_order_comes_back_as_it_was_kept_and_a_newer_one_takes_its_place(database: Database) -> None:
    order = an_order(quantity=2)
    shipped = an_order(status="shipped", waybill_no="SF1", amount=Decimal("0.10"))
    async with database.begin() as tx:
        await store.put_order(tx, order)
        assert await store.load_order(tx, order.key) == order
        await store.put_order(tx, shipped)
    async with database.read() as reader:
        assert await store.load_order(reader, order.key) == shipped
        assert await store.load_order(reader, "nowhere") is None


async def test_the_same_number_in_two_shops_is_two_orders(database: Database) -> None:
    one, other = an_order(), an_order(account_id="shop-b")
    async with database.begin() as tx:
        await store.put_order(tx, one)
        await store.put_order(tx, other)
        assert await store.find_orders(tx, one.order_id) == (one, other)


def test_a_key_cannot_be_made_to_mean_another_order() -> None:
    assert order_key("s", "a/b", "c") != order_key("s", "a", "b/c")


@pytest.mark.parametrize("text", ["10000", "9000000000", "SF12", "演示", "商品"])
async def test_an_order_is_found_by_the_beginning_of_a_number_or_a_word_of_the_title(
    database: Database, text: str
) -> None:
    order = an_order(waybill_no="SF1234")
    other = an_order("2000", item_id="8", title="另一个", waybill_no="YT1")
    async with database.begin() as tx:
        await store.put_order(tx, order)
        await store.put_order(tx, other)
        assert await store.search_orders(tx, text, limit=9) == (order,)


@pytest.mark.parametrize("text", ["0001", "%", "_"])
async def test_nothing_is_found_in_the_middle_of_a_number_or_by_a_sign_of_the_database(
    database: Database, text: str
) -> None:
    async with database.begin() as tx:
        await store.put_order(tx, an_order("1000", title="x", item_id="9"))
        assert await store.search_orders(tx, text, limit=9) == ()


async def test_what_must_be_shipped_first_is_listed_first(database: Database) -> None:
    late, later = an_order("1"), an_order("2", ship_by=NOW + timedelta(hours=1))
    async with database.begin() as tx:
        await keep(tx, later, late, an_order("3", status="shipped"))
        assert await store.orders_to_ship(tx, limit=9) == (late, later)
        assert await store.count_paid(tx) == 2


async def test_no_list_and_no_search_looks_at_all_orders(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with database.begin() as tx:
        await store.put_order(tx, an_order())
    asked = (
        lambda reader: store.newest_orders(reader, limit=50),
        lambda reader: store.orders_to_ship(reader, limit=50),
        lambda reader: store.search_orders(reader, "演示", limit=50),
        lambda reader: store.search_orders(reader, "1000", limit=50),
        lambda reader: store.find_orders(reader, "1000"),
        lambda reader: store.order_of_chat(reader, "xianyu", "shop-a", "5"),
    )
    plans = await plans_of(database, asked)
    await database.close()
    assert [plan for plan in plans if plan == "SCAN orders"] == []


async def test_a_chat_belongs_to_the_newest_order_made_there(database: Database) -> None:
    older = an_order("1", chat_id="5", first_seen_at=NOW - timedelta(days=1))
    newer = an_order("2", chat_id="5")
    async with database.begin() as tx:
        await keep(tx, newer, older, an_order("3", chat_id="5", account_id="shop-b"))
        assert await store.order_of_chat(tx, "xianyu", "shop-a", "5") == newer
        assert await store.order_of_chat(tx, "xianyu", "shop-a", "6") is None


async def test_the_newest_lines_come_oldest_first(database: Database) -> None:
    lines = [Line(order_key="k", id=f"L{number}", at=NOW, kind="status", text="paid") for number in range(3)]
    async with database.begin() as tx:
        await write(tx, lines)
        assert await store.list_lines(tx, "k", limit=2) == tuple(lines[1:])


async def test_the_last_word_about_a_channel_is_remembered(database: Database) -> None:
    online = Channel(source="xianyu", account_id="a", status="online", status_at=NOW)
    offline = Channel(source="xianyu", account_id="a", status="offline", status_at=NOW)
    async with database.begin() as tx:
        assert await store.load_channel(tx, "xianyu", "a") is None
        await store.put_channel(tx, online)
        await store.put_channel(tx, offline)
        assert await store.load_channel(tx, "xianyu", "a") == offline


def test_a_buyer_is_encrypted_and_bound_to_the_order() -> None:
    sealed = seal_buyer(CIPHER, "one", BUYER)
    assert "小明" not in sealed
    assert open_buyer(CIPHER, "one", sealed) == BUYER
    assert open_buyer(CIPHER, "other", sealed) == {}
    assert open_buyer(OTHER, "one", sealed) == {}


def test_nobody_is_kept_as_nothing() -> None:
    assert seal_buyer(CIPHER, "one", {"id": "", "nick": ""}) == ""
    assert open_text(CIPHER, "one", "") == ""


def test_a_text_is_opened_where_it_was_kept() -> None:
    assert open_text(CIPHER, "one", seal_text(CIPHER, "one", "你好")) == "你好"


async def test_what_must_be_shipped_is_leafed_through_to_its_end(database: Database) -> None:
    late = NOW + timedelta(hours=1)
    async with database.begin() as tx:
        await keep(tx, *(an_order(number, ship_by=late) for number in "14"), *(an_order(number) for number in "235"))
        await keep(tx, an_order("6", status="shipped"))
    async with database.read() as reader:
        first = await store.keys_to_ship(reader, after=None, limit=2)
        second = await store.keys_to_ship(reader, after=first[-1], limit=2)
        last = await store.keys_to_ship(reader, after=second[-1], limit=2)
        found = [key.rpartition("/")[2] for _, key in (*first, *second, *last)]
        none = await store.keys_to_ship(reader, after=last[-1], limit=2)
    assert (found, none) == (["2", "3", "5", "1", "4"], [])


async def test_how_far_a_list_was_read_is_remembered_by_source(database: Database) -> None:
    async with database.begin() as tx:
        assert await store.read_until(tx, "goofish") is None
        await store.note_read(tx, "goofish", NOW)
        await store.note_read(tx, "goofish", NOW + timedelta(minutes=5))
        assert await store.read_until(tx, "goofish") == NOW + timedelta(minutes=5)
        assert await store.read_until(tx, "other") is None


async def test_when_orders_were_told_last_is_known_of_those_of_a_source(database: Database) -> None:
    one = an_order()
    async with database.begin() as tx:
        await keep(tx, one, an_order("2"))
        assert await store.told_when(tx, one.source, [one.order_id, "3"]) == {one.order_id: one.told_at}
        assert await store.told_when(tx, "elsewhere", [one.order_id]) == {}
