"""Which command a line means, and its arguments."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Call, CommandBook, read_arguments, split_words
from bot.contracts.errors import UserInputError
from bot.contracts.feature import Asking, Command, Reply, number, rest, verbatim, word


@dataclass(frozen=True, slots=True)
class PlanArgs:
    what: str = word(default="", longest=20)
    days: int | None = number(1, 365, default=None)


@dataclass(frozen=True, slots=True)
class NoteArgs:
    sku: str = word()
    text: str = rest(default="", longest=30)


async def nothing(_args: object, _asking: Asking) -> Reply:
    return Reply()


PLAN = Command(names=("补货", "restock", "bh"), run=nothing, args=PlanArgs)
NOTE = Command(names=("备注", "note", "bz"), run=nothing, args=NoteArgs, risk="change")
STORES = Command(names=("店铺", "stores", "dp"), run=nothing)
BOOK = CommandBook((PLAN, NOTE, STORES))


def plan(line: str) -> object:
    call = BOOK.find(line)
    assert call is not None
    return read_arguments(call)


def refusal(line: str, **form: str) -> tuple[str, str]:
    """The code of the error and the parameter it names."""
    call = BOOK.find(line)
    assert call is not None
    with pytest.raises(UserInputError) as raised:
        read_arguments(call, form)
    return raised.value.code, raised.value.values.get("parameter", "")


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("补货", PlanArgs()),
        ("补货 US", PlanArgs("US")),
        ("补货US", PlanArgs("US")),
        ("补货 30", PlanArgs("", 30)),
        ("补货30", PlanArgs("", 30)),
        ("补货 US 30", PlanArgs("US", 30)),
        ("补货 30 US", PlanArgs("US", 30)),
        ("补货 10136", PlanArgs("10136")),
        ("补货 10136 30", PlanArgs("10136", 30)),
        ("补货 days=30 US", PlanArgs("US", 30)),
        ("补货 what=30", PlanArgs("30")),
        ("/BH　ＵＳ　３０", PlanArgs("US", 30)),
        ("补货：US，30。", PlanArgs("US", 30)),
        ("补货 US 60天", PlanArgs("US", 60)),
        ("“补货”", PlanArgs()),
        ("「补货 US 30」", PlanArgs("US", 30)),
        ('"bh US"', PlanArgs("US")),
        ('补货 10"', PlanArgs('10"')),
        ("备注 A-1 明天 再说", NoteArgs("A-1", "明天 再说")),
        ("备注 A-1", NoteArgs("A-1")),
    ],
)
def test_words_find_their_parameters(line: str, arguments: object) -> None:
    assert plan(line) == arguments


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("补货 US 0", ("argument_out_of_range", "days")),
        ("补货 US 1000000000", ("argument_not_number", "days")),
        ("补货 US 3.5", ("argument_not_number", "days")),
        ("补货 US 30 30", ("argument_too_many", "")),
        ("备注", ("argument_missing", "sku")),
        ("补货 " + "长" * 21, ("argument_too_long", "what")),
        ("备注 A-1 " + "很 " * 30, ("argument_too_long", "text")),
    ],
)
def test_what_is_wrong_is_named(line: str, problem: tuple[str, str]) -> None:
    assert refusal(line) == problem


def test_the_fields_of_a_form_fill_what_the_line_leaves_open() -> None:
    call = BOOK.find("补货 US")
    assert call is not None
    assert read_arguments(call, {"days": "30"}) == PlanArgs("US", 30)


def test_a_wrong_field_of_a_form_is_named() -> None:
    assert refusal("补货 US", days="many") == ("argument_not_number", "days")


def test_a_field_that_no_parameter_wants_is_left_out() -> None:
    call = BOOK.find("店铺")
    assert call is not None
    assert read_arguments(call, {"anything": "x"}) == STORES.args()


@pytest.mark.parametrize("line", ["补货 abc xyz 999", "补货 abc xyz 30", "补货 30 abc xyz"])
def test_the_surplus_word_is_named_rather_than_a_number_behind_it(line: str) -> None:
    call = BOOK.find(line)
    assert call is not None
    with pytest.raises(UserInputError) as raised:
        read_arguments(call)
    assert (raised.value.code, raised.value.values) == ("argument_too_many", {"value": "xyz"})


@pytest.mark.parametrize("line", ["", "  ", "。", "/", "你好", "restocked", "bhus"])
def test_a_line_that_calls_nothing_is_no_command(line: str) -> None:
    assert BOOK.find(line) is None


def test_only_commands_without_effects_are_no_change() -> None:
    assert [BOOK.is_change(line) for line in ("补货", "备注 A-1", "你好")] == [False, True, False]


@pytest.mark.parametrize(
    ("line", "suggested"),
    [
        ("补或 US 30", ["补货 US 30"]),
        ("restok", ["补货"]),
        ("store", ["店铺"]),
        ("unheard", []),
        ("补或 " + "词 " * 100, ["补货"]),
        ("", []),
    ],
)
def test_suggestions_keep_the_other_words(line: str, suggested: list[str]) -> None:
    assert BOOK.suggest(line, BOOK.commands, "zh") == suggested


def test_only_what_is_allowed_is_suggested() -> None:
    assert BOOK.suggest("补或", [STORES], "zh") == []


def test_suggestions_are_in_the_readers_language() -> None:
    assert BOOK.suggest("补或 US", BOOK.commands, "en") == ["restock US"]


def test_two_commands_may_not_share_a_name() -> None:
    with pytest.raises(ValueError, match="bh"):
        CommandBook((PLAN, Command(names=("备货", "prepare", "bh"), run=nothing)))


@given(st.text())
def test_no_line_breaks_the_reading(line: str) -> None:
    assert all(part and not part.isspace() for part in split_words(line))
    assert BOOK.find(line) is None or isinstance(BOOK.find(line), Call)


@given(st.sampled_from([name for each in BOOK.commands for name in each.names]), st.text(max_size=40))
def test_a_name_with_a_space_behind_it_is_always_found(name: str, behind: str) -> None:
    call = BOOK.find(f"{name} {behind}")
    assert call is not None
    assert name in call.command.names


@given(st.integers(1, 365))
def test_full_width_digits_mean_the_same(days: int) -> None:
    wide = str(days).translate({ord("0") + digit: chr(ord("０") + digit) for digit in range(10)})
    assert plan(f"补货 {wide}") == PlanArgs("", days)


@dataclass(frozen=True, slots=True)
class _Saying:
    to: str = word()
    text: str = verbatim()


@pytest.mark.parametrize("called", ["说 小陈 ", "说小陈，", "/say 小陈 ", "  say　小陈：", "“说”小陈 "])
def test_a_text_is_read_as_it_was_typed(called: str) -> None:
    book = CommandBook([Command(names=("说", "say", "s"), run=nothing, args=_Saying)])
    said = "今天下午发出，请放心。\n单号：ＳＦ１；谢谢！"
    call = book.find(called + said)
    assert call is not None
    assert read_arguments(call) == _Saying(to="小陈", text=said)
