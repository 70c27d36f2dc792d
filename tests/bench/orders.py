"""Orders taken in, and a million of them listed and searched."""

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import text

from bot.contracts.clock import SystemClock
from integrations.marketplace.simulator import DEMO_SECRET, DEMO_SOURCE
from storage.database import Database
from storage.orders.lists import View, Wanted, list_orders
from storage.orders.store import newest_orders, orders_to_ship, search_orders
from tests.bench.load import Outcome, burst, prepare_orders
from tests.bench.processes import new_database, started
from tests.bench.report import Figure

ORDERS = 1_000_000
PAGE = 50
REPEATS = 5
ROUNDS, BURST_SECONDS, PREPARED_PER_SECOND = 5, 4.0, 5000
_VIEWS: tuple[View, ...] = ("to_ship", "refunding", "shipped", "all")
_SOUGHT = ("1000000000000777777", "10000000000007", "1", "SF900", "商品 77", "商品", "没有")
_SHOPS = (("demo", "shop-1"), ("demo", "shop-2"))
_FILL = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :most - 1),
o(i, at, status) AS (
    SELECT i, :now - (:most - i) * 1000000,
        CASE WHEN i % 200 = 0 THEN 'paid' WHEN i % 3 = 0 THEN 'shipped' ELSE 'completed' END
    FROM n
)
INSERT INTO orders (key, source, account_id, order_id, status, status_at, refund, refund_at, told_at, raw_status,
    item_id, sku_text, title, quantity, amount, currency, delivery_kind, chat_id, buyer, waybill_no, express_code,
    paid_at, ship_by, first_seen_at)
SELECT 'demo/shop-' || (i % 5) || '/' || (1000000000000000000 + i), 'demo', 'shop-' || (i % 5),
    CAST(1000000000000000000 + i AS TEXT), status, at, CASE WHEN i % 1000 = 0 THEN 'requested' ELSE 'none' END, at, at,
    status, CAST(900000000000 + i % 400 AS TEXT), '黑色 128G', '商品 ' || (i % 400), 1 + i % 3, '19.90', 'CNY',
    'express', '', '', CASE WHEN status = 'paid' THEN '' ELSE 'SF' || (900000000 + i) END, 'SF',
    at, at + 172800000000, at
FROM o
"""
_FILL_ITEMS = "INSERT INTO order_items SELECT DISTINCT source, account_id, item_id, title FROM orders"


async def orders(folder: Path) -> list[Figure]:
    """The lists of the commands and of the console's page, and searches that find one, some, many and none."""
    database = Database(await new_database(folder / "orders"))
    now = int(SystemClock().now().timestamp() * 1_000_000)
    async with database.begin() as tx:
        await tx.execute(text(_FILL), {"most": ORDERS, "now": now})
        await tx.execute(text(_FILL_ITEMS))
    async with database.read() as reader:
        asked: dict[str, Callable[[], Awaitable[object]]] = {
            "newest": partial(newest_orders, reader, limit=PAGE),
            "to ship": partial(orders_to_ship, reader, limit=PAGE),
        }
        asked |= {f"find {each}": partial(search_orders, reader, each, limit=PAGE) for each in _SOUGHT}
        asked |= {str(each): partial(list_orders, reader, each, first=0, most=PAGE) for each in _pages()}
        taken = {name: await _time(ask) for name, ask in asked.items()}
    await database.close()
    slowest = sorted(taken, key=taken.__getitem__, reverse=True)[:3]
    note = f"{len(asked)} lists and searches; slowest: " + "; ".join(f"{taken[each]:.0f} ms {each}" for each in slowest)
    return [Figure("orders_search_ms", median(taken.values()), "<=", 50, note)]


async def order_ingest(folder: Path) -> list[Figure]:
    """Bursts of paid orders: the shipped route against the same route whose events are stored nowhere."""
    ratios, notes = [], []
    for number in range(ROUNDS):
        bare, _ = await _taken(folder / f"verify-only{number}", "orders-verify-only")
        full, url = await _taken(folder / f"orders{number}")
        await _all_kept(url, full)
        ratios.append(full.accepted / full.seconds / (bare.accepted / bare.seconds))
        notes.append(f"{full.accepted / full.seconds:.0f}/{bare.accepted / bare.seconds:.0f} per s")
    return [Figure("order_ingest_ratio", median(ratios), ">=", 0.8, "; ".join(notes))]


async def _taken(folder: Path, *flags: str) -> tuple[Outcome, str]:
    """What a fresh service takes in ``BURST_SECONDS``, and its database."""
    url = await new_database(folder)
    own = {"ZHANGGUI_DATA_DIR": str(folder), "ZHANGGUI_PORT": "0", "LOG_LEVEL": "ERROR"}
    settings = own | {f"ORDERS_WEBHOOK_SECRET_{DEMO_SOURCE.upper()}": DEMO_SECRET}
    async with started("tests.bench.service", *flags, environment=settings) as service:
        await burst(int(service.word), prepare_orders(200, "warm"), seconds=2)
        requests = prepare_orders(int(PREPARED_PER_SECOND * BURST_SECONDS), "order")
        return await burst(int(service.word), requests, seconds=BURST_SECONDS), url


async def _all_kept(url: str, outcome: Outcome) -> None:
    """Raises: AssertionError if an event that was accepted is not on disk."""
    database = Database(url)
    async with database.read() as reader:
        kept = (await reader.execute(text("SELECT count(*) FROM order_events"))).scalar_one()
    await database.close()
    assert kept >= outcome.accepted, f"{outcome.accepted} events were accepted, {kept} kept"


def _pages() -> list[Wanted]:
    """What the page can be asked for."""
    combined = product(_VIEWS, ("", *_SOUGHT), (None, _SHOPS))
    return [Wanted(view=view, text=sought, shops=shops) for view, sought, shops in combined]


async def _time(ask: Callable[[], Awaitable[object]]) -> float:
    """What it usually takes, in milliseconds."""
    times = []
    for _ in range(REPEATS):
        began = perf_counter()
        await ask()
        times.append((perf_counter() - began) * 1000)
    return median(times)
