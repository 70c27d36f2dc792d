"""The simulator's judgement of cards is as strict as the platform's."""

from typing import Any

import orjson
import pytest

from integrations.feishu.simulator import CardProblem, check_card

BUTTON = {"tag": "button", "text": {"tag": "plain_text", "content": "批准"}}
SUBMIT = BUTTON | {"name": "go", "form_action_type": "submit"}
FORM = {"tag": "form", "name": "f", "elements": [{"tag": "input", "name": "qty", "required": True}, SUBMIT]}
TABLE = {
    "tag": "table",
    "page_size": 10,
    "row_height": "low",
    "columns": [
        {"name": "sku", "display_name": "SKU", "data_type": "text", "width": "auto"},
        {"name": "days", "data_type": "number", "horizontal_align": "right", "format": {"precision": 1}},
        {"name": "lv", "data_type": "options"},
    ],
    "rows": [{"sku": "A-1", "days": 6.5, "lv": [{"text": "紧急", "color": "red"}]}],
}


CHART: dict[str, Any] = {
    "tag": "chart",
    "aspect_ratio": "16:9",
    "chart_spec": {"type": "line", "data": {"values": [{"d": "10-01", "q": 12}]}, "xField": "d", "yField": "q"},
}


def chart(**changes: object) -> dict[str, Any]:
    return CHART | {"chart_spec": CHART["chart_spec"] | changes}


def card(*elements: object, **changes: object) -> str:
    return orjson.dumps({"schema": "2.0", "body": {"elements": list(elements)}} | changes).decode()


def test_the_documented_examples_are_taken() -> None:
    header = {
        "template": "orange",
        "title": {"tag": "plain_text", "content": "补货建议"},
        "text_tag_list": [{"tag": "text_tag", "text": {"tag": "plain_text", "content": "US"}, "color": "blue"}],
    }
    config = {"update_multi": True, "width_mode": "fill", "summary": {"content": "3 个"}}
    text = {"tag": "markdown", "content": "**x**"}
    check_card(card(text, TABLE, CHART, FORM, {"tag": "hr"}, header=header, config=config))
    with pytest.raises(CardProblem):
        check_card(card(header=header | {"colour": "orange"}))


def table(**changes: object) -> dict[str, Any]:
    return TABLE | changes


@pytest.mark.parametrize(
    ("content", "sub_code"),
    [
        ("{", 200621),
        ("[]", 200621),
        ("{}", 200621),
        (card(schema="1.0"), 200621),
        (card(config={"update_multi": False}), 200621),
        (card(header={"title": "x"}), 200621),
        (card(header={"title": {"tag": "plain_text", "content": "x"}, "template": "pink"}), 200621),
        (card(card_links={}), 200621),
        (card(CHART | {"aspect_ratio": "5:4"}), 200621),
        (card(chart(type="cake")), 200550),
        (card(chart(data={"values": []})), 200550),
        (card(chart(yField="price")), 200550),
        (card(chart(data={"values": [{"d": "10-01", "q": "12"}]})), 200550),
        (card(chart(label={"formatMethod": "function (x) { return x }"})), 200550),
        (card("text"), 200861),
        (card({"tag": "note"}), 200861),
        (card({"tag": "action", "actions": []}), 200861),
        (card({"tag": "markdown"}), 200621),
        (card({"tag": "markdown", "content": "x", "colour": "red"}), 200621),
        (card({"tag": "markdown", "content": "x", "element_id": "1x"}), 200621),
        (card(*[{"tag": "markdown", "content": "x", "element_id": "a"}] * 2), 200621),
        (card(*[{"tag": "hr"}] * 201), 11310),
        (card(*[TABLE] * 6), 11310),
        (card(*[TABLE] * 5, {"tag": "markdown", "content": "|a|b|\n|---|---|\n|1|2|"}), 11310),
        (card(table(page_size=11)), 200621),
        (card(table(columns=[])), 200621),
        (card(table(columns=[{"name": "a", "data_type": "text"}] * 2)), 200621),
        (card(table(columns=[{"name": f"c{n}", "data_type": "text"} for n in range(51)])), 200621),
        (card(table(rows=[{"other": "x"}])), 200914),
        (card(table(rows=[{"days": "6.5"}])), 200914),
        (card(table(rows=[{"days": True}])), 200914),
        (card(table(rows=[{"lv": "紧急"}])), 200914),
        (card(table(rows=["x"])), 200914),
        (card({"tag": "column_set", "columns": [{"tag": "hr"}]}), 200621),
        (card({"tag": "column_set", "columns": [{"tag": "column", "elements": [TABLE]}]}), 200621),
        (card({"tag": "column_set", "columns": [{"tag": "column", "elements": [FORM]}]}), 200621),
        (card(FORM | {"elements": [{"tag": "input", "name": "qty"}]}), 200621),
        (card(FORM | {"elements": [{"tag": "input"}, SUBMIT]}), 200530),
        (card(FORM | {"elements": [{"tag": "input", "name": "go"}, SUBMIT]}), 200621),
        (card(FORM, FORM), 200621),
        (card(SUBMIT), 200621),
        (card({"tag": "input", "name": "x", "required": True}), 200621),
        (card({"tag": "input", "name": "x", "default_value": "x" * 1001}), 200621),
        (card(BUTTON | {"text": {"tag": "plain_text", "content": "x" * 101}}), 200621),
        (card(BUTTON | {"behaviors": [{"type": "callback", "value": "text"}]}), 200621),
        (card(BUTTON | {"type": "huge"}), 200621),
        (card({"tag": "select_static", "options": []}), 200621),
        (
            card(
                {
                    "tag": "select_static",
                    "options": [{"text": {"tag": "plain_text", "content": "a"}, "value": "a"}],
                    "initial_option": "b",
                }
            ),
            200621,
        ),
        (card({"tag": "date_picker", "initial_date": "1.12.2026"}), 200621),
    ],
)
def test_a_card_that_breaks_a_rule_is_refused_with_its_sub_code(content: str, sub_code: int) -> None:
    with pytest.raises(CardProblem) as caught:
        check_card(content)
    assert caught.value.sub_code == sub_code


def test_containers_nest_five_deep_and_no_deeper() -> None:
    inner: dict[str, Any] = {"tag": "hr"}
    two = {"tag": "column_set", "columns": [{"tag": "column", "elements": [inner]}]}
    four = {"tag": "column_set", "columns": [{"tag": "column", "elements": [two]}]}
    six = {"tag": "column_set", "columns": [{"tag": "column", "elements": [four]}]}
    check_card(card(four))
    with pytest.raises(CardProblem, match="nest"):
        check_card(card(six))
