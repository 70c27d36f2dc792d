"""How each block looks on a Feishu card."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.channels.feishu.render import render
from bot.contracts.cards import (
    Action,
    Block,
    Card,
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
    Table,
    Text,
    Tone,
    plain,
)
from tests.bot.channels.feishu.shown import accepted, tagged, tokens
from tests.bot.channels.made_cards import WORDS


def elements(*blocks: Block) -> list[dict[str, Any]]:
    (card,) = accepted(render(Card("标题", blocks=blocks), WORDS))
    found: list[dict[str, Any]] = card["body"]["elements"]
    return found


def written(*blocks: Block) -> str:
    (element,) = elements(*blocks)
    content: str = element["content"]
    return content


def test_whom_a_card_calls_is_mentioned_before_everything_else() -> None:
    (card,) = accepted(render(Card("标题", blocks=(Text("x"),), mentions=("ou_1", "ou_2")), WORDS))
    assert card["body"]["elements"][0]["content"] == "<at id=ou_1></at> <at id=ou_2></at>"


@pytest.mark.parametrize(
    ("tone", "template"),
    [("info", "blue"), ("good", "green"), ("warning", "orange"), ("bad", "red"), ("working", "wathet")],
)
def test_the_tone_colours_the_header(tone: Tone, template: str) -> None:
    (card,) = accepted(render(Card("店铺", tone), WORDS))
    assert card["header"] == {"template": template, "title": {"tag": "plain_text", "content": "店铺"}}
    assert card["config"]["summary"] == {"content": "店铺"}


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("**3** 家\n- `A-1` 缺货", "**3** 家\n- `A-1` 缺货"),
        ("** 3 **家", " **3** 家"),
        ("<at id=all></at>", "&#60;at id=all&#62;&#60;/at&#62;"),
        (plain("a*b_c`[x](y)`\\"), "a&#42;b&#95;c&#96;&#91;x&#93;(y)&#96;&#92;"),
        ("`<at id=all>`", "&#60;at id=all&#62;"),
        ("~5 $3 #1 a|b", "&sim;5 &#36;3 &#35;1 a&#124;b"),
        ("A&B &#60; &amp;", "A&B &#38;&#35;60; &#38;amp;"),
        ("---\n===\n- 列", "&#45;--\n&#61;==\n- 列"),
        ("a\x00b\r\nc", "ab\nc"),
    ],
)
def test_text_keeps_our_marks_and_obeys_no_others(markdown: str, shown: str) -> None:
    assert written(Text(markdown)) == shown


def test_facts_are_bold_labels_with_small_sources() -> None:
    facts = Facts((Fact("库存", "12*", "领星 <1> 分钟前"), Fact("在途", "3")))
    assert written(facts) == "**库存**  12&#42;\n<font color='grey'>领星 &#60;1&#62; 分钟前</font>\n**在途**  3"


def test_small_print_is_small_and_grey() -> None:
    (element,) = elements(Note("来源：领星"))
    assert (element["text_size"], element["content"]) == ("notation", "<font color='grey'>来源：领星</font>")


def test_a_table_is_native_with_typed_columns() -> None:
    columns = (Column("SKU"), Column("可售天数", "number", 1), Column("级别", "level"), Column("到货", "date"))
    rows = (
        ("A-1", Decimal("6.5"), Level("紧急", "bad"), date(2026, 12, 1)),
        ("B-2", 7, Level("正常", "good"), None),
    )
    (table,) = elements(Table(columns, rows, 2))
    assert [column["data_type"] for column in table["columns"]] == ["text", "number", "options", "text"]
    assert table["columns"][1]["format"] == {"precision": 1, "separator": True}
    assert table["rows"] == [
        {"c0": "A-1", "c1": 6.5, "c2": [{"text": "紧急", "color": "red"}], "c3": "2026-12-01"},
        {"c0": "B-2", "c1": 7, "c2": [{"text": "正常", "color": "green"}], "c3": "—"},
    ]


@pytest.mark.parametrize("cell", [None, Decimal("NaN"), 10**16, "缺"])
def test_a_number_column_that_cannot_hold_a_cell_becomes_text(cell: Any) -> None:
    (table,) = elements(Table((Column("数量", "number"),), ((1200,), (cell,)), 2))
    assert table["columns"][0] | {"width": ""} == {
        "name": "c0",
        "display_name": "数量",
        "data_type": "text",
        "width": "",
        "horizontal_align": "right",
    }
    assert table["rows"][0] == {"c0": "1,200"}


def test_an_unknown_level_is_a_dash() -> None:
    (table,) = elements(Table((Column("级别", "level"),), ((None,),), 1))
    assert table["rows"] == [{"c0": [{"text": "—", "color": "neutral"}]}]


def test_rows_that_are_missing_are_named_with_the_way_to_them() -> None:
    table = Table((Column("SKU"),), (("A",),), 250, more="补货 第2页", title="清单")
    title, _, missing = elements(table)
    assert title["content"] == "**清单**"
    assert missing["content"].split("\n") == [
        "<font color='grey'>" + WORDS("card.rows", total=250, shown=1) + "</font>",
        "<font color='grey'>" + WORDS("card.more", command="补货 第2页") + "</font>",
    ]


def test_a_table_without_rows_says_so() -> None:
    assert written(Table((Column("SKU"), Column("数量")), (), 0)) == "<font color='grey'>SKU · 数量: —</font>"


def test_times_are_shown_in_the_teams_zone() -> None:
    (table,) = elements(Table((Column("时间", "time"),), ((datetime(2026, 12, 1, 8, tzinfo=UTC),),), 1))
    assert table["rows"] == [{"c0": "2026-12-01 08:00"}]


def test_a_button_carries_its_token_and_asks_first_if_it_should() -> None:
    actions = (Action("批准", "批准 1", "primary", "确定？", token="t1"), Action("忽略", "忽略 1", token="t2"))
    (card,) = accepted(render(Card("补货", actions=actions), WORDS))
    approve, ignore = tagged(card, "button")
    assert tokens(card) == ["t1", "t2"]
    assert (approve["type"], approve["confirm"]["text"]["content"]) == ("primary", "确定？")
    assert "confirm" not in ignore


def test_a_label_too_long_for_a_button_is_written_out() -> None:
    label = "批准" * 60
    (card,) = accepted(render(Card("补货", actions=(Action(label, token="t1"),)), WORDS))
    text, _ = card["body"]["elements"]
    (button,) = tagged(card, "button")
    assert text["content"] == label
    assert button["text"]["content"] == label[:99] + "…"


def test_a_form_has_one_input_per_field_and_a_submit_button() -> None:
    form = Form(
        (
            Field("qty", "数量", "number", required=True, value="12"),
            Field("day", "日期", "date", value="2026-12-01"),
            Field("store", "店铺", "select", value="136", options=(("136", "美国站"), ("137", "英国站"))),
        ),
        Action("提交", "补货", token="t1"),
    )
    (element,) = elements(form)
    parts = {part["tag"]: part for part in element["elements"] if part["tag"] != "markdown"}
    assert parts["input"]["name"] == "f1_number_qty"
    assert (parts["input"]["required"], parts["input"]["default_value"]) == (True, "12")
    assert parts["date_picker"] == {"tag": "date_picker", "name": "f2_date_day", "initial_date": "2026-12-01"}
    assert (parts["select_static"]["name"], parts["select_static"]["initial_option"]) == ("f3_select_store", "136")
    assert (parts["button"]["form_action_type"], tokens(element)) == ("submit", ["t1"])


def test_a_form_that_does_not_fit_is_its_usage_line() -> None:
    form = Form((Field("note", "备注", value="长" * 1001),), Action("提交", "备注", token="t1"))
    shown = written(form)
    assert "备注 &#60;备注&#62;" in shown
    assert "长" * 1001 in shown.replace("\n", "")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        (Link("店[1]", "https://shop.example/a b(1)"), "[店&#91;1&#93;](https://shop.example/a%20b%281%29)"),
        (Link("店", "javascript:alert(1)"), "店\n<font color='grey'>javascript:alert(1)</font>"),
    ],
)
def test_only_a_web_address_becomes_a_link(link: Link, shown: str) -> None:
    assert written(link) == shown


def test_pictures_and_progress_are_text() -> None:
    assert written(Image("a.png", "一张图")) == "<font color='grey'>&#91;一张图&#93;</font>"
    assert written(Progress("同步", 3, 10)) == "同步 ▓▓▓░░░░░░░ 3/10"


def test_a_card_without_content_still_has_an_element() -> None:
    assert elements() == [{"tag": "hr"}]
    assert elements(Text(""), Facts(()), Note("")) == [{"tag": "hr"}]
