"""How people write when a subscription fires: many spellings in, one spelling out, and that may be typed again."""

import contextlib
from datetime import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.commands import split_words
from bot.contracts.errors import UserInputError
from handlers.common.quiet_hours import QuietHours
from handlers.subscriptions.grammar import (
    Wish,
    print_plan,
    print_quiet_hours,
    read_managing,
    read_plan,
    read_quiet_hours,
    read_time,
    read_wish,
)
from handlers.subscriptions.rules import INTERVALS, Every, Monthly, Plan, Weekly

ON_THE_MINUTE = st.builds(time, st.integers(0, 23), st.integers(0, 59))
SOME_DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
PLANS = st.one_of(
    st.builds(Weekly, SOME_DAYS, ON_THE_MINUTE),
    st.builds(Monthly, st.integers(1, 31), ON_THE_MINUTE),
    st.builds(Every, st.sampled_from(INTERVALS)),
)
LANGUAGES = st.sampled_from(["zh", "en"])


@given(PLANS, LANGUAGES)
def test_what_is_printed_reads_back_to_the_same(plan: Plan, language: str) -> None:
    assert read_plan(print_plan(plan, language)) == plan


@given(PLANS, LANGUAGES)
def test_what_is_printed_can_be_typed_with_a_command_behind_it(plan: Plan, language: str) -> None:
    typed = " ".join(split_words(f"{print_plan(plan, language)} 补货 US 60".replace(":", "：")))
    assert read_wish(typed) == Wish(plan, "补货 US 60")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("每天 9:00 补货", "每天 9:00"),
        ("每天9点补货", "每天 9:00"),
        ("每天 ９：００ 补货", "每天 9:00"),
        ("每日 9点半 补货", "每天 9:30"),
        ("每天 9点05分 补货", "每天 9:05"),
        ("每天下午3点补货", "每天 15:00"),
        ("天天 晚上 8点 补货", "每天 20:00"),
        ("每天 9 00 补货", "每天 9:00"),
        ("每天 9 补货", "每天 9:00"),
        ("每天 0:00 补货", "每天 0:00"),
        ("工作日 8:30 补货", "工作日 8:30"),
        ("每周一 9:00 补货", "每周一 9:00"),
        ("周天 9:00 补货", "每周日 9:00"),
        ("每周一、三 9:00 补货", "每周一三 9:00"),
        ("每星期五和周二 9:00 补货", "每周二五 9:00"),
        ("周末 9:00 补货", "每周六日 9:00"),
        ("每周一二三四五 9:00 补货", "工作日 9:00"),
        ("每小时 补货", "每小时"),
        ("每1小时 补货", "每小时"),
        ("每半小时 补货", "每30分钟"),
        ("每 5 分钟 补货", "每5分钟"),
        ("每60分钟 补货", "每小时"),
        ("每月1日 9:00 补货", "每月1日 9:00"),
        ("每月 31 号 9点 补货", "每月31日 9:00"),
        ("daily 9:00 补货", "每天 9:00"),
        ("every day at 9 补货", "每天 9:00"),
        ("Daily 9:30pm 补货", "每天 21:30"),
        ("daily 12 am 补货", "每天 0:00"),
        ("weekdays 8:30 补货", "工作日 8:30"),
        ("mon 9:00 补货", "每周一 9:00"),
        ("every Monday 9:00 补货", "每周一 9:00"),
        ("mon, wed and fridays 9:00 补货", "每周一三五 9:00"),
        ("hourly 补货", "每小时"),
        ("every hour 补货", "每小时"),
        ("every 15 minutes 补货", "每15分钟"),
        ("every 5min 补货", "每5分钟"),
        ("monthly 1 9:00 补货", "每月1日 9:00"),
        ("every month on the 3rd 9:00 补货", "每月3日 9:00"),
    ],
)
def test_many_spellings_are_understood(typed: str, printed: str) -> None:
    wish = read_wish(" ".join(split_words(typed)))
    assert (print_plan(wish.plan, "zh"), wish.line) == (printed, "补货")


def test_the_command_keeps_its_own_words_and_case() -> None:
    assert read_wish("daily 9:00 restock US SKU-a 60").line == "restock US SKU-a 60"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("补货 每天 9:00", "subscription_when"),
        ("9:00 补货", "subscription_when"),
        ("每天 补货", "subscription_no_time"),
        ("每天", "subscription_no_time"),
        ("每天 25:00 补货", "subscription_wrong_time"),
        ("daily 9:75 restock", "subscription_wrong_time"),
        ("每天 123 补货", "subscription_wrong_time"),
        ("每天 9:00", "subscription_no_command"),
        ("每小时", "subscription_no_command"),
        ("每分钟 状态", "subscription_interval"),
        ("每7分钟 状态", "subscription_interval"),
        ("every 2 hours status", "subscription_interval"),
        ("每月32日 9:00 补货", "subscription_day"),
        ("每月0日 9:00 补货", "subscription_day"),
    ],
)
def test_what_cannot_be_understood_is_named(typed: str, code: str) -> None:
    with pytest.raises(UserInputError) as caught:
        read_wish(typed)
    assert caught.value.code == code


def is_understood(text: str) -> bool:
    with contextlib.suppress(UserInputError):
        read_wish(text)
        return True
    return False


@given(st.text(max_size=40), st.sampled_from(["", "每天 ", "每", "every ", "每天 9:"]))
def test_no_text_breaks_the_reading(text: str, begins: str) -> None:
    assert is_understood(begins + text) in (True, False)


@pytest.mark.parametrize(("text", "at"), [("22:00", time(22)), ("8点半", time(8, 30)), ("24:00", None), ("spät", None)])
def test_a_time_of_day_is_read_alone(text: str, at: time | None) -> None:
    assert read_time(text) == at


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("3", ("show", 3)),
        ("#３", ("show", 3)),
        ("暂停 3", ("pause", 3)),
        ("暂停3", ("pause", 3)),
        ("Pause #3", ("pause", 3)),
        ("继续 12", ("resume", 12)),
        ("现在 3", ("now", 3)),
        ("试 3", ("now", 3)),
        ("run 3", ("now", 3)),
        ("3 4", None),
        ("每天 9:00 补货", None),
    ],
)
def test_managing_is_told_from_subscribing(text: str, meant: tuple[str, int] | None) -> None:
    assert read_managing(text) == meant


@given(ON_THE_MINUTE, ON_THE_MINUTE)
def test_quiet_hours_that_are_printed_read_back_to_the_same(starts: time, ends: time) -> None:
    assume(starts != ends)
    quiet = QuietHours(starts, ends)
    assert read_quiet_hours(print_quiet_hours(quiet)) == quiet


@pytest.mark.parametrize(
    "text", ["22:00-8:00", "22：00－8：00", "22点到8点", "晚上10点 至 早上8点", "10pm to 8am", "22 00-8 00"]
)
def test_quiet_hours_are_understood_in_many_spellings(text: str) -> None:
    assert read_quiet_hours(text) == QuietHours(time(22), time(8))


@pytest.mark.parametrize("text", ["关", "off", "取消"])
def test_quiet_hours_are_switched_off(text: str) -> None:
    assert read_quiet_hours(text) is None


@pytest.mark.parametrize("text", ["22:00", "22:00-22:00", "22:00-25:00", "8-12-14", "晚上"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UserInputError):
        read_quiet_hours(text)
