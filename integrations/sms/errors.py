"""What the refusals of the HTTP provider mean to us, as one table: ``{"error": {"code": "…"}}`` below a status."""

from collections.abc import Callable, Mapping

from bot.contracts.errors import UpstreamAuthError, UpstreamError, UpstreamRejected
from integrations.http.answers import Response

_LONGEST_CODE = 60


def judge(response: Response) -> None:
    """Accept an answer, or raise what its status stands for. Words are left out: they may tell numbers.

    Raises: the classes of the table; UpstreamRejected for any other refusal; UpstreamContractError for no object.
    """
    answer = response.json
    if not isinstance(answer, dict):
        raise response.call.misfit(f"HTTP {response.status} without an object", response.request_id)
    if response.status < 400:
        return
    error = answer.get("error")
    code = str(error.get("code") or response.status) if isinstance(error, dict) else f"{response.status}"
    raise _MEANINGS.get(response.status, _rejected)(response, code[:_LONGEST_CODE])


def _auth(response: Response, code: str) -> UpstreamError:
    return UpstreamAuthError(
        code, platform=response.call.platform, operation=response.call.operation, request_id=response.request_id
    )


def _no_credit(response: Response, code: str) -> UpstreamError:
    return UpstreamAuthError(
        code,
        platform=response.call.platform,
        operation=response.call.operation,
        request_id=response.request_id,
        code="sms_credit",
        values={"platform_code": code},
    )


def _rejected(response: Response, code: str) -> UpstreamError:
    return UpstreamRejected(
        code,
        platform=response.call.platform,
        operation=response.call.operation,
        platform_code=code,
        request_id=response.request_id,
        values={"reason": code},
    )


_MEANINGS: Mapping[int, Callable[[Response, str], UpstreamError]] = {401: _auth, 403: _auth, 402: _no_credit}
