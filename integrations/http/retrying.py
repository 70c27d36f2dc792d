"""Asking again, by error class, with waits in between."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamError
from bot.contracts.retry import GiveUp, RetryPolicy, decide_retry

_T = TypeVar("_T")
_MOST_DOUBLINGS = 5


async def repeat(
    ask: Callable[[], Awaitable[_T]],
    *,
    policy: RetryPolicy,
    patience: timedelta,
    clock: Clock,
    jitter: Callable[[], float],
) -> _T:
    """The answer of ``ask``, which must be idempotent, after as many tries as the policy allows.

    Rate limits do not count as tries, but each makes the next such wait twice as long. ``patience`` limits all
    waiting together; ``jitter`` gives numbers in 0..1. Raises: the last try's error.
    """
    attempt, pauses, waited = 1, 0, timedelta()
    while True:
        try:
            return await ask()
        except UpstreamError as error:
            decision = decide_retry(error, attempt, policy, jitter())
            if isinstance(decision, GiveUp):
                raise
            wait = decision.wait if decision.counts else decision.wait * 2 ** min(pauses, _MOST_DOUBLINGS)
            if waited + wait > patience:
                raise
        attempt += decision.counts
        pauses += not decision.counts
        waited += wait
        await clock.sleep(wait.total_seconds())
