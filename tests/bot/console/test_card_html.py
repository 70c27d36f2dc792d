"""Every card can be read in a browser, says what is unknown, and runs nothing."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.entries import Answered
from bot.console.markdown import to_html
from bot.console.pages import Pages
from bot.contracts import cards as c
from bot.contracts.feature import Person
from bot.words import load_catalogue, machine_texts

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
PAGES = Pages()
WORDS = load_catalogue([machine_texts()], timezone=ZoneInfo("Asia/Shanghai")).words("zh")
PRESS = c.Action("同步", "同步", token="T1")

ONE_OF_EACH: list[c.Block] = [
    c.Text("**要紧** 的 `SKU`"),
    c.Facts((c.Fact("可售", "12 件", "领星，3 分钟前"),)),
    c.Table((c.Column("SKU"),), (("A-1",),), total=1, title="库存"),
    c.Chart("销量", "line", ("周一", "周二"), (c.Series("A-1", (1.0, None)),), "件"),
    c.Form((c.Field("days", "天数", "number", True, "45"),), PRESS),
    c.Note("来源：领星"),
    c.Image("sales.png", "近三十天的销量"),
    c.Link("打开", "https://shop.example/a"),
    c.Progress("青松家居", 3, 10),
]


def html(*blocks: c.Block, actions: tuple[c.Action, ...] = (), title: str = "标题") -> str:
    entry = Answered(id="M1", version=1, card=c.Card(title, "info", blocks, actions), reply_to="", at=NOW)
    return PAGES.render("entry.html", entry=entry, viewer=Person(id="wei"), words=WORDS, card_words=WORDS)


def table(cell: c.Cell, column: c.Column) -> str:
    """One cell's ``td``."""
    page = html(c.Table((column,), ((cell,),), total=1))
    return "".join(re.findall(r"<td.*?</td>", page))


