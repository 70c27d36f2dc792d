"""Access tokens: kept in shared storage, renewed early, once, and dropped when a platform rejects them."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

from bot.contracts.clock import Clock
from bot.contracts.credentials import Token
from bot.contracts.errors import UpstreamError, UpstreamRateLimited, UpstreamUnavailable


class TokenStore(Protocol):
    """Where tokens survive a restart, one per platform and account."""

    async def load(self, platform: str, account: str) -> Token | None: ...

    async def save(self, platform: str, account: str, token: Token) -> None: ...

    async def clear(self, platform: str, account: str) -> None: ...

    def lock(self, platform: str, account: str) -> AbstractAsyncContextManager[None]:
        """Held by the one who renews, over all processes."""
        ...


Fetch = Callable[[Token | None], Awaitable[Token]]
"""Gets a new token, given the old one if there is one that was not rejected."""


class TokenKeeper:
    """The token of one account. However many callers need a new one, it is fetched once."""

    def __init__(
        self, platform: str, account: str, *, store: TokenStore, fetch: Fetch, clock: Clock, margin: timedelta
    ) -> None:
        self._platform = platform
        self._account = account
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._margin = margin
        self._token: Token | None = None
        self._failure: UpstreamError | None = None
        self._failures = 0

    async def current(self) -> Token:
        """A token with more than ``margin`` left, or one that still lives while the platform cannot renew it.

        Raises: what fetching raises; callers that waited for the same fetch share its failure.
        """
        if self._token is not None and self._lives(self._token, self._margin):
            return self._token
        failures = self._failures
        async with self._store.lock(self._platform, self._account):
            if self._failure is not None and self._failures != failures:
                raise self._failure
            self._token = await self._stored_or_new()
        return self._token

    async def drop(self, value: str) -> None:
        """Forget the token ``value``, which the platform rejected; a newer one stays."""
        if self._token is not None and self._token.value == value:
            self._token = None
        async with self._store.lock(self._platform, self._account):
            stored = await self._store.load(self._platform, self._account)
            if stored is not None and stored.value == value:
                await self._store.clear(self._platform, self._account)

    async def _stored_or_new(self) -> Token:
        stored = await self._store.load(self._platform, self._account)
        if stored is not None and self._lives(stored, self._margin):
            return stored
        try:
            token = await self._fetch(stored)
        except UpstreamError as error:
            passing = isinstance(error, UpstreamUnavailable | UpstreamRateLimited)
            if passing and stored is not None and self._lives(stored, timedelta()):
                return stored
            self._failure = error
            self._failures += 1
            raise
        await self._store.save(self._platform, self._account, token)
        return token

    def _lives(self, token: Token, margin: timedelta) -> bool:
        return self._clock.now() < token.expires_at - margin
