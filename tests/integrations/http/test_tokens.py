"""Tokens are renewed early and once, however many ask, and live on while a platform cannot renew them."""

import asyncio
from datetime import timedelta

import pytest

from bot.contracts.credentials import Token
from bot.contracts.errors import AssistantError, UpstreamAuthError, UpstreamRateLimited, UpstreamUnavailable
from integrations.http.tokens import Fetch, TokenKeeper
from tests.integrations.http.fakes import MemoryTokens, SteppingClock

LIFE = timedelta(hours=2)
MARGIN = timedelta(minutes=5)


class Issuer:
    """Gives numbered tokens, or fails while told to."""

    def __init__(self, clock: SteppingClock) -> None:
        self.given: list[str] = []
        self.was_shown: list[Token | None] = []
        self.failure: AssistantError | None = None
        self.tries = 0
        self._clock = clock

    async def fetch(self, old: Token | None) -> Token:
        self.tries += 1
        self.was_shown.append(old)
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        self.given.append(f"token-{len(self.given) + 1}")
        return Token(self.given[-1], self._clock.now() + LIFE)


@pytest.fixture
def issuer(clock: SteppingClock) -> Issuer:
    return Issuer(clock)


@pytest.fixture
def tokens() -> MemoryTokens:
    return MemoryTokens()


def keeper_of(tokens: MemoryTokens, fetch: Fetch, clock: SteppingClock) -> TokenKeeper:
    return TokenKeeper("echo", "app", store=tokens, fetch=fetch, clock=clock, margin=MARGIN)


@pytest.fixture
def keeper(tokens: MemoryTokens, issuer: Issuer, clock: SteppingClock) -> TokenKeeper:
    return keeper_of(tokens, issuer.fetch, clock)


async def test_a_token_is_kept_until_its_margin(keeper: TokenKeeper, clock: SteppingClock) -> None:
    first = await keeper.current()
    clock.moment += LIFE - MARGIN - timedelta(seconds=1)
    assert await keeper.current() == first
    clock.moment += timedelta(seconds=1)
    assert (await keeper.current()).value == "token-2"


async def test_callers_at_once_fetch_once(keeper: TokenKeeper, issuer: Issuer) -> None:
    found = await asyncio.gather(*(keeper.current() for _ in range(50)))
    assert ({token.value for token in found}, issuer.tries) == ({"token-1"}, 1)


async def test_two_processes_fetch_once(tokens: MemoryTokens, issuer: Issuer, clock: SteppingClock) -> None:
    one, other = (keeper_of(tokens, issuer.fetch, clock) for _ in range(2))
    found = await asyncio.gather(one.current(), other.current())
    assert (found[0] == found[1], issuer.tries) == (True, 1)


async def test_renewing_is_given_the_old_token(keeper: TokenKeeper, issuer: Issuer, clock: SteppingClock) -> None:
    first = await keeper.current()
    clock.moment += LIFE
    await keeper.current()
    assert issuer.was_shown == [None, first]


async def test_a_rejected_token_is_not_shown_again(keeper: TokenKeeper, issuer: Issuer) -> None:
    await keeper.drop((await keeper.current()).value)
    assert (await keeper.current()).value == "token-2"
    assert issuer.was_shown == [None, None]


async def test_dropping_an_old_token_leaves_the_new_one(keeper: TokenKeeper, issuer: Issuer) -> None:
    first = await keeper.current()
    await keeper.drop(first.value)
    await keeper.current()
    await keeper.drop(first.value)
    await keeper.current()
    assert issuer.tries == 2


async def test_callers_that_wait_together_fail_together(keeper: TokenKeeper, issuer: Issuer) -> None:
    issuer.failure = UpstreamAuthError(platform="echo", operation="token")
    found = await asyncio.gather(*(keeper.current() for _ in range(50)), return_exceptions=True)
    assert ({type(error) for error in found}, issuer.tries) == ({UpstreamAuthError}, 1)


async def test_a_later_caller_tries_again_after_a_failure(keeper: TokenKeeper, issuer: Issuer) -> None:
    issuer.failure = UpstreamUnavailable(platform="echo", operation="token")
    with pytest.raises(UpstreamUnavailable):
        await keeper.current()
    issuer.failure = None
    assert (await keeper.current()).value == "token-1"


@pytest.mark.parametrize(
    "failure",
    [
        UpstreamUnavailable(platform="echo", operation="token"),
        UpstreamRateLimited(platform="echo", operation="token", retry_after=timedelta(seconds=9)),
    ],
    ids=["down", "busy"],
)
async def test_a_living_token_serves_while_it_cannot_be_renewed(
    keeper: TokenKeeper, issuer: Issuer, clock: SteppingClock, failure: AssistantError
) -> None:
    first = await keeper.current()
    issuer.failure = failure
    clock.moment += LIFE - timedelta(minutes=1)
    assert await keeper.current() == first
    clock.moment += timedelta(minutes=1)
    with pytest.raises(type(failure)):
        await keeper.current()


def test_a_token_does_not_show_itself(clock: SteppingClock) -> None:
    assert "hush" not in repr(Token("hush", clock.now(), "hush too"))
