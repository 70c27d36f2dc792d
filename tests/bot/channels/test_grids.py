"""Tables in a terminal of any width: nothing is cut off."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text as Line

from bot.channels.grids import Rows

TITLES = ("SKU", "店铺", "可售天数", "含在途天数", "紧急程度")
ROW = ("YG-KT-0004-WH-US", "屿光-US", "71.9", "120.5", "来不及")


def rows_of(titles: tuple[str, ...], *rows: tuple[str, ...]) -> Rows:
    lines = tuple(tuple(map(Line, row)) for row in rows)
    return Rows(titles=tuple(map(Line, titles)), right=(False,) * len(titles), rows=lines)


def drawn(rows: Rows, width: int) -> list[str]:
    """The lines that a terminal of ``width`` columns shows."""
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(rows)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_a_table_that_fits_has_whole_titles() -> None:
    assert drawn(rows_of(TITLES, ROW), 80)[0].split() == list(TITLES)


def test_in_a_narrower_terminal_titles_stand_on_two_lines() -> None:
    first, second, _, row = drawn(rows_of(TITLES, ROW), 52)
    assert first.split() == ["可售", "含在途", "紧急"]
    assert second.split() == ["SKU", "店铺", "天数", "天数", "程度"]
    assert row.split() == list(ROW)


def test_where_columns_do_not_fit_rows_stand_one_below_the_other() -> None:
    assert drawn(rows_of(TITLES, ROW), 40) == [
        "YG-KT-0004-WH-US",
        "  店铺：屿光-US  可售天数：71.9",
        "  含在途天数：120.5  紧急程度：来不及",
    ]


def test_a_column_of_sentences_wraps_beside_the_others() -> None:
    shown = drawn(rows_of(("命令", "作用"), ("补货", "看该补多少货：经典公式和领星建议并列，最急的在前")), 40)
    assert shown[2:] == ["补货  看该补多少货：经典公式和领星建议并", "      列，最急的在前"]


@given(
    st.lists(st.tuples(*[st.text("ab补货-1", min_size=1, max_size=12)] * 4), min_size=1, max_size=4),
    st.integers(30, 100),
)
def test_no_sign_is_lost_and_no_line_too_long(cells: list[tuple[str, ...]], width: int) -> None:
    shown = drawn(rows_of(("a", "补货", "ab", "b"), *cells), width)
    assert max(map(cell_len, shown)) <= width
    assert all(cell in "\n".join(shown) for row in cells for cell in row)
