"""How long files take in the child process, and what they cost the process that asks for them."""

from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

from bot.channels.chart import chart_svg
from bot.contracts.cards import Chart, Column, Level, Series, Table
from bot.contracts.clock import SystemClock
from bot.heavy.worker import HeavyWorker
from tests.bench.report import Figure
from tests.bot.channels.made_cards import WORDS

ROWS = 100_000
ROUNDS = 3
COLUMNS = (
    Column("SKU"),
    Column("店铺"),
    *(Column(title, "number", 2) for title in ("日均", "可售天数", "含在途天数")),
    *(Column(title, "number") for title in ("在途", "建议", "领星建议")),
    Column("紧急程度", "level"),
)


async def files(_folder: Path) -> list[Figure]:
    """A restock list of 100,000 rows as xlsx, a chart of two stores and 90 days as PNG; child already running."""
    worker = HeavyWorker(SystemClock())
    svg = chart_svg(_chart(), WORDS, standalone=True)
    await worker.png(svg)
    before = _resident_mib()
    pictures = [await _seconds_for_png(worker, svg) for _ in range(ROUNDS * 3)]
    grown = _resident_mib() - before
    sheets, size = [], 0
    for _ in range(ROUNDS):
        began = perf_counter()
        size = len(await worker.xlsx(_table(), title="补货", zone="Asia/Shanghai"))
        sheets.append(perf_counter() - began)
    await worker.close()
    note = f"this process grew by {grown:.1f} MiB"
    return [
        Figure("xlsx_100k_seconds", median(sheets), "<=", 5, f"9 columns, {size / 1e6:.1f} MB"),
        Figure("png_ms", median(pictures) * 1000, "<=", 300, note),
    ]


async def _seconds_for_png(worker: HeavyWorker, svg: str) -> float:
    began = perf_counter()
    await worker.png(svg)
    return perf_counter() - began


def _table() -> Table:
    days = Decimal("12.5")
    urgent = Level("断货", "bad")
    rows = tuple((f"SKU-{n:06}", "美国店", Decimal(n) / 7, days, None, n, 2 * n, n % 90, urgent) for n in range(ROWS))
    return Table(COLUMNS, rows, ROWS)


def _chart() -> Chart:
    values = tuple(None if day % 30 == 7 else float(day % 11) for day in range(90))
    return Chart(
        "日销量", "line", tuple(map(str, range(90))), (Series("美国", values), Series("英国", values[::-1])), "件"
    )


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20
