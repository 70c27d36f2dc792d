"""Pulling end to end: the real client against the simulator, into real databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from bot.contracts.cards import Card, Facts, Table, Text
from bot.contracts.feature import Asking, Feature
from bot.contracts.quantities import Msku, StoreId
from handlers.sync.commands import SyncArgs, sync_now
from handlers.sync.ports import SyncDeps
from integrations.lingxing.simulator import LingxingSimulator, Sale
from storage.catalog.replacing import put_rows
from storage.catalog.rows import ACCOUNT, FbaStock
from storage.catalog.store import age_of, facts_by_code, list_stores
from storage.catalog.tables import (
    daily_sales,
    fba_stock,
    listing_codes,
    listings,
    products,
    quarantine,
    restock_suggestions,
    sales_days,
    sales_windows,
    stores,
)
from storage.database import Database
from tests.handlers.asking import an_asking
from tests.handlers.sync.conftest import TODAY
from tests.handlers.sync.desk import Desk, commit, work_off
from tests.integrations.http.fakes import SteppingClock
from tests.integrations.lingxing.builders import a_seller, a_stock

TABLES = (
    stores,
    products,
    listings,
    listing_codes,
    fba_stock,
    daily_sales,
    sales_days,
    sales_windows,
    restock_suggestions,
    quarantine,
)


def ask(clock: SteppingClock, event_id: str = "EVENT000000001") -> Asking:
    return an_asking(now=clock.now(), event_id=event_id)


async def sync(deps: SyncDeps, asking: Asking, store: str = "") -> Card:
    reply = await sync_now(SyncArgs(store), asking, deps=deps)
    await commit(deps.database, *reply.effects)
    return reply.cards[0]


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    async with database.read() as reader:
        return {
            table.name: [tuple(row) for row in await reader.execute(table.select().order_by(*table.primary_key))]
            for table in TABLES
        }


async def count(database: Database, table: object) -> int:
    return len((await everything(database))[table.name])  # type: ignore[attr-defined]


def levels(card: Card) -> dict[object, list[str]]:
    table = next(block for block in card.blocks if isinstance(block, Table))
    return {row[0]: [getattr(cell, "label", "") for cell in row[1:]] for row in table.rows}


def texts(card: Card) -> list[str]:
    return [block.markdown for block in card.blocks if isinstance(block, Text)]


async def test_a_sync_brings_every_kind_of_every_store(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    async with deps.database.read() as reader:
        assert [store.name for store in await list_stores(reader)] == ["Morning-CA", "Morning-US"]
        us, _ca = await facts_by_code(reader, "l-0001")
    assert (us.stock.fulfillable, us.suggestion.purchase_units, us.product.purchase_lead_days) == (40, 1, 21)  # type: ignore[union-attr]
    assert (us.sales.units(), us.sales.known_days()) == ((9, 21, 42, 90, 90, 90), (3, 7, 14, 30, 30, 30))  # type: ignore[union-attr]


async def test_the_same_pull_twice_leaves_identical_tables(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    before = await everything(deps.database)
    await sync(deps, ask(clock, "EVENT000000002"))
    await work_off(desk, deps.database, feature)
    assert await everything(deps.database) == before


async def test_the_still_open_day_is_not_pulled(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    async with deps.database.read() as reader:
        days = (await reader.execute(select(sales_days.c.sales_date_marketplace).distinct())).scalars().all()
    assert (max(days), min(days), len(days)) == (TODAY - timedelta(days=1), TODAY - timedelta(days=30), 30)


async def test_later_syncs_ask_again_only_for_days_that_still_settle(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    simulator.calls.clear()
    await sync(deps, ask(clock, "EVENT000000002"))
    await work_off(desk, deps.database, feature)
    asked = [call.body for call in simulator.calls if call.operation == "daily_sales" and call.body["sid"] == 136]
    assert [(body["start_date"], body["end_date"]) for body in asked] == [("2026-11-14", "2026-11-20")]


async def test_sales_that_stopped_half_way_go_on_with_the_days_that_are_missing(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    complete = await everything(deps.database)
    async with deps.database.begin() as tx:
        await tx.execute(sales_days.delete().where(sales_days.c.sales_date_marketplace < TODAY - timedelta(days=18)))
        await tx.execute(daily_sales.delete().where(daily_sales.c.sales_date_marketplace < TODAY - timedelta(days=15)))
    simulator.calls.clear()
    await sync(deps, ask(clock, "EVENT000000002"))
    await work_off(desk, deps.database, feature)
    asked = [call.body for call in simulator.calls if call.operation == "daily_sales" and call.body["sid"] == 136]
    assert [body["start_date"] for body in asked] == ["2026-11-14", "2026-10-24", "2026-10-22"]
    assert (await everything(deps.database))["sales_days"] == complete["sales_days"]


async def test_what_vanished_there_vanishes_here(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    ended = FbaStock(StoreId("136"), Msku("ENDED"), 4)
    async with deps.database.begin() as tx:
        await put_rows(tx, FbaStock, [ended])
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    assert ended.msku not in [row[1] for row in (await everything(deps.database))["fba_stock"]]


async def test_the_living_card_moves_at_most_once_a_second_and_ends_with_the_result(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    begun = await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    moments = [at for at, _ in desk.sent]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert all(gap >= timedelta(seconds=1) for gap in [moments[0] - datetime(2026, 11, 22, 3, tzinfo=UTC), *gaps])
    assert {message.key for _, message in desk.sent} == {"reply:EVENT000000001:0"}
    assert (begun.tone, desk.cards[-1].tone, desk.cards[-1].title) == ("working", "good", "同步完成")


async def test_the_final_card_counts_rows_per_store_and_kind(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    assert levels(desk.cards[-1]) == {
        "Morning-CA": ["1 行", "0 行", "0 行"],
        "Morning-US": ["30 行", "30 行", "90 行"],
    }


async def test_a_second_sync_says_that_one_is_running(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature, jobs=2)
    second = await sync(deps, ask(clock, "EVENT000000002"))
    assert (second.title, second.tone) == ("已经在同步了", "info")
    assert texts(second)[0].startswith("林 在 2026-11-22 11:00 开始的同步还没有结束")
    assert [action.command for action in second.actions] == ["店铺"]


async def test_one_store_alone_can_be_synced(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    simulator.calls.clear()
    await sync(deps, ask(clock, "EVENT000000002"), "morning-ca")
    await work_off(desk, deps.database, feature)
    assert {call.operation for call in simulator.calls} == {"sellers", "fba_stock", "restock", "daily_sales"}
    assert {call.body["sid"] for call in simulator.calls if call.operation == "fba_stock"} == {"139"}


async def test_refused_credentials_stop_every_pull_and_name_the_cause(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    simulator.next_code("3001002", "fba_stock")
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    assert [call.operation for call in simulator.calls if call.operation != "token"] == ["sellers", "fba_stock"]
    assert (desk.cards[-1].tone, len(texts(desk.cards[-1]))) == ("warning", 1)
    assert "白名单" in texts(desk.cards[-1])[0]
    async with deps.database.read() as reader:
        assert (await age_of(reader, ACCOUNT, "sellers")).last_error_code == "lingxing_white_list"


async def test_after_refused_credentials_a_schedule_first_proves_them_with_one_call(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    simulator.next_code("3001002", "sellers", times=2)
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    simulator.calls.clear()
    async with deps.database.begin() as tx:
        await tx.submit("sync.start", {"kinds": ["stock"]}, key="tick:1")
    await work_off(desk, deps.database, feature)
    assert [call.operation for call in simulator.calls] == ["sellers"]


async def test_a_mended_platform_is_pulled_again_by_the_next_turn(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    simulator.next_code("3001002")
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    async with deps.database.begin() as tx:
        await tx.submit("sync.start", {"kinds": ["stock"]}, key="tick:1")
    await work_off(desk, deps.database, feature)
    assert await count(deps.database, fba_stock) == 31


async def test_a_platform_that_stays_down_ends_the_run_with_a_next_step(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    simulator.next_answer("fba_stock", status=503, times=1000)
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    final = desk.cards[-1]
    assert (final.tone, levels(final)["Morning-US"]) == ("warning", ["失败", "30 行", "90 行"])
    assert texts(final)[0].startswith("Morning-US 库存、Morning-CA 库存：领星没有回应。")
    assert [action.command for action in final.actions] == ["同步"]
    assert desk.buried == []


async def test_a_passing_outage_is_repaired_by_trying_again(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    simulator.next_answer("restock", status=503, times=5)
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    assert (desk.cards[-1].tone, await count(deps.database, restock_suggestions)) == ("good", 30)


async def test_rows_that_do_not_fit_are_set_aside_and_counted(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    simulator.add_stock(replace(a_stock(31), asin=5))  # type: ignore[arg-type]
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    assert (await count(deps.database, quarantine), await count(deps.database, fba_stock)) == (1, 31)
    facts = next(block for block in desk.cards[-1].blocks if isinstance(block, Facts))
    assert facts.items[2].value == "1"


async def test_a_shared_stock_gives_each_store_its_own_part_and_the_rest_is_unknown(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    simulator.add_stock(replace(a_stock(40), shared_with=((136, "Morning-US", 12), (139, "Morning-CA", 5))))
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    async with deps.database.read() as reader:
        (facts,) = await facts_by_code(reader, "M-0040")
    assert facts.stock is not None
    assert (facts.stock.fulfillable, facts.stock.inbound_shipped, facts.stock.is_shared) == (12, None, True)


async def test_stores_that_do_not_sync_normally_are_not_asked_for(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    simulator.add_seller(a_seller(139, "Morning-CA", status=2))
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    final = desk.cards[-1]
    assert levels(final).keys() == {"Morning-US"}
    assert (final.title, final.tone) == ("同步完成，有店铺没有拉取", "warning")
    assert texts(final) == ["授权失效，拉不到数据：Morning-CA。请在领星里重新授权店铺。"]


async def test_a_schedule_does_not_ask_twice_for_what_is_already_waiting(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    simulator.calls.clear()
    async with deps.database.begin() as tx:
        await tx.submit("sync.start", {"kinds": ["stock"]}, key="tick:1")
        await tx.submit("sync.start", {"kinds": ["stock"]}, key="tick:2")
    await work_off(desk, deps.database, feature)
    assert [call.operation for call in simulator.calls] == ["fba_stock", "fba_stock"]


async def test_all_pulls_share_the_lane_of_the_platforms_account(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    assert desk.lanes == {"lingxing", None}


async def test_a_sale_that_arrives_late_reaches_the_windows(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock, simulator: LingxingSimulator
) -> None:
    await sync(deps, ask(clock))
    await work_off(desk, deps.database, feature)
    simulator.add_sales(136, [Sale(TODAY - timedelta(days=5), "M-0009", "B0EXAMPL09", "USD", 4, 1, "9.90")])
    await sync(deps, ask(clock, "EVENT000000002"))
    await work_off(desk, deps.database, feature)
    async with deps.database.read() as reader:
        (facts,) = await facts_by_code(reader, "M-0009")
    assert facts.sales is not None
    assert facts.sales.units() == (0, 4, 4, 4, 4, 4)


async def test_without_lingxing_the_command_says_what_to_set(deps: SyncDeps, clock: SteppingClock) -> None:
    off = SyncDeps(database=deps.database, source=None, clock=clock, words=deps.words)
    card = await sync(off, ask(clock))
    assert (card.title, card.tone) == ("领星没有配置", "warning")


async def test_a_person_is_told_in_the_language_of_the_asking(
    deps: SyncDeps, desk: Desk, feature: Feature, clock: SteppingClock
) -> None:
    asking = an_asking(language="en", now=clock.now())
    await sync(deps, asking)
    await work_off(desk, deps.database, feature)
    assert desk.cards[-1].title == "Sync finished"


@pytest.mark.parametrize("missing", ["Evening", "999"])
async def test_an_unknown_store_begins_nothing(deps: SyncDeps, clock: SteppingClock, desk: Desk, missing: str) -> None:
    with pytest.raises(Exception, match="sync_store_not_found"):
        await sync(deps, ask(clock), missing)
    assert list(desk.tasks()) == []
