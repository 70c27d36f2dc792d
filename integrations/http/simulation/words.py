"""Scripted weather, and calls as a simulator sees, answers and records them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from pydantic import ConfigDict

ANY = "*"
"""The weather of all operations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What happens to the next ``times`` answers of ``operation`` (None: to all until cleared).

    ``handled`` lets the request have its effect before its answer is spoilt. ``body`` replaces the answer;
    ``rename`` drifts the schema: old key to new key anywhere in the answer, "" removes it.
    ``share`` below 1 leaves the others fair: so many of the answers, drawn from a sequence that is always the same.
    ``expire_token``, ``duplicate`` (extra deliveries) and ``out_of_order`` are for the simulator itself to obey.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    operation: str = ANY
    times: int | None = 1
    delay_seconds: float = 0.0
    status: int | None = None
    retry_after: float | None = None
    html: bool = False
    body: Any = None
    drop: bool = False
    handled: bool = False
    rename: Mapping[str, str] = field(default_factory=dict)
    expire_token: bool = False
    duplicate: int = 0
    out_of_order: bool = False
    share: float = 1.0

    @property
    def spoils(self) -> bool:
        """True if the platform's own answer is not given."""
        return self.drop or self.html or self.status is not None or self.body is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as a simulator's handler sees it."""

    operation: str
    method: str
    path: str
    raw_query: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    body: Any
    """Parsed JSON, the fields of a form, or None."""
    params: Mapping[str, str]
    """The variable parts of the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``body`` is written as JSON; bytes go out as they are, under the ``Content-Type`` of ``headers``."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One call as it was received and answered; status 0 means the connection was dropped."""

    number: int
    operation: str
    at: datetime
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int


Handler = Callable[[Asked], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the platform; ``path`` may have ``{variable}`` parts."""

    operation: str
    method: str
    path: str
    handler: Handler