class Reader(HTMLParser):
    """Collects what a person reads and which elements there are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_list_of_blocks_is_complete() -> None:
    assert {type(block) for block in ONE_OF_EACH} == set(get_args(c.Block))


@pytest.mark.parametrize(
    ("block", "words"),
    list(
        zip(
            ONE_OF_EACH,
            [
                ["<strong>要紧</strong> 的 <code>SKU</code>"],
                ["可售", "12 件", "领星，3 分钟前"],
                ["库存", "SKU", "A-1"],
                ["销量  周一 – 周二", "A-1", "件"],
                ['name="days"', 'type="number"', 'value="45"', " required", 'type="submit"', 'data-press="T1"'],
                ["来源：领星"],
                ["近三十天的销量"],
                ['href="https://shop.example/a"', 'rel="noopener noreferrer"'],
                ["青松家居", 'max="10"', 'value="3"', "3 / 10"],
            ],
            strict=True,
        )
    ),
    ids=lambda value: type(value).__name__,
)
def test_every_block_shows_what_it_says(block: c.Block, words: list[str]) -> None:
    page = html(block)
    assert [word for word in words if word not in page] == []


@pytest.mark.parametrize(
    ("cell", "column", "text", "order"),
    [
        (None, c.Column("x", "number"), "—", ""),
        (0, c.Column("x", "number"), "0", "0"),
        (12345, c.Column("x", "number"), "12,345", "12345"),
        (Decimal("1.25"), c.Column("x", "number", 1), "1.2", "1.25"),
        (date(2026, 3, 1), c.Column("x", "date"), "2026-03-01", str(date(2026, 3, 1).toordinal())),
        (NOW, c.Column("x", "time"), "2026-03-01 16:00", str(NOW.timestamp())),
        ("A-1", c.Column("x"), "A-1", "A-1"),
    ],
)
def test_cells_are_shown_in_words_and_ordered_by_value(cell: c.Cell, column: c.Column, text: str, order: str) -> None:
    assert table(cell, column) == f'<td class="{column.kind}" data-value="{order}" data-label="x">{text}</td>'


@pytest.mark.parametrize(
    ("text", "kind"),
    [("YG-WM-0023-GY-US", "text"), ("可折叠硅胶滤水篮大号双层带盖子", "text long"), ("a basket", "text")],
)
def test_long_prose_may_be_broken_into_lines_but_codes_may_not(text: str, kind: str) -> None:
    assert table(text, c.Column("x")).startswith(f'<td class="{kind}"')


def test_a_level_is_a_coloured_word_that_sorts_the_worst_first() -> None:
    shown = table(c.Level("断货", "bad"), c.Column("x", "level"))
    assert shown == '<td class="level" data-value="0" data-label="x"><span class="level bad">断货</span></td>'


def test_a_table_that_is_cut_says_so_and_offers_the_rest() -> None:
    page = html(c.Table((c.Column("SKU"),), (("A-1",),), total=63, more="补货 2"))
    assert "显示 1 / 63 行" in page and 'data-say="补货 2"' in page


@pytest.mark.parametrize(("rows", "is_counted"), [(10, False), (11, True)])
def test_a_long_table_says_how_long_it_is(rows: int, is_counted: bool) -> None:
    page = html(c.Table((c.Column("SKU"),), (("A-1",),) * rows, total=rows))
    assert (f"共 {rows} 行" in page) == is_counted


def test_a_complete_table_offers_no_rest() -> None:
    assert "data-say" not in html(c.Table((c.Column("SKU"),), (("A-1",),), total=1, more="补货 2"))


def test_a_button_carries_only_its_token() -> None:
    page = html(actions=(c.Action("删除", "秘密命令", "danger", confirm="真的吗？", token="T1"),))
    assert 'class="action danger" data-press="T1" data-confirm="真的吗？">删除<' in page
    assert "秘密命令" not in page


def test_a_button_without_a_token_cannot_be_pressed() -> None:
    assert 'data-press="" disabled>' in html(actions=(c.Action("同步", "同步"),))


def test_a_select_offers_nothing_chosen_unless_required() -> None:
    field = c.Field("store", "店铺", "select", value="de", options=(("us", "美国"), ("de", "德国")))
    page = html(c.Form((field,), PRESS))
    assert re.findall(r"<option.*?</option>", page) == [
        '<option value=""></option>',
        '<option value="us">美国</option>',
        '<option value="de" selected>德国</option>',
    ]


def test_progress_of_unknown_length_shows_no_figures() -> None:
    assert "<progress></progress>" in html(c.Progress("同步", 3, 0))


def test_a_working_card_says_that_it_will_change() -> None:
    entry = Answered(id="M1", version=1, card=c.Card("同步", "working"), reply_to="", at=NOW)
    page = PAGES.render("entry.html", entry=entry, viewer=Person(), words=WORDS, card_words=WORDS)
    assert "处理中" in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http:", "[", ""])
def test_a_link_that_is_no_web_address_is_only_text(url: str) -> None:
    page = html(c.Link("打开", url))
    assert ("打开" in page, "<a " in page) == (True, False)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("一\n二", "<p>一<br>二</p>"),
        ("一\n\n二", "<p>一</p><p>二</p>"),
        ("有：\n- 甲\n- **乙**\n完", "<p>有：</p><ul><li>甲</li><li><strong>乙</strong></li></ul><p>完</p>"),
        ("**a `b`**", "<p><strong>a </strong><strong><code>b</code></strong></p>"),
        (r"3 \* 4 \\ \`x\`", "<p>3 * 4 \\ `x`</p>"),
        ("**open", "<p>**open</p>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
    ],
)
def test_the_small_markdown_becomes_html(markdown: str, expected: str) -> None:
    assert to_html(markdown) == expected


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))))
def test_escaped_text_is_read_exactly_as_written(text: str) -> None:
    assert unescape(Reader(to_html("x" + c.plain(text) + "x")).text) == f"x{text}x"


@given(st.text())
def test_no_text_anywhere_on_a_card_becomes_markup(text: str) -> None:
    plain = Reader(everywhere("text"))
    evil = Reader(everywhere(text))
    meant, linked = {"strong", "code", "ul", "li", "br"}, {"target", "rel"}
    assert (evil.tags - meant, evil.attributes - linked) == (plain.tags - meant, plain.attributes - linked)


def everywhere(text: str) -> str:
    """A card with ``text`` in every place that takes one."""
    action = c.Action(text, text, confirm="x" + text, token="x" + text)
    field = c.Field(text, text, "select", value=text, options=((text, text),))
    return html(
        c.Text("x" + text),
        c.Facts((c.Fact(text, text, "x" + text),)),
        c.Table((c.Column(text),), ((text,),), total=2, more="x" + text, title="x" + text),
        c.Chart(text, "line", (text,), (c.Series(text, (1.0,)),), text),
        c.Form((field, c.Field(text, text)), action),
        c.Note(text),
        c.Image(text, text),
        c.Link(text, text),
        c.Progress(text, 1, 2),
        actions=(action,),
        title=text,
    )
