"""When asking again helps, and when it does not."""

from datetime import timedelta

import pytest

from bot.contracts.errors import UpstreamAuthError, UpstreamError, UpstreamRateLimited, UpstreamUnavailable
from bot.contracts.retry import RetryPolicy
from integrations.http.retrying import repeat
from tests.integrations.http.fakes import SteppingClock

POLICY = RetryPolicy(tries=3, first=timedelta(seconds=2), longest=timedelta(seconds=30))
DOWN = UpstreamUnavailable(platform="echo", operation="echo")
BUSY = UpstreamRateLimited(platform="echo", operation="echo", retry_after=timedelta(seconds=1))


class Answers:
    """Fails with each of ``errors`` in turn, then answers."""

    def __init__(self, *errors: UpstreamError) -> None:
        self._errors = list(errors)
        self.tries = 0

    async def ask(self) -> str:
        self.tries += 1
        if self._errors:
            raise self._errors.pop(0)
        return "answer"


async def repeated(answers: Answers, clock: SteppingClock) -> str:
    return await repeat(answers.ask, policy=POLICY, patience=timedelta(minutes=1), clock=clock, jitter=lambda: 0.0)


async def test_waits_grow_between_tries(clock: SteppingClock) -> None:
    assert await repeated(Answers(DOWN, DOWN), clock) == "answer"
    assert clock.slept == [2, 4]


async def test_the_last_error_is_raised_when_all_tries_are_used(clock: SteppingClock) -> None:
    answers = Answers(DOWN, DOWN, DOWN, DOWN)
    with pytest.raises(UpstreamUnavailable):
        await repeated(answers, clock)
    assert answers.tries == 3


async def test_what_somebody_must_mend_is_not_tried_again(clock: SteppingClock) -> None:
    answers = Answers(UpstreamAuthError(platform="echo", operation="echo"))
    with pytest.raises(UpstreamAuthError):
        await repeated(answers, clock)
    assert answers.tries == 1


async def test_rate_limits_do_not_count_as_tries_and_are_waited_for_ever_longer(clock: SteppingClock) -> None:
    assert await repeated(Answers(BUSY, BUSY, BUSY, BUSY, DOWN, DOWN), clock) == "answer"
    assert clock.slept == [1, 2, 4, 8, 2, 4]


async def test_patience_ends(clock: SteppingClock) -> None:
    with pytest.raises(UpstreamRateLimited):
        await repeated(Answers(*[BUSY] * 100), clock)
    assert sum(clock.slept) <= 60
