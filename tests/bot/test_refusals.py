"""Refused deliveries are counted for an hour."""

from bot.refusals import Refusals
from tests.integrations.http.fakes import SteppingClock


def test_refusals_are_counted_by_reason() -> None:
    refusals = Refusals(SteppingClock())
    refusals.record("feishu", "unsigned")
    refusals.record("feishu", "unsigned")
    refusals.record("feishu", "wrong_token")
    assert refusals.within_hour() == {"unsigned": 2, "wrong_token": 1}
