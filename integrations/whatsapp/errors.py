"""What the codes of the WhatsApp Cloud API mean to us, as one table.

Source: "Cloud API: error codes". The HTTP status varies, so the ``code`` alone decides;
``error_data.details`` says more.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.contracts.errors import UpstreamAuthError, UpstreamError, UpstreamRateLimited, UpstreamRejected
from integrations.http.answers import Call, Response

WINDOW_CLOSED = "131047"
"""More than 24 hours since the person wrote: only a template may be sent."""
CONTENT_REFUSED = frozenset({"100", "131008", "131009", "131051", "131052", "131053"})
"""The form of the message is the trouble: the same message as plain text may pass."""
MENDABLE = frozenset({WINDOW_CLOSED, "131052", "131053"})
"""Told late of a message that was taken: another form of it, a template or a text, may still arrive."""

_REASON_LENGTH = 200
_MAINTENANCE = timedelta(minutes=2)
_API_PAUSE = timedelta(minutes=1)
_FIRST_PAUSE = timedelta(seconds=1)


class BusyPairError(UpstreamRateLimited):
    """Only this person has had enough; others may be written to."""


def judge(response: Response) -> None:
    """Accept an answer, or raise what its code stands for.

    Raises: the classes of the table below; UpstreamRejected for a code nobody knows;
    UpstreamContractError for an answer that is no object, or a refusal without a code.
    """
    answer = response.json
    if not isinstance(answer, dict):
        raise response.call.misfit(f"HTTP {response.status} without an object", response.request_id)
    error = answer.get("error")
    if error is None and response.status < 400:
        return
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        raise response.call.misfit(f"HTTP {response.status} without a code", response.request_id)
    raise meaning(response.call, error)


def meaning(call: Call, error: Mapping[str, Any]) -> UpstreamError:
    """The error that an ``error`` object stands for."""
    said = _Said(call, error)
    if 200 <= said.number <= 299:
        return _auth(said)
    return _MEANINGS.get(said.number, _rejected)(said)


def reason(error: Mapping[str, Any]) -> str:
    """Code and words of an ``error`` object or of one in a status, at most 200 characters."""
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    words = details or error.get("message") or error.get("title") or ""
    return f"{error.get('code', '')} {words}".strip()[:_REASON_LENGTH]


class _Said:
    """A refusal, as the platform put it."""

    def __init__(self, call: Call, error: Mapping[str, Any]) -> None:
        self.call = call
        self.number = int(error["code"])
        self.detail = reason(error)
        self.request_id = str(error.get("fbtrace_id") or "")


_Meaning = Callable[[_Said], UpstreamError]


def _auth(said: _Said) -> UpstreamError:
    return UpstreamAuthError(
        said.detail,
        platform=said.call.platform,
        operation=said.call.operation,
        request_id=said.request_id,
        values={"platform_code": f"{said.number}"},
    )


def _busy(said: _Said) -> UpstreamError:
    return said.call.rate_limited(said.detail, _FIRST_PAUSE, said.request_id)


def _busy_api(said: _Said) -> UpstreamError:
    return said.call.rate_limited(said.detail, _API_PAUSE, said.request_id)


def _maintenance(said: _Said) -> UpstreamError:
    return said.call.rate_limited(said.detail, _MAINTENANCE, said.request_id)


def _busy_pair(said: _Said) -> UpstreamError:
    return BusyPairError(
        said.detail,
        platform=said.call.platform,
        operation=said.call.operation,
        retry_after=_FIRST_PAUSE,
        request_id=said.request_id,
    )


def _passing(said: _Said) -> UpstreamError:
    """Temporary; a write may have happened all the same."""
    return said.call.unavailable(said.detail, said.request_id)


def _rejected(said: _Said) -> UpstreamError:
    return UpstreamRejected(
        said.detail,
        platform=said.call.platform,
        operation=said.call.operation,
        platform_code=f"{said.number}",
        request_id=said.request_id,
        values={"reason": said.detail},
    )


_MEANINGS: Mapping[int, _Meaning] = {
    0: _auth,
    190: _auth,  # the token is not valid, or no longer
    3: _auth,
    10: _auth,
    368: _auth,  # blocked for a breach of policy
    131005: _auth,
    131031: _auth,  # the account is locked
    131042: _auth,  # no way to pay
    131045: _auth,  # the number is not registered
    131048: _auth,  # too many messages were marked as spam
    131064: _auth,
    133010: _auth,
    1: _passing,
    2: _passing,
    131000: _passing,
    131016: _passing,
    4: _busy_api,
    80007: _busy_api,
    130429: _busy,
    131056: _busy_pair,
    131057: _maintenance,
}
