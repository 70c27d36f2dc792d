"""Cards survive being stored, whatever is in them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts import cards as c
from bot.contracts.card_json import card_from_json, card_to_json, cell_from_json, cell_to_json

levels = st.builds(c.Level, st.text(), st.sampled_from(["neutral", "good", "warning", "bad"]))
cells: st.SearchStrategy[c.Cell] = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    levels,
)
numbers = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=4).map(tuple)
actions = st.builds(c.Action)
blocks: st.SearchStrategy[c.Block] = st.one_of(
    st.builds(c.Text),
    st.builds(c.Facts),
    st.builds(c.Table, rows=st.lists(st.lists(cells, max_size=3).map(tuple), max_size=3).map(tuple)),
    st.builds(c.Chart, series=st.lists(st.builds(c.Series, st.text(), numbers, numbers), max_size=2).map(tuple)),
    st.builds(c.Form),
    st.builds(c.Note),
    st.builds(c.Image),
    st.builds(c.Link),
    st.builds(c.Progress),
)
cards = st.builds(
    c.Card,
    blocks=st.lists(blocks, max_size=5).map(tuple),
    actions=st.lists(actions, max_size=3).map(tuple),
    language=st.sampled_from(["zh", "en"]),
    mentions=st.lists(st.text(), max_size=2).map(tuple),
)


@given(cards)
def test_a_card_read_back_from_json_text_equals_the_card(card: c.Card) -> None:
    assert card_from_json(json.loads(json.dumps(card_to_json(card)))) == card


@given(cells)
def test_a_cell_keeps_its_type_and_value(cell: c.Cell) -> None:
    back = cell_from_json(json.loads(json.dumps(cell_to_json(cell))))
    assert (type(back), back) == (type(cell), cell)


def test_a_decimal_keeps_its_trailing_zeros() -> None:
    assert str(cell_from_json(cell_to_json(Decimal("1.50")))) == "1.50"


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        (None, None),
        (Decimal("1.50"), {"decimal": "1.50"}),
        (date(2025, 3, 1), {"date": "2025-03-01"}),
        (datetime(2025, 3, 1, 8, tzinfo=UTC), {"time": "2025-03-01T08:00:00+00:00"}),
        (c.Level("urgent", "bad"), {"level": "urgent", "tone": "bad"}),
    ],
)
def test_cells_without_a_json_type_are_tagged(cell: c.Cell, stored: object) -> None:
    assert cell_to_json(cell) == stored


def test_the_shape_of_a_stored_card_is_documented_and_stable() -> None:
    table = c.Table((c.Column("SKU"), c.Column("Units", "number")), (("A-1", 3),), total=9, more="库存 2")
    card = c.Card("库存", "good", (table,), (c.Action("刷新", "同步"),), matter="M1")
    assert card_to_json(card) == {
        "title": "库存",
        "tone": "good",
        "blocks": [
            {
                "type": "table",
                "columns": [
                    {"title": "SKU", "kind": "text", "precision": 0},
                    {"title": "Units", "kind": "number", "precision": 0},
                ],
                "rows": [["A-1", 3]],
                "total": 9,
                "more": "库存 2",
                "title": "",
            }
        ],
        "actions": [
            {"label": "刷新", "command": "同步", "style": "default", "confirm": "", "asker_only": False, "token": ""}
        ],
        "matter": "M1",
        "language": "zh",
    }


@pytest.mark.parametrize("stored", [{}, {"title": "x"}, card_to_json(c.Card("x")) | {"blocks": [{"type": "video"}]}])
def test_something_else_than_a_stored_card_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a stored card"):
        card_from_json(stored)
