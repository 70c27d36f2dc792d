"""Cards as WhatsApp shows them, within its limits."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.whatsapp.marks import bold, literal, marked, split
from bot.channels.whatsapp.render import plain_texts, render
from bot.contracts.cards import Action, Card, Column, Field, Form, Table, Text
from integrations.whatsapp.contents import Content
from integrations.whatsapp.simulator.contents import check_message
from tests.bot.channels.made_cards import CARDS, WORDS


def shown(card: Card) -> list[str]:
    return [_text(content) for content in render(card, WORDS)]


def _text(content: Content) -> str:
    body: dict[str, Any] = content.body
    return str(body["body"] if content.kind == "text" else body["body"]["text"])


def no_media(media_id: object, kind: str) -> None:
    raise LookupError(f"{kind} {media_id} was never uploaded")


def accepted(content: Content) -> bool:
    """Raises: ContentProblem if the platform would refuse it."""
    message = {"messaging_product": "whatsapp", "to": "1", "type": content.kind, content.kind: content.body}
    check_message(message, check_media=no_media, templates={})
    return True


def actions(*labels: str) -> tuple[Action, ...]:
    return tuple(Action(label, "x", token=f"t{number}") for number, label in enumerate(labels))


def tokens(card: Card) -> Card:
    """With the tokens that the outbox gives."""
    return replace(card, actions=tuple(replace(each, token=f"t{n}") for n, each in enumerate(card.actions)))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(card=CARDS)
def test_no_card_is_refused_by_the_platform(card: Card) -> None:
    assert all(map(accepted, render(tokens(card), WORDS)))


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_no_plain_text_is_refused_either(text: str) -> None:
    assert all(map(accepted, plain_texts("x" + text * 50)))


@pytest.mark.parametrize(
    ("labels", "kind"), [(("a", "b", "c"), "button"), (("a", "b", "c", "d"), "list"), (("x" * 21, "b"), "list")]
)
def test_actions_are_buttons_or_a_list(labels: tuple[str, ...], kind: str) -> None:
    (content,) = render(Card("店铺", actions=actions(*labels)), WORDS)
    assert content.body["type"] == kind


@pytest.mark.parametrize("labels", [tuple("abcdefghijk"), ("a", "a"), ("x" * 73,)])
def test_actions_that_fit_neither_are_numbered(labels: tuple[str, ...]) -> None:
    (text,) = shown(Card("店铺", actions=actions(*labels)))
    assert f"1. {labels[0]}" in text
    assert "回复编号" in text


def test_the_choices_of_a_long_card_stand_under_a_line_of_their_own() -> None:
    card = Card("店铺", blocks=(Text("很长 " * 400),), actions=actions("a"))
    first, last = render(card, WORDS)
    assert (first.kind, last.body["body"]["text"]) == ("text", "请选择：")


def test_a_narrow_table_is_aligned() -> None:
    table = Table((Column("SKU"), Column("件", "number")), (("A", 5), ("B", 120)), 2)
    assert "```SKU   件\nA      5\nB    120```" in shown(Card("库存", blocks=(table,)))[0]


def test_a_wide_table_is_listed_row_by_row() -> None:
    table = Table((Column("SKU"), Column("名称"), Column("件", "number")), (("A", "很长的名字" * 4, None),), 1)
    assert f"• *A* · 名称 {'很长的名字' * 4} · 件 —" in shown(Card("库存", blocks=(table,)))[0]


def test_only_the_first_rows_are_shown_where_a_command_shows_the_others() -> None:
    table = Table((Column("SKU"),), tuple((f"S{n}",) for n in range(50)), 50, more="库存 2")
    (text,) = shown(Card("库存", blocks=(table,)))
    assert "S19" in text and "S20" not in text
    assert "共 50 行，这里是前 20 行\n其余：库存 2" in text


def test_a_form_is_its_usage_with_an_example() -> None:
    form = Form((Field("sku", "SKU", value="A-1"), Field("units", "件数", "number")), Action("下单", "采购"))
    (text,) = shown(Card("采购", blocks=(form,)))
    assert "用法：采购 <SKU> <件数>" in text
    assert "例：采购 sku=A-1 units=10" in text


def test_long_texts_are_split_between_lines_and_numbered() -> None:
    parts = split("\n".join(["x" * 60] * 5), 140)
    assert [part.split("\n")[0] for part in parts] == ["(1/3)", "(2/3)", "(3/3)"]
    assert "".join(part.partition("\n")[2] for part in parts).replace("\n", "") == "x" * 300


@given(st.text(max_size=300), st.integers(20, 100))
def test_no_part_is_too_long(text: str, longest: int) -> None:
    assert all(len(part) <= longest for part in split(text, longest))


def test_what_people_wrote_becomes_no_mark() -> None:
    assert literal("*a* _b_ A_B_C ~c~") == "*\u200ba* _\u200bb_ A_B_C ~\u200bc~"
    assert bold("a*b") == "*a∗b*"
    assert marked("**粗** `补货 A_B` \\*x") == "*粗* `补货 A_B` *\u200bx"
