"""Charts on Feishu cards: drawn by the client, taken by the platform, told in text where they cannot be."""

from typing import Any

import pytest

from bot.channels.feishu.charts import MOST_CHARTS
from bot.channels.feishu.render import render
from bot.contracts.cards import Card, Chart, Series
from tests.bot.channels.feishu.shown import accepted, readable, tagged
from tests.bot.channels.made_cards import WORDS

SALES = Chart("日销量", "line", ("10-01", "10-02", "10-03"), (Series("US", (1.0, None, 8.5)),), "件")
SUPPLY = Chart("天数", "bar", ("LAMP-DESK-WARM", "KETTLE-FOLDING"), (Series("可售", (0, 3)), Series("含在途", (4, 3))))


def specs(*charts: Chart) -> list[dict[str, Any]]:
    return [element["chart_spec"] for element in tagged(accepted(render(Card("表", blocks=charts), WORDS)), "chart")]


def test_a_line_keeps_its_gaps() -> None:
    (spec,) = specs(SALES)
    assert (spec["type"], spec["xField"], spec["yField"], spec["invalidType"]) == ("line", "x", "y", "break")
    assert [value["y"] for value in spec["data"]["values"]] == [1, None, 8.5]
    assert spec["title"] == {"text": "日销量 · 件"}


def test_bars_with_long_labels_lie() -> None:
    (spec,) = specs(SUPPLY)
    assert (spec["direction"], spec["xField"], spec["yField"]) == ("horizontal", "y", "x")
    assert spec["legends"] == {"visible": True, "orient": "bottom"}


def test_a_band_becomes_two_lines() -> None:
    (spec,) = specs(Chart("库存", "band", ("+0", "+1"), (Series("库存", (5, 4), (9, 8)),)))
    assert {value["s"]: value["y"] for value in spec["data"]["values"]} == {"库存 ↓": 4, "库存 ↑": 8}


def test_names_and_labels_that_repeat_stay_apart() -> None:
    (spec,) = specs(Chart("", "line", ("a", "a"), (Series("x", (1, 2)), Series("x", (3, 4)))))
    assert len({(value["x"], value["s"]) for value in spec["data"]["values"]}) == 4


def test_a_sixth_chart_stands_on_the_next_card() -> None:
    cards = accepted(render(Card("表", blocks=(SALES,) * (MOST_CHARTS + 1)), WORDS))
    assert [len(tagged([card], "chart")) for card in cards] == [MOST_CHARTS, 1]


@pytest.mark.parametrize(
    "chart",
    [
        Chart("空", "line", ("10-01",), (Series("US", (None,)),)),
        Chart("空", "line", (), ()),
        Chart("重", "line", tuple(map(str, range(900))), (Series("US" * 10, (1.0,) * 900),)),
    ],
)
def test_a_chart_with_nothing_to_draw_or_too_much_is_told_in_text(chart: Chart) -> None:
    cards = accepted(render(Card("表", blocks=(chart,)), WORDS))
    assert (tagged(cards, "chart"), chart.title in readable(cards)) == ([], True)
