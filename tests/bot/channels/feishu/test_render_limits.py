"""Whatever the card: the platform takes what we render, and nothing of it is lost."""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.feishu.render import render
from bot.channels.figures import cell_text
from bot.channels.markup import sendable, without_markup
from bot.contracts.cards import Action, Card, Cell, Column, Form, Level, Table, Text
from tests.bot.channels.feishu.shown import accepted, readable, tagged, tokens
from tests.bot.channels.made_cards import CARDS, WORDS, tables

THOROUGH = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def flat(text: str) -> str:
    """``text`` without what separates its parts: line breaks and the marks of bold text and lists."""
    return "".join(sendable(text).split()).replace("*", "").replace("`", "")


@THOROUGH
@given(card=CARDS)
def test_any_card_is_taken_by_the_platform(card: Card) -> None:
    assert accepted(render(card, WORDS))


@THOROUGH
@given(table=tables())
def test_every_cell_of_any_table_is_shown(table: Table) -> None:
    cards = accepted(render(Card("表", blocks=(table,)), WORDS))
    rows = [row for element in tagged(cards, "table") for row in element["rows"]]
    wanted = {flat(cell_text(cell, Column(""), WORDS)) for row in table.rows for cell in row if not _is_number(cell)}
    shown = flat(_by_column(rows))
    assert [cell for cell in wanted if cell not in shown] == []


@THOROUGH
@given(card=CARDS)
def test_every_action_of_any_card_can_be_pressed_once(card: Card) -> None:
    cards = accepted(render(card, WORDS))
    buttons = [action.token for action in card.actions]
    assert tokens(cards)[len(tokens(cards)) - len(buttons) :] == buttons
    assert len(tagged(cards, "form")) <= sum(isinstance(block, Form) for block in card.blocks)


@THOROUGH
@given(markdown=st.text(max_size=3000) | st.text(alphabet="*`\\_<>&|店\n- ", max_size=300))
def test_every_sign_of_any_text_is_shown(markdown: str) -> None:
    cards = accepted(render(Card("文", blocks=(Text(markdown),)), WORDS))
    assert flat(without_markup(markdown)) in flat(readable([card["body"] for card in cards]))


def test_two_hundred_wide_rows_go_on_in_further_cards() -> None:
    columns = (Column("SKU"), *(Column(f"数 {n}", "number", 1) for n in range(12)), Column("级别", "level"))
    rows = tuple((f"SKU-{n}", *range(n, n + 12), Level("紧急", "bad")) for n in range(200))
    cards = accepted(render(Card("补货", blocks=(Table(columns, rows, 200),)), WORDS))
    titles = [card["header"]["title"]["content"] for card in cards]
    shown = [row["c0"] for element in tagged(cards, "table") for row in element["rows"]]
    assert titles == [f"补货 {n}/{len(cards)}" for n in range(1, len(cards) + 1)]
    assert len(cards) > 1
    assert shown == [f"SKU-{n}" for n in range(200)]


def test_a_sixth_table_goes_on_the_next_card() -> None:
    table = Table((Column("SKU"),), (("A",),), 1)
    cards = accepted(render(Card("表", blocks=(table,) * 6), WORDS))
    assert [len(tagged(card, "table")) for card in cards] == [5, 1]


def test_sixty_columns_are_two_tables_led_by_the_first_column() -> None:
    columns = tuple(Column(f"C{n}") for n in range(60))
    (card,) = accepted(render(Card("宽", blocks=(Table(columns, (tuple(f"v{n}" for n in range(60)),), 1),)), WORDS))
    first, second = tagged(card, "table")
    assert [column["display_name"] for column in second["columns"]] == ["C0", *(f"C{n}" for n in range(50, 60))]
    assert len(first["columns"]) == 50


def test_a_hundred_buttons_are_all_there() -> None:
    actions = tuple(Action(f"按 {n}", f"按 {n}", token=f"t{n}") for n in range(100))
    assert tokens(accepted(render(Card("多", actions=actions), WORDS))) == [f"t{n}" for n in range(100)]


def test_a_cell_larger_than_a_card_is_continued_in_further_rows() -> None:
    cell = "".join(chr(0x4E00 + n % 5000) for n in range(20_000))
    cards = accepted(render(Card("长", blocks=(Table((Column("备注"), Column("x")), ((cell, "y"),), 1),)), WORDS))
    rows = [row for element in tagged(cards, "table") for row in element["rows"]]
    assert "".join(row["c0"] for row in rows) == cell


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | Decimal)


def _by_column(rows: list[dict[str, Any]]) -> str:
    """Column after column, so that a continued cell is in one piece again."""
    names = sorted({name for row in rows for name in row})
    return "".join(_text_of(row[name]) for name in names for row in rows if name in row)


def _text_of(value: Any) -> str:
    return value[0]["text"] if isinstance(value, list) else str(value)
