"""How rules are typed: in Chinese and English, with units and without, and what is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.errors import UserInputError
from handlers.alerts.grammar import (
    Managing,
    Slots,
    is_everything,
    read_kind,
    read_managing,
    read_named,
    read_slots,
)
from storage.alerts.rows import WatchKind


def read(line: str, **form: str) -> tuple[WatchKind, Slots]:
    found = read_kind(line)
    assert found is not None
    return found[0], read_slots(*found, form)


@pytest.mark.parametrize(
    ("line", "kind", "slots"),
    [
        ("断货 US 低于 14天", "stockout", Slots(threshold=14, loose=("US",))),
        ("断货US低于14天 连续2天 紧急", "stockout", Slots(None, None, 14, 2, True, ("US",))),
        ("缺货 US 低于14天 连续 2 天 紧急", "stockout", Slots(None, None, 14, 2, True, ("US",))),
        ("stock-out US below 14 days for 3 days urgent", "stockout", Slots(None, None, 14, 3, True, ("US",))),
        ("STOCKOUT YG-1 14d", "stockout", Slots(threshold=14, loose=("YG-1",))),
        ("积压 全部 超过 180天", "overstock", Slots(threshold=180, loose=("全部",))),
        ("销量下降 US YG-10D-1 30%", "drop", Slots(threshold=30, loose=("US", "YG-10D-1"))),
        ("sales-drop by 30 percent", "drop", Slots(threshold=30)),
        ("jump UK 50 2 no", "jump", Slots(None, None, 50, 2, False, ("UK",))),
        ("断货", "stockout", Slots()),
    ],
)
def test_a_line_fills_the_slots(line: str, kind: str, slots: Slots) -> None:
    assert read(line) == (kind, slots)
    assert slots.is_empty is (line == "断货")


def test_a_form_fills_them_too_and_counts_more() -> None:
    form = {"store": "10136", "sku": "", "threshold": "20 天", "days": "2", "urgent": "是"}
    assert read("断货", **form)[1] == Slots("10136", None, 20, 2, True)
    assert read("断货 US 14天", threshold="20")[1] == Slots(threshold=20, loose=("US",))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("断货 0天", "watch_days"),
        ("断货 366天", "watch_days"),
        ("断货 30%", "watch_days"),
        ("销量下降 30天", "watch_percent"),
        ("销量下降 101%", "watch_percent"),
        ("销量上升 1001%", "watch_percent"),
        ("断货 14天 连续15天", "watch_in_a_row"),
    ],
)
def test_what_no_rule_can_mean_is_refused_by_name(line: str, code: str) -> None:
    with pytest.raises(UserInputError) as refused:
        read(line)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("field", "code"), [("threshold", "watch_days"), ("days", "watch_in_a_row"), ("urgent", "watch_urgent")]
)
def test_a_field_that_is_not_understood_is_refused_by_name(field: str, code: str) -> None:
    with pytest.raises(UserInputError) as refused:
        read("断货", **{field: "好多"})
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "managing"),
    [
        ("3", Managing("show", 3)),
        ("#3", Managing("show", 3)),
        ("启用3", Managing("on", 3)),
        ("pause #3", Managing("pause", 3)),
        ("放弃 3", Managing("end", 3)),
        ("改 3 低于 10天", Managing("change", 3, "低于 10天")),
        ("断货 3", None),
        ("", None),
    ],
)
def test_a_rule_is_managed_by_its_number(text: str, managing: Managing | None) -> None:
    assert read_managing(text) == managing


@pytest.mark.parametrize(
    ("text", "number"), [("规则3", 3), ("rule #3", 3), ("watch:3:", 3), ("3", None), ("断货", None)]
)
def test_a_rule_may_be_named_where_a_matter_could_be_meant(text: str, number: int | None) -> None:
    assert read_named(text) == number


def test_all_stores_and_every_sku_have_names() -> None:
    assert (is_everything("全部"), is_everything("ALL"), is_everything("US")) == (True, True, False)
    assert read_kind("涨停") is None


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    found = read_kind(f"断货 {text}")
    assert found is not None
    assert _reads(found[1])


def _reads(text: str) -> bool:
    try:
        read_slots("stockout", text, {})
    except UserInputError as error:
        return error.code.startswith("watch_")
    return True
