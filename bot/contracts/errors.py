"""Broken promises, as one tree. Expected outcomes are return values and do not appear here.

AssistantError            code, message for the person, hint (what to do next), detail (log only)
  UserInputError          wrong arguments: reply with usage and one example; never retry
  NotAllowedError         role missing: say who can do it
  NotFoundError           no such SKU or order: offer the nearest matches
  ConflictError           state moved on: show the current state
  StaleDataError          data older than the decision allows: say its age
  UpstreamError           platform, operation, request_id
    UpstreamUnavailable     timeout, network, 5xx: retry with backoff
      UpstreamUnclear         the same, but a write may have happened: retry only with its idempotency key
    UpstreamRateLimited     retry_after; wait, do not count as failure
    UpstreamAuthError       stop the platform's jobs, tell the owner once, no retry until fixed
    UpstreamRejected        the platform refused on business grounds: show its reason; no retry
    UpstreamContractError   the answer does not fit our model: no retry
  ConfigError             start-up only; lists every problem at once

Anything else is a bug: logged with a reference, the person sees only the reference.
A subclass exists only where some caller acts differently on it; otherwise use ``code``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta


def told(error: BaseException) -> str:
    """The error's class and words, at most 1000 characters, all of which any database can keep.

    A code of its own stands behind the class: ``UpstreamAuthError/feishu_scope: 99991672 …``.
    """
    own = f"/{error.code}" if isinstance(error, AssistantError) and error.code != type(error).code else ""
    text = f"{type(error).__name__}{own}: {error}"[:1000]
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")


class AssistantError(Exception):
    """Something a person can be told about.

    ``code`` selects the sentence in the text catalogues (``error.<code>``), filled with ``values``;
    ``detail`` goes to the log only and never holds secrets or message texts.
    """

    code = "assistant"

    def __init__(self, detail: str = "", *, code: str | None = None, values: Mapping[str, str] | None = None) -> None:
        super().__init__(detail or code or self.code)
        self.code = code or type(self).code
        self.detail = detail
        self.values: Mapping[str, str] = dict(values or {})


class UserInputError(AssistantError):
    """The arguments were wrong. ``values['problem']`` may name what, in catalogue words."""

    code = "user_input"


class NotAllowedError(AssistantError):
    """The person lacks the role that the act needs."""

    code = "not_allowed"


class NotFoundError(AssistantError):
    """No such thing. ``nearest`` are command lines that would find something similar."""

    code = "not_found"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        values: Mapping[str, str] | None = None,
        nearest: Sequence[str] = (),
    ) -> None:
        super().__init__(detail, code=code, values=values)
        self.nearest = tuple(nearest)


class ConflictError(AssistantError):
    """The state moved on before this act arrived."""

    code = "conflict"


class StaleDataError(AssistantError):
    """The stored data are older than the decision allows."""

    code = "stale_data"


class UpstreamError(AssistantError):
    """A platform did not do what was asked."""

    code = "upstream"

    def __init__(
        self,
        detail: str = "",
        *,
        platform: str,
        operation: str,
        request_id: str = "",
        code: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail, code=code, values={"platform": platform, "operation": operation, **(values or {})})
        self.platform = platform
        self.operation = operation
        self.request_id = request_id


class UpstreamUnavailable(UpstreamError):
    """Timeout, network or 5xx; nothing was changed there, or the call is idempotent."""

    code = "upstream_unavailable"


class UpstreamUnclear(UpstreamUnavailable):
    """No answer to a write: it may or may not have happened."""

    code = "upstream_unclear"


class UpstreamRateLimited(UpstreamError):
    """The platform asks for a pause of ``retry_after``; not a failure."""

    code = "upstream_rate_limited"

    def __init__(
        self,
        detail: str = "",
        *,
        platform: str,
        operation: str,
        retry_after: timedelta,
        request_id: str = "",
        code: str | None = None,
    ) -> None:
        super().__init__(detail, platform=platform, operation=operation, request_id=request_id, code=code)
        self.retry_after = retry_after


class UpstreamAuthError(UpstreamError):
    """Credentials, grants or the white list are wrong; no retry until somebody mends them."""

    code = "upstream_auth"


class UpstreamRejected(UpstreamError):
    """The platform refused on business grounds; ``platform_code`` is its own code."""

    code = "upstream_rejected"

    def __init__(
        self,
        detail: str = "",
        *,
        platform: str,
        operation: str,
        platform_code: str,
        request_id: str = "",
        code: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            detail,
            platform=platform,
            operation=operation,
            request_id=request_id,
            code=code,
            values={"platform_code": platform_code, **(values or {})},
        )
        self.platform_code = platform_code


class UpstreamContractError(UpstreamError):
    """The platform's answer does not fit its documented shape."""

    code = "upstream_contract"


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One wrong or missing setting: which, what is wrong, and a valid example (never the value itself)."""

    variable: str
    problem: str
    example: str


class ConfigError(AssistantError):
    """Every problem of the settings at once."""

    code = "config"

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.variable}: {p.problem} (example: {p.example})" for p in problems))
