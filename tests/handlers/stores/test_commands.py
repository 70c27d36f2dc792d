"""店铺: every store, how it stands and how old its data is."""

from dataclasses import replace
from datetime import timedelta

from bot.contracts.cards import Card, Level, Table, Text
from bot.contracts.feature import NoArgs
from bot.contracts.quantities import StoreId
from handlers.stores.commands import show_stores
from handlers.stores.ports import StoresDeps
from storage.catalog.pulled import store_sellers
from storage.catalog.replacing import put_rows
from storage.catalog.rows import ACCOUNT, ACCOUNT_KINDS, KINDS, Store, SyncAge
from storage.database import Database
from tests.handlers.asking import NOW, an_asking

US = Store(StoreId("101"), "Morning-US", "美国", "NA", "ATVPDKIKX0DER", 1, has_ads=True)
GOOD = Level("30 分钟前", "good")


def some_ages(**changes: object) -> list[SyncAge]:
    fresh = SyncAge(ACCOUNT, "sellers", NOW - timedelta(minutes=30))
    return [
        replace(fresh, store_id=ACCOUNT if kind in ACCOUNT_KINDS else US.store_id, kind=kind, **changes)  # type: ignore[arg-type]
        for kind in KINDS
    ]


async def shown(database: Database, *stores: Store, ages: list[SyncAge] | None = None) -> Card:
    await store_sellers(database, stores)
    async with database.begin() as tx:
        await put_rows(tx, SyncAge, some_ages() if ages is None else ages)
    return (await show_stores(NoArgs(), an_asking(), deps=StoresDeps(database=database))).cards[0]


def rows(card: Card) -> tuple[tuple[object, ...], ...]:
    return next(block.rows for block in card.blocks if isinstance(block, Table))


def texts(card: Card) -> list[str]:
    return [block.markdown for block in card.blocks if isinstance(block, Text)]


async def test_a_healthy_store_shows_marketplace_status_authorisation_and_ages(database: Database) -> None:
    card = await shown(database, US)
    assert (card.tone, texts(card), card.actions) == ("good", [], ())
    assert rows(card) == (
        ("Morning-US", "美国 · NA", Level("正常", "good"), Level("有效", "good"), Level("有效"), *[GOOD] * 5),
    )


async def test_a_void_authorisation_is_a_problem_with_a_next_step(database: Database) -> None:
    card = await shown(database, replace(US, status=2))
    assert rows(card)[0][2:4] == (Level("授权失效", "bad"), Level("失效", "bad"))
    assert (card.tone, texts(card)) == ("warning", ["授权失效：Morning-US。请在领星里重新授权店铺。"])


async def test_a_status_nobody_knows_is_shown_by_its_number(database: Database) -> None:
    assert rows(await shown(database, replace(US, status=9)))[0][2] == Level("状态 9", "neutral")


async def test_data_never_pulled_are_said_to_be_so(database: Database) -> None:
    card = await shown(database, US, ages=[])
    assert rows(card)[0][5:] == (Level("从未拉取", "warning"),) * 5
    assert [action.command for action in card.actions] == ["同步"]


async def test_stale_data_name_store_and_kind_and_account_kinds_only_once(database: Database) -> None:
    other = replace(US, store_id=StoreId("102"), name="Morning-UK")
    card = await shown(database, US, other, ages=some_ages(as_of=NOW - timedelta(days=3)))
    assert texts(card) == [
        "数据过期或从未拉取（8 项）：店铺资料、产品资料、Morning-UK 库存、Morning-UK 领星建议、Morning-UK 销量、"
        "Morning-US 库存、Morning-US 领星建议、Morning-US 销量。发「同步」更新。"
    ]


async def test_a_failed_pull_is_marked_though_its_data_are_fresh(database: Database) -> None:
    card = await shown(database, US, ages=some_ages(last_error_code="upstream_auth")[2:3] + some_ages()[:2])
    assert rows(card)[0][7] == Level("30 分钟前", "bad")
    assert texts(card)[0].startswith("上次没有拉成（1 项）：Morning-US 库存。")


async def test_no_stores_yet_offers_to_sync(database: Database) -> None:
    card = await shown(database)
    assert (texts(card), [action.command for action in card.actions]) == (
        ["还没有店铺。发「同步」从领星拉取。"],
        ["同步"],
    )
