"""Cards in a terminal and as JSON."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.channels.terminal import card_for_programs, render
from bot.contracts import cards as c
from bot.words import load_catalogue, machine_texts

WORDS = load_catalogue([machine_texts()], timezone=UTC).words("zh")


def drawn(*blocks: c.Block, title: str = "t", actions: tuple[c.Action, ...] = ()) -> str:
    """What a terminal of 100 columns without colours shows."""
    console = Console(file=io.StringIO(), width=100, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(render(c.Card(title, "info", blocks, actions), WORDS))
    return capture.get()


def a_table(*cells: c.Cell, total: int = 1, more: str = "") -> c.Table:
    columns = tuple(c.Column(f"C{number}", "number", 1) for number in range(len(cells)))
    return c.Table(columns, (cells,), total=total, more=more)


def test_the_title_carries_a_sign_of_its_tone() -> None:
    console = Console(file=io.StringIO(), width=100)
    with console.capture() as capture:
        console.print(render(c.Card("断货", "bad"), WORDS))
    assert "✗ 断货" in capture.get()


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, "—"),
        (1234, "1,234.0"),
        (Decimal("2.55"), "2.6"),
        ("[red]A-1[/red]", "[red]A-1[/red]"),
        (date(2025, 3, 1), "2025-03-01"),
        (datetime(2025, 3, 1, 8, 5, tzinfo=UTC), "2025-03-01 08:05"),
        (c.Level("急", "bad"), "急"),
    ],
)
def test_every_kind_of_cell_is_shown(cell: c.Cell, shown: str) -> None:
    assert shown in drawn(a_table(cell))


def test_a_table_says_how_many_rows_there_are_and_how_to_get_the_rest() -> None:
    shown = drawn(a_table("x", total=61, more="补货 第2页"))
    assert "共 61 行，这里是前 1 行" in shown
    assert "其余：补货 第2页" in shown


def test_a_whole_table_says_nothing_about_more() -> None:
    assert "共" not in drawn(a_table("x"))


def test_small_markdown_is_shown_without_its_signs() -> None:
    shown = drawn(c.Text("**急** `A-1` \\*不是粗体\\*\n- 第一\n- 第二"))
    assert "急 A-1 *不是粗体*\n• 第一\n• 第二" in shown


@given(st.text(max_size=40))
def test_escaped_text_is_shown_literally(text: str) -> None:
    assert drawn(c.Text(c.plain(text))) == drawn(c.Note(text)) or text.startswith("- ") or "\n- " in text


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_no_text_can_steer_the_terminal(text: str) -> None:
    card = drawn(c.Text(text), c.Note(text), a_table(text), c.Link(text, text), title=text)
    assert not any(sign in card for sign in "\x1b\x07\x9b\r\u202e")


def test_facts_stand_beside_their_labels_and_notes() -> None:
    assert "可售  12 件  3分钟前" in drawn(c.Facts((c.Fact("可售", "12 件", "3分钟前"),)))


@given(st.integers(1, 120))
def test_no_sign_of_a_long_note_is_lost_at_the_edge(length: int) -> None:
    note = " + ".join(["安全 10 天（默认）"] * 6)[:length]
    shown = drawn(c.Facts((c.Fact("目标", "1", note),)))
    assert "".join(note.split()) in "".join(shown.split())


def test_a_chart_is_a_sparkline() -> None:
    chart = c.Chart("销量", "line", ("03-01", "03-02", "03-03"), (c.Series("A-1", (0, None, 70)),), unit="件")
    assert "A-1  ▁·█" in drawn(chart)


def test_a_form_is_the_line_to_type() -> None:
    form = c.Form((c.Field("days", "天数", "number", required=True),), c.Action("送出", "补货 A-1"))
    assert "用法：补货 A-1 <天数>" in drawn(form)


def test_actions_are_numbered_from_one() -> None:
    shown = drawn(actions=(c.Action("刷新", "同步"), c.Action("删除", "删除", "danger")))
    assert "1  刷新" in shown
    assert "2  删除" in shown


def test_progress_shows_how_far_it_got() -> None:
    assert "3/6" in drawn(c.Progress("同步", 3, 6))


def test_an_image_is_shown_as_its_description() -> None:
    assert "[二维码]" in drawn(c.Image("qr.png", "二维码"))


def test_programs_get_exactly_the_five_documented_fields() -> None:
    assert list(card_for_programs(c.Card("t"))) == ["title", "tone", "blocks", "actions", "matter"]


def test_programs_get_no_button_tokens() -> None:
    form = c.Form((), c.Action("送出", "x", token="hush"))
    card = card_for_programs(c.Card("t", blocks=(form,), actions=(c.Action("刷新", "同步", token="hush"),)))
    assert "hush" not in str(card)
    assert card["actions"][0]["command"] == "同步"
