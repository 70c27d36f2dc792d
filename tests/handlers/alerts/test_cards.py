"""Alarms, silences and reasons as cards, in both languages."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from bot.contracts.cards import Table, Text
from handlers.alerts.cards import alarms_card, silenced_card, sounding_card, why_not_card
from handlers.alerts.results import AlarmsResult, Check, Reason, RuleShown, RuleState, WhyNotResult
from handlers.alerts.rules import ALARM_KINDS, Seen
from handlers.alerts.why import explain_rule
from storage.matters.rows import How, NewMatter, Silence, Step, StepState
from tests.handlers.asking import some_words

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SILENCE = Silence(fingerprint="platform:", ends_at=NOW + timedelta(days=3), reason="领_星", person_id="P1", set_at=NOW)
EVERY_LANGUAGE = pytest.mark.parametrize("language", ["zh", "en"])
LATE = NewMatter(kind="late_data", fingerprint="late_data")


def a_step(how: How, state: StepState, reason: str) -> Step:
    return Step(
        matter=1,
        position=0,
        how=how,
        target="duty",
        channel="sms",
        needs="acknowledged",
        due_at=NOW,
        state=state,
        reason=reason,
    )


STEPS = (
    a_step("card", "fired", ""),
    a_step("mention", "skipped", "nobody"),
    a_step("private", "skipped", "reached"),
    a_step("private", "held", ""),
    a_step("remind", "pending", ""),
    a_step("remind", "cancelled", "acknowledged"),
    a_step("remind", "cancelled", "snoozed"),
    a_step("remind", "cancelled", "settled"),
)


@EVERY_LANGUAGE
@pytest.mark.parametrize("state", get_args(RuleState))
def test_every_rule_is_one_sentence_with_its_state(state: RuleState, language: str) -> None:
    shown = AlarmsResult(tuple(RuleShown(kind, state) for kind in ALARM_KINDS), (SILENCE,))
    card = alarms_card(shown, some_words(language))
    (table,) = (block for block in card.blocks if isinstance(block, Table))
    assert len({row[0] for row in table.rows}) == len(ALARM_KINDS)
    assert any(isinstance(block, Text) and "领\\_星" in block.markdown for block in card.blocks)


@EVERY_LANGUAGE
def test_a_silence_says_until_when_and_why_and_how_it_ends(language: str) -> None:
    card = silenced_card(SILENCE, None, some_words(language))
    assert "2026-11-25 16:00" in str(card.blocks)
    assert "platform:" in card.actions[0].command
    assert sounding_card("platform:", some_words(language)).tone == "good"


@EVERY_LANGUAGE
@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_is_told_first_and_every_step_behind_it(reason: Reason, language: str) -> None:
    checks = tuple(
        Check(name, name == "data") for name in ("cause", "data", "condition", "silence", "by_hand", "matter")
    )
    card = why_not_card("12", WhyNotResult(reason, checks, STEPS), {}, some_words(language))
    assert isinstance(card.blocks[0], Text)
    assert len([block for block in card.blocks if isinstance(block, Table)]) == 2


@pytest.mark.parametrize(
    ("seen", "silences", "reason"),
    [
        (Seen((), frozenset()), (), "missing"),
        (Seen((), frozenset({"late_data"})), (), "not_met"),
        (Seen((LATE,), frozenset({"late_data"})), (), "soon"),
        (
            Seen((LATE,), frozenset({"late_data"})),
            (Silence(fingerprint="", ends_at=NOW + timedelta(1), reason="", person_id="", set_at=NOW),),
            "silenced",
        ),
        (Seen((NewMatter(kind="platform", fingerprint="platform:lingxing"),), frozenset()), (), "another_cause"),
    ],
)
def test_the_first_thing_that_stopped_it_is_the_reason(
    seen: Seen, silences: tuple[Silence, ...], reason: Reason
) -> None:
    assert explain_rule("late_data", seen, (), silences, NOW)[0] == reason
