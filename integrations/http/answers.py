"""One call to a platform and what came back, and how their failures become our error classes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.contracts.errors import UpstreamContractError, UpstreamRateLimited, UpstreamUnavailable, UpstreamUnclear


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What was asked. ``idempotent`` says that asking again cannot do anything twice."""

    platform: str
    operation: str
    idempotent: bool

    def unavailable(self, detail: str, request_id: str = "") -> UpstreamUnavailable:
        """The error for an answer that never came: unclear if a write may have happened."""
        kind = UpstreamUnavailable if self.idempotent else UpstreamUnclear
        return kind(detail, platform=self.platform, operation=self.operation, request_id=request_id)

    def unsent(self, detail: str, code: str | None = None) -> UpstreamUnavailable:
        """The error for a request that never left: nothing can have happened."""
        return UpstreamUnavailable(detail, platform=self.platform, operation=self.operation, code=code)

    def rate_limited(self, detail: str, retry_after: timedelta, request_id: str = "") -> UpstreamRateLimited:
        return UpstreamRateLimited(
            detail,
            platform=self.platform,
            operation=self.operation,
            retry_after=retry_after,
            request_id=request_id,
        )

    def misfit(self, detail: str, request_id: str = "") -> UpstreamContractError:
        """The error for an answer that does not fit the platform's documents."""
        return UpstreamContractError(detail, platform=self.platform, operation=self.operation, request_id=request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer below 500 other than 429. ``json`` is the parsed body; header names are in lower case."""

    call: Call
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    json: Any = field(repr=False)
    request_id: str
