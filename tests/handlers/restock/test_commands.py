"""补货, 为什么 and 库存 over real databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands import CommandBook, read_arguments
from bot.contracts.cards import Card, Chart, Level, Note, Table, Text
from bot.contracts.errors import NotFoundError, UserInputError
from bot.contracts.feature import Reply
from bot.contracts.quantities import LocalSku, Msku, StoreId
from handlers.restock import feature
from handlers.restock.policy import RestockPolicy
from handlers.restock.ports import RestockDeps
from handlers.restock.results import RestockResult
from storage.catalog.pulled import store_listings, store_sellers
from storage.catalog.replacing import chunks, put_rows
from storage.catalog.rows import (
    ACCOUNT,
    ACCOUNT_KINDS,
    KINDS,
    FbaStock,
    Listing,
    SalesWindows,
    Store,
    SyncAge,
)
from storage.database import Database
from tests.handlers.asking import NOW, an_asking
from tests.handlers.restock.builders import a_listing, a_product, a_stock, a_suggestion, some_sales

US = Store(StoreId("101"), "Morning-US", "美国", "NA", "ATVPDKIKX0DER", 1)
GB = Store(StoreId("102"), "Morning-UK", "英国", "EU", "A1F83G8C2ARO7P", 1)

DE = Store(StoreId("103"), "Morning-DE", "德国", "EU", "A1PA6795UKMFR9", 1)


@pytest.fixture
async def catalogue(database: Database) -> Database:
    """Two stores with three listings: one urgent, one sold out, one of which little is known."""
    await store_sellers(database, [US, GB])
    await store_listings(database, US.store_id, [a_listing(), a_listing("M-2", local_sku=None)], authoritative=True)
    await store_listings(database, GB.store_id, [a_listing("M-1-UK", GB.store_id)], authoritative=True)
    async with database.begin() as tx:
        for row_type, rows in (
            (FbaStock, [a_stock(), a_stock("M-2", fulfillable=0)]),
            (SalesWindows, [some_sales(), some_sales(msku="M-2"), some_sales(msku="M-1-UK", store_id="102")]),
            (type(a_suggestion()), [a_suggestion()]),
            (type(a_product()), [a_product()]),
            (SyncAge, some_ages()),
        ):
            await put_rows(tx, row_type, rows)
    return database


def some_ages() -> list[SyncAge]:
    return [
        SyncAge(ACCOUNT if kind in ACCOUNT_KINDS else store.store_id, kind, NOW - timedelta(hours=2))
        for store in (US, GB)
        for kind in KINDS
    ]


async def run(database: Database, line: str, language: str = "zh") -> Reply:
    """The answer to a typed line."""
    book = CommandBook(feature(RestockDeps(database=database, policy=RestockPolicy())).commands)
    call = book.find(line)
    assert call is not None
    return await call.command.run(read_arguments(call), an_asking(language=language))


async def shown(database: Database, line: str, language: str = "zh") -> Card:
    return (await run(database, line, language)).cards[0]


def table(card: Card) -> Table:
    return next(block for block in card.blocks if isinstance(block, Table))


def mskus(card: Card) -> list[object]:
    return [row[0] for row in table(card).rows]


def said(card: Card) -> list[str]:
    return [block.markdown for block in card.blocks if isinstance(block, Text)]


def notes(card: Card) -> str:
    return "\n".join(block.text for block in card.blocks if isinstance(block, Note))


async def test_the_list_is_sorted_by_urgency(catalogue: Database) -> None:
    card = await shown(catalogue, "补货")
    assert mskus(card) == ["M-2", "M-1", "M-1-UK"]
    assert [row[8] for row in table(card).rows] == [
        Level("断货", "bad"),
        Level("来不及", "bad"),
        Level("缺数据", "neutral"),
    ]


async def test_missing_figures_are_dashes_and_never_zero(catalogue: Database) -> None:
    row = table(await shown(catalogue, "补货")).rows[2]
    assert row[3:8] == (None, None, None, None, None)


@pytest.mark.parametrize(("status", "cause"), [(2, "授权失效"), (3, "欠费停止"), (0, "停止同步"), (9, "店铺状态 9")])
@pytest.mark.parametrize("line", ["补货", "补货 德国"])
async def test_a_store_that_cannot_be_pulled_is_named_with_its_cause(
    catalogue: Database, line: str, status: int, cause: str
) -> None:
    await store_sellers(catalogue, [US, GB, replace(DE, status=status)])
    card = await shown(catalogue, line)
    (text,) = said(card)
    assert (card.tone, text.startswith(f"{cause}，拉不到数据：Morning-DE。")) == ("warning", True)
    assert "同步」" not in text
    assert "从未拉取" not in notes(card)


@pytest.mark.parametrize("line", ["补货", "补货 德国"])
async def test_a_store_that_was_never_pulled_is_named_and_is_the_oldest(catalogue: Database, line: str) -> None:
    await store_sellers(catalogue, [US, GB, DE])
    card = await shown(catalogue, line)
    assert said(card) == ["还没有完整拉取过：Morning-DE 销量、库存、领星建议。发「同步」拉取。"]
    assert (table_or_none(card) is None) or "销量 从未拉取" in notes(card)


async def test_purchasing_days_are_told_apart_where_the_product_records_tell_them(catalogue: Database) -> None:
    async with catalogue.begin() as tx:
        await put_rows(tx, type(a_product()), [a_product(purchase_lead_days=21)])
    text = notes(await shown(catalogue, "补货"))
    assert "假设：运输 30 天（默认）、安全 10 天（默认）、备货周期 14 天（默认）。" in text
    assert "采购天数：2 行来自领星产品资料，其余 1 行按 15 天（默认）。" in text
    assert "。 " not in text


async def test_short_windows_are_said_to_be_divided_by_their_known_days(catalogue: Database) -> None:
    assert "除以它已知的天数" not in notes(await shown(catalogue, "补货"))
    async with catalogue.begin() as tx:
        await put_rows(tx, SalesWindows, [some_sales(days=(3, 7, 14, 20, 20, 20))])
    assert notes(await shown(catalogue, "补货")).count("除以它已知的天数") == 1


async def test_the_card_names_ages_and_defaults(catalogue: Database) -> None:
    text = notes(await shown(catalogue, "补货"))
    assert "数据：销量 2 小时前 · 库存 2 小时前 · 领星建议 2 小时前 · 产品资料 2 小时前" in text
    assert "采购 15 天（默认）、运输 30 天（默认）、安全 10 天（默认）、备货周期 14 天（默认）" in text
    assert "销量截至 2026-11-20" in text


@pytest.mark.parametrize("scope", ["英国", "Morning-UK", "morning-uk", "what=102"])
async def test_a_store_narrows_the_list(catalogue: Database, scope: str) -> None:
    assert mskus(await shown(catalogue, f"补货 {scope}")) == ["M-1-UK"]


@pytest.mark.parametrize("line", ["补货 美国 60", "补货 60 美国", "bh 美国 60", "restock 美国 60"])
async def test_days_to_cover_replace_the_order_cycle(catalogue: Database, line: str) -> None:
    reply = await run(catalogue, line)
    assert isinstance(reply.result, RestockResult)
    assert reply.result.lines[1].target_days == 115
    assert "备货周期 60 天（你指定）" in notes(reply.cards[0])
    assert [action.command for action in reply.cards[0].actions] == ["为什么 M-2 60", "为什么 M-1 60"]


@pytest.mark.parametrize("code", ["m-1", "X000000001", "b0exampl01", "l-1"])
async def test_a_sku_gives_a_detailed_card_by_any_of_its_codes(catalogue: Database, code: str) -> None:
    card = await shown(catalogue, f"补货 {code}")
    assert card.title == f"补货：{code}"
    assert "M-1" in mskus(card)
    assert [action.command for action in card.actions] == [f"为什么 {code}", f"库存 {code}"]


async def test_a_file_gets_all_rows_from_whichever_page(catalogue: Database) -> None:
    book = CommandBook(feature(RestockDeps(database=catalogue, policy=RestockPolicy())).commands)
    call = book.find("补货 #2")
    assert call is not None
    reply = await call.command.run(read_arguments(call), replace(an_asking(), whole=True))
    found = table(reply.cards[0])
    assert (len(found.rows), found.total, found.more) == (3, 3, "")


@pytest.mark.parametrize(("line", "kinds"), [("补货", ["bar"]), ("补货 M-1", ["band"]), ("库存 M-1", ["band"])])
async def test_cards_show_charts_of_what_is_known(catalogue: Database, line: str, kinds: list[str]) -> None:
    card = await shown(catalogue, line)
    assert [block.kind for block in card.blocks if isinstance(block, Chart)] == kinds


@pytest.mark.parametrize("line", ["补货 M-11", "为什么 M-11", "库存 M-11"])
async def test_an_unknown_sku_offers_the_nearest(catalogue: Database, line: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        await run(catalogue, line)
    assert f"{line[:-5]} M-1" in raised.value.nearest


@pytest.mark.parametrize("line", ["补货 美国 0", "补货 美国 366", "补货 美国 60 70"])
async def test_absurd_days_are_refused(catalogue: Database, line: str) -> None:
    with pytest.raises(UserInputError):
        await run(catalogue, line)


@pytest.mark.parametrize("line", ["补货 -5", "补货 5000"])
async def test_a_number_that_is_neither_days_nor_a_sku_is_said_to_be_neither(catalogue: Database, line: str) -> None:
    with pytest.raises(NotFoundError, match="restock_scope_not_found"):
        await run(catalogue, line)


async def test_a_sku_of_digits_is_found(catalogue: Database) -> None:
    await store_listings(catalogue, US.store_id, [a_listing("6901234567892")], authoritative=True)
    assert (await shown(catalogue, "为什么 6901234567892")).title == "为什么：6901234567892"


async def test_the_answer_is_english_for_who_reads_english(catalogue: Database) -> None:
    card = await shown(catalogue, "restock", "en")
    assert (card.title, card.actions[0].command) == ("Restock: all stores", "why M-2")


async def test_an_empty_catalogue_says_how_to_fill_it(database: Database) -> None:
    card = await shown(database, "补货")
    assert (card.tone, table_or_none(card)) == ("warning", None)


def table_or_none(card: Card) -> Table | None:
    return next((block for block in card.blocks if isinstance(block, Table)), None)


async def fill(database: Database, count: int) -> None:
    """``count`` listings with everything known."""
    codes = [Msku(f"S-{number:05d}") for number in range(count)]
    rows: Sequence[tuple[type, list[object]]] = (
        (Listing, [a_listing(code, local_sku=LocalSku(f"L-{code}")) for code in codes]),
        (FbaStock, [a_stock(code) for code in codes]),
        (SalesWindows, [some_sales(msku=code) for code in codes]),
        (type(a_suggestion()), [a_suggestion(code) for code in codes]),
    )
    await store_sellers(database, [US])
    for row_type, each in rows:
        for part in chunks(each):
            async with database.begin() as tx:
                await put_rows(tx, row_type, part)


async def test_long_lists_come_in_pages_that_name_the_next(database: Database) -> None:
    await fill(database, 450)
    first, second, third = [await shown(database, line) for line in ("补货", "补货 #2", "补货 #3")]
    assert [len(table(card).rows) for card in (first, second, third)] == [200, 200, 50]
    assert [table(card).more for card in (first, second, third)] == ["补货 #2", "补货 #3", ""]
    assert len({*mskus(first), *mskus(second), *mskus(third)}) == table(first).total == 450


async def test_a_page_past_the_end_says_how_many_there_are(database: Database) -> None:
    await fill(database, 250)
    card = await shown(database, "补货 美国#9 60")
    assert (table_or_none(card), said(card)) == (None, ["没有这一页，一共只有 2 页。"])
    assert [action.command for action in card.actions] == ["补货 美国#1 60", "补货 美国#2 60"]


async def test_pages_keep_the_store_and_the_days(database: Database) -> None:
    await fill(database, 250)
    card = await shown(database, "补货 美国 60")
    assert table(card).more == "补货 美国#2 60"
    assert len(table(await shown(database, table(card).more)).rows) == 50


async def test_every_code_is_offered_as_a_button_only_if_it_can_be_typed(database: Database) -> None:
    spaced = a_listing("A B", asin=None, local_sku=None)
    await store_sellers(database, [US])
    await store_listings(database, US.store_id, [spaced], authoritative=True)
    async with database.begin() as tx:
        await put_rows(tx, FbaStock, [a_stock("A B")])
    assert [action.command for action in (await shown(database, "补货")).actions] == ["为什么 X000000001"]


async def test_stock_lists_all_states_of_all_stores(catalogue: Database) -> None:
    async with catalogue.begin() as tx:
        await put_rows(tx, FbaStock, [a_stock("M-1-UK", "102", unsellable=3, researching=None)])
    us, gb = table(await shown(catalogue, "库存 L-1")).rows
    assert us[:8] == ("Morning-US", "M-1", 180, 0, 0, 0, 0, 150)
    assert gb[9:] == (3, None, Level("2 小时前", "neutral"))


async def test_stale_stock_is_marked(catalogue: Database) -> None:
    async with catalogue.begin() as tx:
        await put_rows(tx, SyncAge, [replace(SyncAge(US.store_id, "stock"), as_of=NOW - timedelta(hours=9))])
    assert table(await shown(catalogue, "库存 M-1")).rows[0][-1] == Level("9 小时前（过期）", "warning")


async def test_why_tells_every_store_of_the_sku(catalogue: Database) -> None:
    reply = await run(catalogue, "为什么 l-1")
    assert isinstance(reply.result, RestockResult)
    assert [line.msku for line in reply.result.lines] == ["M-1", "M-1-UK"]
