"""Signed calls of one Lingxing account: token, signature, places in the buckets, second tries, pages."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.contracts.clock import Clock
from bot.contracts.credentials import Token
from bot.contracts.errors import UpstreamAuthError, UpstreamContractError, UpstreamRateLimited
from bot.contracts.feature import JsonValue
from bot.contracts.retry import RetryPolicy
from bot.contracts.secret import Secret
from integrations.http.buckets import BucketStore, Limit
from integrations.http.retrying import repeat
from integrations.http.tokens import TokenKeeper, TokenStore
from integrations.http.transport import Transport
from integrations.lingxing import signing
from integrations.lingxing.errors import SpentRefreshError, StaleSignError, StaleTokenError

PLATFORM = "lingxing"
ACCESS_TOKEN_PATH = "/api/auth-server/oauth/access-token"
REFRESH_PATH = "/api/auth-server/oauth/refresh"

_MARGIN = timedelta(minutes=5)
_REFRESH_LIFE = timedelta(hours=2)
_RETRY = RetryPolicy(tries=3, first=timedelta(seconds=2), longest=timedelta(seconds=30))
_PATIENCE = timedelta(minutes=3)  # a lost answer keeps its place at the server for two
_TIMEOUT_SECONDS = 60.0
_MOST_PAGES = 5_000

Progress = Callable[[int, int], Awaitable[None]]
"""Told after each page: rows received so far, rows in all (0 if unknown)."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of the open interface. ``app_id`` is also the key that signs: 16, 24 or 32 bytes long."""

    app_id: str
    app_secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation; at most ``capacity`` calls may be under way, ``length`` rows asked for at a time (0: all)."""

    operation: str
    method: str
    path: str
    capacity: int = 1
    length: int = 0

    def misfit(self, detail: str) -> UpstreamContractError:
        """The error for rows that do not fit what the vendor's page says."""
        return UpstreamContractError(detail, platform=PLATFORM, operation=self.operation)


class Session:
    """Everything between a method of the client and the transport."""

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        *,
        tokens: TokenStore,
        buckets: BucketStore,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._buckets = buckets
        self._clock = clock
        self._jitter = jitter
        self._log = structlog.get_logger().bind(platform=PLATFORM)
        self._keeper = TokenKeeper(
            PLATFORM, credentials.app_id, store=tokens, fetch=self._new_token, clock=clock, margin=_MARGIN
        )

    async def once(self, endpoint: Endpoint, parameters: dict[str, JsonValue]) -> dict[str, Any]:
        """The accepted answer to one try; a stale token or signature is mended once.

        Raises: UpstreamError.
        """
        limit = Limit(f"{PLATFORM}:{self._credentials.app_id}:{endpoint.path}", endpoint.capacity)
        token = await self._keeper.current()
        try:
            async with self._buckets.admit(limit):
                return await self._mended(endpoint, parameters, token)
        except UpstreamRateLimited as error:
            self._buckets.pause(limit.key, error.retry_after)
            raise

    async def ask(self, endpoint: Endpoint, parameters: dict[str, JsonValue]) -> dict[str, Any]:
        """The accepted answer, after waiting for a place and trying again where that helps. Reading only.

        Raises: UpstreamError.
        """
        return await repeat(
            lambda: self.once(endpoint, parameters),
            policy=_RETRY,
            patience=_PATIENCE,
            clock=self._clock,
            jitter=self._jitter,
        )

    async def pages(
        self, endpoint: Endpoint, parameters: dict[str, JsonValue], progress: Progress | None
    ) -> AsyncIterator[Sequence[Any]]:
        """The pages of a list, one after the other, to the end.

        Raises: UpstreamError; UpstreamContractError for a list that never ends.
        """
        received = 0
        for _ in range(_MOST_PAGES):
            answer = await self.ask(endpoint, {**parameters, "offset": received, "length": endpoint.length})
            page, total = _rows(endpoint, answer), _total(answer)
            yield page
            received += len(page)
            if progress is not None:
                await progress(received, total)
            if not page or (total and received >= total):
                return
        raise endpoint.misfit("a list without an end")

    async def whole(self, endpoint: Endpoint) -> Sequence[Any]:
        """All rows of a list that has no pages. Raises: UpstreamError."""
        return _rows(endpoint, await self.ask(endpoint, {}))

    async def _mended(self, endpoint: Endpoint, parameters: dict[str, JsonValue], token: Token) -> dict[str, Any]:
        try:
            return await self._signed(endpoint, parameters, token)
        except StaleTokenError:
            await self._keeper.drop(token.value)
            token = await self._keeper.current()
        except StaleSignError:
            pass
        return await self._signed(endpoint, parameters, token)

    async def _signed(self, endpoint: Endpoint, parameters: dict[str, JsonValue], token: Token) -> dict[str, Any]:
        app_id = self._credentials.app_id
        asked = signing.cleaned(parameters)
        query = {
            "access_token": token.value,
            "app_key": app_id,
            "timestamp": str(int(self._clock.now().timestamp())),
        }
        signed = {**asked, **query}
        query["sign"] = signing.sign(signed, app_id)
        try:
            response = await self._transport.call(
                endpoint.operation,
                endpoint.method,
                endpoint.path,
                idempotent=True,
                query=query,
                body=None if endpoint.method == "GET" else signing.body_bytes(asked),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except UpstreamAuthError as error:
            if error.code == "lingxing_sign":
                self._log.error("sign_refused", canonical=signing.canonical({**signed, "access_token": "…"}))
            raise
        answer: dict[str, Any] = response.json
        return answer

    async def _new_token(self, old: Token | None) -> Token:
        """Renew the pair while that is possible, else get a new one."""
        now = self._clock.now()
        if old is not None and old.refresh_value and old.refresh_expires_at and now < old.refresh_expires_at:
            try:
                return await self._token("refresh", REFRESH_PATH, {"refreshToken": old.refresh_value})
            except SpentRefreshError:
                self._log.info("refresh_token_spent")
        return await self._token("token", ACCESS_TOKEN_PATH, {"appSecret": self._credentials.app_secret.reveal()})

    async def _token(self, operation: str, path: str, fields: dict[str, str]) -> Token:
        form = {"appId": self._credentials.app_id, **fields}
        asked_at = self._clock.now()
        response = await self._transport.call(operation, "POST", path, idempotent=True, form=form)
        try:
            data = response.json["data"]
            life = timedelta(seconds=int(data["expires_in"]))
            return Token(
                str(data["access_token"]), asked_at + life, str(data["refresh_token"]), asked_at + _REFRESH_LIFE
            )
        except (KeyError, TypeError, ValueError) as error:
            raise response.call.misfit("a token answer without its fields") from error


def _rows(endpoint: Endpoint, answer: dict[str, Any]) -> Sequence[Any]:
    rows = answer.get("data")
    if isinstance(rows, list):
        return rows
    if not rows:
        return []
    raise endpoint.misfit("rows that are not a list")


def _total(answer: dict[str, Any]) -> int:
    """``total`` may be missing or text."""
    text = str(answer.get("total") or "")
    return int(text) if text.isdigit() else 0
