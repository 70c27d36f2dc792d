"""Pictures and spreadsheets come from a child process that is there only while it is needed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.chart import chart_svg
from bot.contracts.cards import Chart, Column, ColumnKind, Level, Series, Table
from bot.contracts.clock import SystemClock
from bot.heavy.picture import latin_only, png
from bot.heavy.sheet import xlsx
from bot.heavy.worker import HeavyWorker, HeavyWorkFailed
from tests.bot.channels.made_cards import TEXTS, WORDS
from tests.bot.heavy.reading import cells, formulas, has_frozen_header, kinds, sheet_name, widths
from tests.waiting import until

SVG = chart_svg(Chart("销量", "line", ("一", "二"), (Series("US", (1.0, 2.0)),)), WORDS, standalone=True)
EVIL = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("https://evil.example")',
    "{=1}",
    "<r><t>x</t></r>",
    "https://evil.example",
]


@pytest.fixture
async def worker() -> AsyncIterator[HeavyWorker]:
    worker = HeavyWorker(SystemClock())
    yield worker
    await worker.close()


async def saved(worker: HeavyWorker, table: Table) -> bytes:
    return await worker.xlsx(table, title="补货：[美国]/全部", zone="Asia/Shanghai")


def column_of(*texts: str) -> Table:
    return Table((Column("SKU"),), tuple((text,) for text in texts), total=len(texts))


async def test_a_picture_is_twice_as_large_as_its_chart(worker: HeavyWorker) -> None:
    picture = await worker.png(SVG)
    assert (picture[:8], int.from_bytes(picture[16:20], "big")) == (b"\x89PNG\r\n\x1a\n", 1280)


async def test_cells_keep_their_types(worker: HeavyWorker) -> None:
    kinds_of: tuple[ColumnKind, ...] = ("text", "number", "number", "date", "time", "level", "number")
    moment = datetime(2026, 3, 1, 8, tzinfo=UTC)
    row = ("A-1", 3, Decimal("1.50"), date(2026, 3, 1), moment, Level("断货", "bad"), None)
    file = await saved(worker, Table(tuple(Column(kind, kind) for kind in kinds_of), (row,), total=1))
    assert kinds(file) == ["inlineStr", "n", "n", "n", "n", "inlineStr", "inlineStr"]
    assert cells(file)[1] == ["A-1", "3", "1.5", "46082", "46082.66666666666", "断货", "—"]


async def test_a_sheet_is_ready_to_be_read(worker: HeavyWorker) -> None:
    file = await saved(worker, column_of("KETTLE-FOLDING-0.8L", "短"))
    assert (has_frozen_header(file), sheet_name(file), widths(file)[0] > 20) == (True, "补货： 美国 全部", True)


async def test_no_text_becomes_a_formula_or_a_link(worker: HeavyWorker) -> None:
    file = await saved(worker, Table((Column("=1+1"),), tuple((text,) for text in EVIL), total=len(EVIL)))
    assert (formulas(file), set(kinds(file)), [row[0] for row in cells(file)[1:]]) == (0, {"inlineStr"}, EVIL)


@settings(max_examples=50, deadline=None)
@given(text=TEXTS | st.sampled_from(EVIL))
def test_any_text_is_text_in_a_spreadsheet(text: str) -> None:
    columns = [{"title": text, "kind": "text", "precision": 0}]
    file = xlsx({"title": text, "columns": columns, "zone": "UTC"}, [[text], [{"level": text, "tone": "bad"}]])
    assert (formulas(file), set(kinds(file))) == (0, {"inlineStr"})


async def test_numbers_that_a_spreadsheet_would_change_stay_text(worker: HeavyWorker) -> None:
    cellss = (10**15, Decimal("NaN"), Decimal("Infinity"), date(1899, 12, 31))
    file = await saved(worker, Table((Column("x", "number"),), tuple((cell,) for cell in cellss), total=4))
    assert [row[0] for row in cells(file)[1:]] == ["1000000000000000", "NaN", "Infinity", "1899-12-31 00:00:00"]


async def test_a_text_too_long_for_a_cell_ends_with_an_ellipsis(worker: HeavyWorker) -> None:
    (_, (kept,)) = cells(await saved(worker, column_of("x" * 40_000)))
    assert (len(kept), kept[-1]) == (32_767, "…")


def test_more_rows_than_a_sheet_has_are_refused() -> None:
    columns = [{"title": "x", "kind": "text", "precision": 0}]
    with pytest.raises(ValueError, match="more rows"):
        xlsx({"title": "x", "columns": columns, "zone": ""}, [["a"], ["b"]], most_rows=1)


async def test_requests_at_once_are_answered_one_after_the_other(worker: HeavyWorker) -> None:
    files = await asyncio.gather(*(saved(worker, column_of(str(number))) for number in range(5)))
    assert [cells(file)[1] for file in files] == [[str(number)] for number in range(5)]


async def test_nothing_runs_before_the_first_request_and_after_the_last(worker: HeavyWorker) -> None:
    assert worker.process_id is None
    await worker.png(SVG)
    process_id = worker.process_id
    await worker.close()
    assert (process_id is None, worker.process_id) == (False, None)


async def test_a_request_that_cannot_be_done_fails_alone(worker: HeavyWorker) -> None:
    with pytest.raises(HeavyWorkFailed):
        await worker.png("<svg")
    assert await worker.png(SVG)


async def test_a_killed_child_is_replaced(worker: HeavyWorker) -> None:
    await worker.png(SVG)
    os.kill(worker.process_id or 0, signal.SIGKILL)
    first = await asyncio.gather(worker.png(SVG), return_exceptions=True)
    assert (len(first), (await worker.png(SVG))[:4]) == (1, b"\x89PNG")


async def test_a_child_that_is_too_slow_is_ended() -> None:
    worker = HeavyWorker(SystemClock(), longest=timedelta(milliseconds=1))
    with pytest.raises(HeavyWorkFailed):
        await worker.png(SVG)
    assert worker.process_id is None


async def test_an_idle_child_is_ended() -> None:
    worker = HeavyWorker(SystemClock(), idle=timedelta(milliseconds=10))
    await worker.png(SVG)
    await until(lambda: worker.process_id is None)
    assert await worker.png(SVG)
    await worker.close()


def test_without_a_chinese_font_the_latin_part_of_labels_stays(tmp_path: Path) -> None:
    assert (
        latin_only('<text class="美">美国 US 12</text><path d="M1"/>')
        == '<text class="美">… US 12</text><path d="M1"/>'
    )
    assert png(SVG, zoom=1, folders=[tmp_path])[:4] == b"\x89PNG"
