"""Rosters and ladders as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.errors import UserInputError
from handlers.common.ladder import DEFAULT_LADDER
from handlers.ladder.grammar import print_day, print_rung, read_days, read_rungs
from storage.matters.rows import Rung

PEOPLE = {"小陈": "P1", "Wei": "P2"}
NAMES = {person_id: name for name, person_id in PEOPLE.items()}
whoms = st.sampled_from(["duty", "role:operator", "role:admin", "person:P1", "person:P2"])
needs = st.sampled_from(["delivered", "read", "acknowledged"])
minutes = st.integers(0, 7 * 24 * 60)
rungs = st.one_of(
    st.builds(
        Rung, position=st.just(0), after_minutes=minutes, how=st.just("card"), target=st.just("chats"), needs=needs
    ),
    st.builds(Rung, position=st.just(0), after_minutes=minutes, how=st.just("mention"), target=whoms, needs=needs),
    st.builds(
        Rung,
        position=st.just(0),
        after_minutes=minutes,
        how=st.just("private"),
        target=whoms,
        channel=st.sampled_from(["", "feishu", "whatsapp", "sms", "email"]),
        needs=needs,
    ),
)


@pytest.mark.parametrize("language", ["zh", "en"])
@given(rung=rungs)
def test_what_is_printed_can_be_typed_again(language: str, rung: Rung) -> None:
    assert read_rungs(print_rung(rung, language, NAMES).split(), PEOPLE) == (rung,)


def test_a_whole_ladder_is_typed_rung_by_rung() -> None:
    typed = "0 群 10 点名 值班 20 私聊 值班 30 whatsapp 值班 未读 35 企业微信 40 短信 值班 45 邮件 值班 60 私聊 管理员"
    assert read_rungs(typed.split(), PEOPLE) == DEFAULT_LADDER


def test_the_robot_of_wecom_is_a_chat() -> None:
    (rung,) = read_rungs(["5", "企业微信"], PEOPLE)
    assert (rung.how, rung.target, print_rung(rung, "en", NAMES)) == ("card", "chat:wecom:robot", "5 wecom")


@pytest.mark.parametrize(
    "typed", ["", "群", "0", "0 鸽子 值班", "0 私聊 小王", "99999 群", "0 群 值班 小陈", "0 群 " * 21]
)
def test_what_is_no_ladder_is_refused(typed: str) -> None:
    with pytest.raises(UserInputError):
        read_rungs(typed.split(), PEOPLE)


@pytest.mark.parametrize(
    ("typed", "days", "names"),
    [
        ("周一 周二 小陈", (0, 1), ("小陈",)),
        ("weekdays Wei @小陈", (0, 1, 2, 3, 4), ("Wei", "小陈")),
        ("周日 无", (6,), ()),
        ("Daily Wei", tuple(range(7)), ("Wei",)),
    ],
)
def test_a_roster_names_days_and_then_people(typed: str, days: tuple[int, ...], names: tuple[str, ...]) -> None:
    assert read_days(typed.split()) == (days, names)


@pytest.mark.parametrize("typed", ["", "小陈", "周一"])
def test_a_roster_without_days_or_people_is_refused(typed: str) -> None:
    with pytest.raises(UserInputError):
        read_days(typed.split())


def test_days_are_printed_in_both_languages() -> None:
    assert (print_day(6, "zh"), print_day(0, "en")) == ("周日", "mon")


def test_who_is_named_twice_is_on_duty_once() -> None:
    assert read_days(["周一", "周一", "小陈", "@小陈", "Wei"]) == ((0,), ("小陈", "Wei"))
