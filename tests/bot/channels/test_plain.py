"""The plain-text form of cards: complete, aligned, with the commands behind its buttons."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from bot.channels.figures import cell_text, chart_lines, progress_bar, sparkline
from bot.channels.markup import Span, short, spans, without_markup
from bot.channels.plain import block_as_text, card_as_text
from bot.contracts.cards import (
    Action,
    Block,
    Card,
    Cell,
    Chart,
    Column,
    Fact,
    Facts,
    Field,
    Form,
    Image,
    Level,
    Link,
    Note,
    Progress,
    Series,
    Table,
    Text,
    plain,
)
from tests.bot.channels.made_cards import CARDS, TEXTS, WORDS

TABLE = Table(
    (Column("店铺"), Column("可售天数", "number", 1), Column("级别", "level")),
    (("美国站", Decimal("6.5"), Level("紧急", "bad")), ("UK", None, Level("正常", "good"))),
    9,
    more="补货 2",
    title="清单",
)
FORM = Form(
    (
        Field("qty", "数量", "number", required=True, value="12"),
        Field("store", "店铺", "select", options=(("136", "美国站"), ("UK", "UK"))),
    ),
    Action("提交", "补货"),
)


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (Text("**3** 家 `A-1`\n- 甲"), "3 家 A-1\n- 甲"),
        (Facts((Fact("库存", "12", "领星"), Fact("在途", "3"))), "库存: 12  (领星)\n在途: 3"),
        (Note("来源"), "来源"),
        (Image("a.png", ""), "[a.png]"),
        (Link("店", "https://shop.example"), "店: https://shop.example"),
        (Progress("同步", 3, 10), "同步 ▓▓▓░░░░░░░ 3/10"),
        (Chart("销量", "bar", (), (Series("", (1.0,)),)), "销量\n▁  1 – 1"),
        (
            TABLE,
            "清单\n店铺    可售天数  级别\n美国站       6.5  紧急\nUK             —  正常\n"
            + WORDS("card.rows", total=9, shown=2)
            + "\n"
            + WORDS("card.more", command="补货 2"),
        ),
        (
            FORM,
            "提交\n- 数量 = 12 *\n- 店铺: 136 (美国站) / UK\n" + WORDS("card.usage", line="补货 <数量> <店铺>"),
        ),
    ],
)
def test_each_block_reads_well_without_a_card(block: Block, text: str) -> None:
    assert block_as_text(block, WORDS) == text


def test_actions_are_numbered_and_name_their_commands() -> None:
    card = Card("补货", actions=(Action("批准", "批准 1", confirm="确定？"), Action("帮助", "帮助")))
    assert card_as_text(card, WORDS) == "补货\n\n" + WORDS("card.choose") + "\n1. 批准: 批准 1  (确定？)\n2. 帮助"


def test_actions_are_listed_where_numbers_cannot_be_answered() -> None:
    card = Card("补货", actions=(Action("批准", "批准 1"),))
    assert card_as_text(card, WORDS, by_number=False) == "补货\n\n- 批准: 批准 1"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(card=CARDS)
def test_any_card_has_a_text_that_names_all_its_actions(card: Card) -> None:
    text = card_as_text(card, WORDS)
    assert card.title in text
    assert [action for action in card.actions if action.label not in text or action.command not in text] == []


@pytest.mark.parametrize(
    ("cell", "column", "text"),
    [
        (None, Column(""), "—"),
        ("x", Column("", "number"), "x"),
        (1234, Column("", "number"), "1,234"),
        (Decimal("6.25"), Column("", "number", 1), "6.2"),
        (Decimal("NaN"), Column("", "number"), "—"),
        (Decimal("1E+30"), Column("", "number"), "1E+30"),
        (date(2026, 12, 1), Column("", "date"), "2026-12-01"),
        (datetime(2026, 12, 1, 8, tzinfo=UTC), Column("", "time"), "2026-12-01 08:00"),
        (Level("紧急", "bad"), Column("", "level"), "紧急"),
    ],
)
def test_cells_read_alike_everywhere(cell: Cell, column: Column, text: str) -> None:
    assert cell_text(cell, column, WORDS) == text


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ((), ""),
        ((None,), "·"),
        ((5.0, 5.0), "▁▁"),
        ((0.0, None, 7.0), "▁·█"),
        (tuple(float(n) for n in range(8)), "▁▂▃▄▅▆▇█"),
    ],
)
def test_a_sparkline_climbs_from_lowest_to_highest(values: tuple[float | None, ...], line: str) -> None:
    assert sparkline(values) == line


def test_a_long_sparkline_is_averaged_to_a_bearable_width() -> None:
    line = sparkline([None] * 90 + [float(n) for n in range(90)])
    assert (len(line), line[:30], line[30], line[-1]) == (60, "·" * 30, "▁", "█")


def test_a_band_counts_its_upper_edge() -> None:
    chart = Chart("预测", "band", ("一月", "二月"), (Series("US", (1.0, 2.5), upper=(3.0, 9.5)),), "件")
    assert chart_lines(chart, WORDS) == ("预测  一月 – 二月", "US  ▁█  1 – 9.5  件")


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("同步", 7, 0), "同步 7…"),
        (Progress("同步", 12, 10), "同步 ▓▓▓▓▓▓▓▓▓▓ 12/10"),
        (Progress("同步", -1, 10), "同步 ░░░░░░░░░░ -1/10"),
    ],
)
def test_odd_progress_is_still_a_bar(progress: Progress, text: str) -> None:
    assert progress_bar(progress) == text


def test_spans_tell_bold_code_and_literal_signs_apart() -> None:
    assert list(spans("a \\* **b `c`** `d\\`e`")) == [
        Span("a * "),
        Span("b ", is_bold=True),
        Span("c", is_bold=True, is_code=True),
        Span(" "),
        Span("d`e", is_code=True),
    ]


@given(text=TEXTS)
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    assert without_markup(plain(text)) == text


def test_what_is_shortened_shows_that_it_is() -> None:
    assert (short("abc", 3), short("abcd", 3)) == ("abc", "ab…")
