"""Guessing is slowed down, and slowing it down costs no memory."""

from datetime import UTC, datetime, timedelta

from bot.console.throttle import Throttle

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def tries(throttle: Throttle, *addresses: str, now: datetime = NOW) -> list[timedelta | None]:
    return [throttle.wait(address, now) for address in addresses]


def test_tries_up_to_the_limit_pass() -> None:
    assert tries(Throttle(limit=2, per=MINUTE), "a", "a") == [None, None]


def test_one_try_too_many_waits_for_the_end_of_the_window() -> None:
    throttle = Throttle(limit=1, per=MINUTE)
    throttle.wait("a", NOW)
    assert throttle.wait("a", NOW + timedelta(seconds=20)) == timedelta(seconds=40)


def test_addresses_are_counted_apart() -> None:
    assert tries(Throttle(limit=1, per=MINUTE), "a", "b") == [None, None]


def test_after_the_window_tries_pass_again() -> None:
    throttle = Throttle(limit=1, per=MINUTE)
    throttle.wait("a", NOW)
    assert throttle.wait("a", NOW + MINUTE) is None


def test_more_addresses_than_fit_have_to_wait() -> None:
    assert tries(Throttle(limit=1, per=MINUTE, addresses=2), "a", "b", "c") == [None, None, MINUTE]
