"""What to order, why, and what is in stock: read from storage, no platform is called."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.contracts.errors import NotFoundError
from bot.contracts.feature import Asking, Reply, number, word
from handlers.common.visible import not_yours, visible
from handlers.restock.asked import Asked
from handlers.restock.cards import PAGE_ROWS, Page, past_end_card, restock_card, sku_card, stock_card
from handlers.restock.charts import HISTORY_DAYS, MOST_STORES, Past, sku_charts, supply_chart
from handlers.restock.policy import MAXIMUM_COVER_DAYS
from handlers.restock.ports import RestockDeps
from handlers.restock.results import StockResult, restock_result
from handlers.restock.rules import RestockLine, by_urgency, plan_line
from handlers.restock.surroundings import Surroundings
from handlers.restock.why import why_card
from storage.catalog.rows import ListingFacts, Store
from storage.catalog.sales import sales_history
from storage.catalog.stock_days import read_stock_history
from storage.catalog.store import facts_by_code, list_ages, list_facts, list_stores, nearest_codes, stores_matching
from storage.database import Reader
from storage.people.grants import admin_names

_PLANNED_AT_ONCE = 1_000
"""More lines than these are planned in a thread, so that nobody else's answer waits."""


@dataclass(frozen=True, slots=True)
class RestockArgs:
    """``what``: a store, a SKU or nothing, with ``#2`` for the second page; ``days``: how long the order shall last."""

    what: str = word(default="")
    days: int | None = number(1, MAXIMUM_COVER_DAYS, default=None)


@dataclass(frozen=True, slots=True)
class WhyArgs:
    sku: str = word()
    days: int | None = number(1, MAXIMUM_COVER_DAYS, default=None)


@dataclass(frozen=True, slots=True)
class StockArgs:
    sku: str = word()


async def show_restock(args: RestockArgs, asking: Asking, *, deps: RestockDeps) -> Reply:
    """The restock list of a scope, or one SKU in detail. Raises: NotFoundError for an unknown scope."""
    asked = Asked(args.what, args.days)
    async with deps.database.read() as reader:
        around = await _surroundings(reader, asking)
        found = _visible(await facts_by_code(reader, asked.what), around) if asked.what else ()
        if found:
            lines = _planned(found, deps, asked.days)
            charts = sku_charts(lines, await _pasts(reader, lines, deps), around)
            return Reply((sku_card(asked.what, lines, charts, around),), result=restock_result(lines, len(lines)))
        asked, stores = await _scope(reader, asked, around, asking)
        facts = await list_facts(reader, [store.store_id for store in stores])
    if len(facts) > _PLANNED_AT_ONCE:
        lines = await asyncio.to_thread(_planned, facts, deps, asked.days)
    else:
        lines = _planned(facts, deps, asked.days)
    title = _title(asked, stores, asking)
    if asking.whole:
        return await asyncio.to_thread(_page, lines, asked, stores, around, title=title, whole=True)
    return _page(lines, asked, stores, around, title=title)


async def explain_restock(args: WhyArgs, asking: Asking, *, deps: RestockDeps) -> Reply:
    """Every figure of one SKU's lines from its inputs. Raises: NotFoundError for an unknown SKU."""
    async with deps.database.read() as reader:
        around = await _surroundings(reader, asking)
        facts = await _facts_of(reader, args.sku, asking.words("restock.command.why"), around)
    lines = _planned(facts, deps, args.days)
    return Reply((why_card(args.sku, lines, deps.policy, around),), result=restock_result(lines, len(lines)))


async def show_stock(args: StockArgs, asking: Asking, *, deps: RestockDeps) -> Reply:
    """One SKU's stock in every store. Raises: NotFoundError for an unknown SKU."""
    async with deps.database.read() as reader:
        around = await _surroundings(reader, asking)
        facts = await _facts_of(reader, args.sku, asking.words("restock.command.stock"), around)
        lines = _planned(facts, deps, None)
        charts = sku_charts(lines, await _pasts(reader, lines, deps), around)
    result = StockResult(tuple(each.stock for each in facts if each.stock))
    return Reply((stock_card(args.sku, facts, charts, around),), result=result)


def _planned(facts: Sequence[ListingFacts], deps: RestockDeps, days: int | None) -> list[RestockLine]:
    return sorted((plan_line(each, deps.policy, days) for each in facts), key=by_urgency)


def _title(asked: Asked, stores: Sequence[Store], asking: Asking) -> str:
    is_everything = not asked.what and asking.person.is_for_all_stores("viewer")
    names = asking.words("restock.separator").join(store.name for store in stores)
    return asking.words("restock.title.list", scope=asking.words("restock.everything") if is_everything else names)


def _page(
    lines: list[RestockLine],
    asked: Asked,
    stores: Sequence[Store],
    around: Surroundings,
    *,
    title: str,
    whole: bool = False,
) -> Reply:
    start = 0 if whole else (asked.page - 1) * PAGE_ROWS
    shown = lines[start:] if whole else lines[start : start + PAGE_ROWS]
    words = around.words

    def command(page: int) -> str:
        return f"{words('restock.command.restock')} {asked.arguments(page)}"

    result = restock_result(shown, len(lines))
    if lines and not shown:
        pages = -(-len(lines) // PAGE_ROWS)
        return Reply((past_end_card(title, pages, command(1), command(pages), words),), result=result)
    more = command(asked.page + 1) if start + len(shown) < len(lines) else ""
    charts = supply_chart(shown, around) if start == 0 else ()
    return Reply((restock_card(Page(title, stores, shown, len(lines), more, charts), around),), result=result)


async def _scope(reader: Reader, asked: Asked, around: Surroundings, asking: Asking) -> tuple[Asked, tuple[Store, ...]]:
    for reading in (asked, asked.page_split()):
        if not reading.what:
            return reading, tuple(around.stores.values())
        if matching := await stores_matching(reader, reading.what):
            if stores := visible(matching, asking.person):
                return reading, stores
            raise not_yours(reading.what, await admin_names(reader, asking.now), asking.words)
    command = asking.words("restock.command.restock")
    raise await _not_found(reader, "restock_scope_not_found", asked.what, command, around)


async def _facts_of(reader: Reader, sku: str, command: str, around: Surroundings) -> tuple[ListingFacts, ...]:
    found = _visible(await facts_by_code(reader, sku), around)
    if not found:
        raise await _not_found(reader, "sku_not_found", sku, command, around)
    return found


def _visible(facts: Sequence[ListingFacts], around: Surroundings) -> tuple[ListingFacts, ...]:
    return tuple(each for each in facts if each.listing.store_id in around.stores)


async def _pasts(reader: Reader, lines: Sequence[RestockLine], deps: RestockDeps) -> list[Past]:
    sold = [line.facts.sales for line in lines if line.facts.sales][:MOST_STORES]
    return [
        Past(
            await sales_history(reader, windows, days=HISTORY_DAYS),
            await read_stock_history(reader, windows.store_id, windows.msku, days=HISTORY_DAYS),
            deps.policy.sellable_states,
        )
        for windows in sold
    ]


async def _not_found(reader: Reader, code: str, text: str, command: str, around: Surroundings) -> NotFoundError:
    near = await nearest_codes(reader, text, store_ids=around.stores)
    nearest = [f"{command} {each}" for each in near]
    return NotFoundError(code=code, values={"sku": text}, nearest=nearest)


async def _surroundings(reader: Reader, asking: Asking) -> Surroundings:
    stores = {store.store_id: store for store in visible(await list_stores(reader), asking.person)}
    return Surroundings(asking.words, asking.now, stores, await list_ages(reader))
