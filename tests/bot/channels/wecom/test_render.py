"""A card as WeCom markdown: within the platform's bytes, nobody mentioned, every link whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.render import render, split
from bot.contracts.cards import Action, Card, Chart, Column, Fact, Facts, Level, Link, Series, Table, Text
from tests.bot.channels.made_cards import CARDS, WORDS

URL = "https://zhanggui.example.com"
_FONT = re.compile(r'</?font(?: color="(?:info|comment|warning)")?>')


def whole(card: Card, *, url: str = URL) -> str:
    return "\n".join(render(card, WORDS, url, longest=4096))


CARD = Card(
    "断货",
    "bad",
    (
        Text("**共** 2 条 <@all>"),
        Facts((Fact("店铺", "屿光-US", "刚才"),)),
        Table(
            (Column("SKU"), Column("可售", "number"), Column("紧急", "level")),
            (("A-1", 3, Level("断货", "bad")),),
            9,
            "补货 2",
        ),
    ),
    (Action("我来", "接手", token="tok-1"),),
)


def test_the_card_in_the_platforms_own_marks() -> None:
    assert whole(CARD) == (
        '<font color="warning">**断货**</font>\n\n**共** 2 条 ＜@all>\n\n'
        '> 店铺：**屿光-US** <font color="comment">刚才</font>\n\n'
        '> **A-1** · 可售 3 · 紧急 <font color="warning">断货</font>\n共 9 行，这里是前 1 行\n其余：补货 2\n\n'
        f"[我来]({URL}/a/tok-1)"
    )


def test_without_a_public_address_the_card_says_where_to_act() -> None:
    assert whole(CARD, url="").endswith("请在飞书或 WhatsApp 里处理：我来")


def test_more_rows_than_are_shown_are_counted() -> None:
    rows = tuple((f"A-{number}",) for number in range(30))
    made = whole(Card("x", blocks=(Table((Column("SKU"),), rows, 30),)))
    assert made.count("> **A-") == 20
    assert "共 30 行，这里是前 20 行" in made


@pytest.mark.parametrize(
    "text",
    ["<@all>", "<font color='warning'>x</font>", "# 标题", "> 引用", "**粗**", "[x](https://example.com)", "`code`"],
)
def test_what_people_wrote_is_no_mark(text: str) -> None:
    made = whole(Card("x", blocks=(Facts((Fact(text, text, text),)),)))
    body = _FONT.sub("", made.partition("\n\n")[2])
    assert body.startswith("> ")
    assert not re.search(r"<|\*\*粗\*\*|\]\(|`|^\s*#", body, re.MULTILINE)


def test_an_address_cannot_end_its_link_early() -> None:
    made = whole(Card("x", blocks=(Link("a](b", "https://example.com/)[y](https://evil.example\n"),)))
    assert made.endswith("[a］(b](https://example.com/%29[y]%28https://evil.example)")


def test_a_chart_is_left_to_channels_that_can_show_one() -> None:
    chart = Chart("每天", "line", ("1", "2"), (Series("销量", (1.0, 2.0)),))
    assert whole(Card("x", blocks=(chart,))) == '<font color="info">**x**</font>'


@given(CARDS)
def test_every_part_fits_and_mentions_nobody(card: Card) -> None:
    parts = render(card, WORDS, URL, longest=4096)
    assert parts
    assert max(len(part.encode()) for part in parts) <= 4096
    assert "<@" not in "".join(parts)
    assert all(part.strip() for part in parts)


@given(st.text(alphabet="断a😀\n ", max_size=600), st.integers(40, 80))
def test_splitting_loses_nothing_but_line_ends(text: str, longest: int) -> None:
    parts = split(text, longest)
    joined = "".join(part.partition("\n")[2] if len(parts) > 1 else part for part in parts)
    assert "".join(joined.split()) == "".join(text.split())
    assert all(len(part.encode()) <= longest for part in parts)
