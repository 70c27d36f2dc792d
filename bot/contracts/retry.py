"""When to try again: one pure decision used by clients, jobs and the outbox."""

from dataclasses import dataclass
from datetime import timedelta

from bot.contracts.errors import AssistantError, UpstreamRateLimited, UpstreamUnavailable


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most ``tries`` runs; waits grow from ``first`` by doubling up to ``longest``."""

    tries: int
    first: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after ``wait``. ``counts`` is False when the try was not a failure (a rate limit)."""

    wait: timedelta
    counts: bool = True


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further try can help, or all were used."""

    exhausted: bool


def decide_retry(error: BaseException, attempt: int, policy: RetryPolicy, jitter: float = 0.0) -> Retry | GiveUp:
    """Say what follows a failed try.

    ``attempt`` counts from 1; ``jitter`` in 0..1 lengthens the wait by up to a quarter.
    Unknown exceptions are bugs that may be passing: they are tried again like an unavailable platform.
    """
    if isinstance(error, UpstreamRateLimited):
        return Retry(error.retry_after * (1 + jitter / 4), counts=False)
    if isinstance(error, AssistantError) and not isinstance(error, UpstreamUnavailable):
        return GiveUp(exhausted=False)
    if attempt >= policy.tries:
        return GiveUp(exhausted=True)
    wait = min(policy.longest, policy.first * 2 ** min(attempt - 1, 30))
    return Retry(wait * (1 + jitter / 4))
