"""When the long connection counts as down or up again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.feishu.long_connection_state import Change, Ending, LineState, ended, heard, wait_after

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
START = LineState(since=NOW)
Step = tuple[float, bool | Ending]
ENDINGS = st.sampled_from(["died", "hung", "nonsense", "offline", "refused"])
STEPS = st.lists(st.tuples(st.floats(min_value=0, max_value=400), st.booleans() | ENDINGS), max_size=40)


def said(*steps: Step) -> list[Change]:
    """What is said after each step: so many seconds later the child told its state, or ended."""
    state, now, changes = START, NOW, []
    for seconds, what in steps:
        now += timedelta(seconds=seconds)
        if isinstance(what, bool):
            state, change = heard(state, is_connected=what, now=now)
        else:
            state, change = ended(state, what, now)
        changes.append(change)
    return [each for each in changes if each is not None]


@pytest.mark.parametrize(
    ("steps", "changes"),
    [
        ([(3, True), (60, True)], []),
        ([(3, False), (60, False), (60, False)], ["down"]),
        ([(3, True), (600, True), (2, False), (30, False), (1, True)], []),
        ([(3, True), (600, True), (2, False), (60, False), (1, True), (29, True)], ["down"]),
        ([(3, True), (600, True), (2, False), (60, False), (1, True), (30, True), (5, True)], ["down", "up"]),
        ([(3, "died"), (3, "died")], []),
        ([(3, "died"), (3, "died"), (3, "hung"), (3, "died")], ["down"]),
        ([(3, True), (1, "died"), (3, True), (1, "died"), (3, True), (1, "died"), (3, True), (1, "died")], ["down"]),
        ([(3, "died"), (3, "died"), (3, True), (40, True), (3, "died"), (3, "died")], []),
        ([(3, "refused"), (600, "refused")], ["down"]),
        ([(3, "refused"), (600, True), (30, True)], ["down", "up"]),
    ],
)
def test_a_change_is_said_once_and_a_short_break_not_at_all(steps: list[Step], changes: list[Change]) -> None:
    assert said(*steps) == changes


@given(STEPS)
def test_down_and_up_take_turns(steps: list[Step]) -> None:
    changes = said(*steps)
    assert changes == [("down", "up")[number % 2] for number in range(len(changes))]


@given(st.integers(min_value=1, max_value=10_000), ENDINGS)
def test_a_wait_is_never_shorter_than_a_second_nor_longer_than_ten_minutes(failures: int, ending: Ending) -> None:
    wait = wait_after(LineState(since=NOW, failures=failures, ending=ending))
    assert timedelta(seconds=1) <= wait <= timedelta(minutes=10)
