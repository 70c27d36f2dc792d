"""Charts as SVG: readable, honest about gaps, and safe whatever stands in them."""

import re
from math import inf, nan
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.chart import chart_svg
from bot.contracts.cards import Chart, Series
from tests.bot.channels.made_cards import LABELS, TEXTS, WORDS

SAMPLES = Path(__file__).parent / "samples"
DAYS = tuple(f"10-{day:02}" for day in range(1, 15))
CHARTS = {
    "line": Chart(
        "日销量",
        "line",
        DAYS,
        (
            Series("美国", (4, 6, 5, None, None, 9, None, 7, 8, 12, 11, 9, 14, 10)),
            Series("英国", (None, None, 2, None, None, 3, 1, 0, 0, 2, 4, 3, 1, 2)),
        ),
        "件",
    ),
    "band": Chart("库存", "band", DAYS[:4], (Series("库存", (80, 50, 20, 0), (140, 110, 80, 50)),), "件"),
    "area": Chart("库存", "area", DAYS[:3], (Series("库存", (1250, 600.5, 0)),), "件"),
    "bars": Chart("月销量", "bar", ("1月", "2月", "3月"), (Series("", (3, 0, None)), Series("退货", (-1, 2, 1))), "件"),
    "lying": Chart(
        "还能卖几天",
        "bar",
        (
            "KETTLE-FOLDING-0.8L-WHITE · 美国",
            "LAMP-DESK-USB-C-WARM-LIGHT · 德国",
            "很长很长很长很长很长很长很长很长很长很长的名字",
        ),
        (Series("可售天数", (0, 3.5, None)), Series("含在途天数", (16, 3.5, 313.1))),
        "天",
    ),
    "empty": Chart("没有数据", "line", (), ()),
}
AMOUNTS = st.none() | st.floats() | st.integers(-(10**6), 10**6).map(float) | st.sampled_from([0.0, 1.0])
SERIES = st.builds(Series, TEXTS, st.lists(AMOUNTS, max_size=30).map(tuple), st.lists(AMOUNTS, max_size=30).map(tuple))
ANY_CHART = st.builds(
    Chart,
    TEXTS,
    st.sampled_from(["line", "bar", "area", "band"]),
    st.lists(LABELS | TEXTS, max_size=30).map(tuple),
    st.lists(SERIES, max_size=8).map(tuple),
    TEXTS,
)


def drawn(chart: Chart, *, standalone: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(chart_svg(chart, WORDS, standalone=standalone))


def classes(root: ElementTree.Element) -> list[str]:
    return [element.get("class", "") for element in root.iter()]


def texts(root: ElementTree.Element, look: str) -> list[str]:
    return [element.text or "" for element in root.iter() if element.get("class") == look]


def numbers(root: ElementTree.Element) -> str:
    places = ("x", "y", "d", "width", "height", "cx", "cy", "viewBox")
    return " ".join(element.get(place, "") for element in root.iter() for place in places)


def one(*values: float | None, kind: str = "line") -> Chart:
    return Chart("销量", "bar" if kind == "bar" else "line", DAYS[: len(values)], (Series("US", values),), "件")


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_looks_like_its_stored_picture(name: str) -> None:
    stored = SAMPLES / f"{name}.svg"
    picture = chart_svg(CHARTS[name], WORDS, standalone=True) + "\n"
    assert picture == stored.read_text(), "after a wanted change, write it anew and look at it: " + str(stored)


@given(chart=ANY_CHART, standalone=st.booleans())
def test_any_chart_becomes_a_picture_of_finite_numbers(chart: Chart, standalone: bool) -> None:
    root = drawn(chart, standalone=standalone)
    assert re.search(r"nan|inf|e\+", numbers(root)) is None


@given(text=TEXTS)
def test_no_text_of_a_chart_becomes_markup(text: str) -> None:
    evil = drawn(Chart(text, "line", (text,), (Series(text, (1.0,)), Series(text, (2.0,))), text))
    plain = drawn(Chart("a", "line", ("a",), (Series("a", (1.0,)), Series("a", (2.0,))), "a"))
    assert [element.tag for element in evil.iter()] == [element.tag for element in plain.iter()]


def test_a_page_needs_no_inline_style_or_script() -> None:
    html = chart_svg(CHARTS["line"], WORDS)
    assert re.search(r"style|script|\son\w+=", html) is None


def test_days_that_are_not_known_break_the_line_and_are_marked() -> None:
    root = drawn(one(1, 2, None, None, 3, 4))
    (line,) = (element for element in root.iter() if element.get("class") == "line s0")
    assert (line.get("d", "").count("M"), classes(root).count("gap")) == (2, 1)


def test_a_single_day_between_gaps_is_still_seen() -> None:
    root = drawn(one(None, 5, None))
    (line,) = (element for element in root.iter() if element.get("class") == "line s0")
    assert line.get("d", "").endswith("m-1.5,0h3")


def test_a_zero_has_a_bar_and_the_unknown_has_none() -> None:
    root = drawn(one(0, None, 2, kind="bar"))
    assert classes(root).count("bar s0") == 2


def test_lying_bars_name_their_values() -> None:
    assert texts(drawn(CHARTS["lying"]), "value") == ["0", "3.5", "—", "16", "3.5", "313.1"]


def test_every_label_has_a_reading_of_all_series() -> None:
    readings = texts(drawn(CHARTS["line"]), "reading")
    assert (len(readings), readings[3], readings[5]) == (14, "10-04  美国 —  英国 —  件", "10-06  美国 9  英国 3  件")


def test_a_band_reads_both_of_its_ends() -> None:
    assert texts(drawn(CHARTS["band"]), "reading")[1] == "10-02  50–110  件"


def test_a_picture_has_no_readings_but_its_own_title() -> None:
    root = drawn(CHARTS["line"], standalone=True)
    assert ("slot" in classes(root), texts(root, "title")) == (False, ["日销量"])


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((0, 1, 2), ["0", "1", "2"]),
        ((3, 17), ["0", "5", "10", "15", "20"]),
        ((0.5, 0.75), ["0.5", "0.6", "0.7", "0.8"]),
        ((-40.0, 130.0), ["-50", "0", "50", "100", "150"]),
        ((99_000, 101_000), ["99,000", "99,500", "100,000", "100,500", "101,000"]),
        ((7, 7), ["0", "2", "4", "6", "8"]),
        ((None, nan, inf), ["0", "1"]),
    ],
)
def test_the_axis_has_round_numbers(values: tuple[float | None, ...], ticks: list[str]) -> None:
    assert texts(drawn(one(*values)), "tick") == ticks


def test_what_is_drawn_is_also_told() -> None:
    told = drawn(CHARTS["line"]).get("aria-label", "")
    assert "日销量" in told and "美国" in told and "10-01 – 10-14" in told
