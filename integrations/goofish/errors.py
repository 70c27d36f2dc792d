"""What 闲管家's codes mean to us, as one table. Codes come in the body, mostly below HTTP 200."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.contracts.errors import UpstreamAuthError, UpstreamError, UpstreamRejected
from integrations.http.answers import Response

_REASON_LENGTH, _CODE_LENGTH = 200, 20
_PAUSE = timedelta(seconds=2)


def judge(response: Response) -> None:
    """Accept an answer, or raise what its code stands for. Only an order's detail may come without a code.

    Raises: the classes of the table; UpstreamRejected for a code nobody knows; for an answer without a code
    UpstreamContractError, or UpstreamUnclear if something may have been done.
    """
    answer = response.json
    if isinstance(answer, dict) and ("code" in answer or ("order_no" in answer and response.status < 400)):
        code = str(answer.get("code", 0))
        if code != "0":
            reason = str(answer.get("msg") or "")[:_REASON_LENGTH]
            raise _MEANINGS.get(code, _rejected)(response, code[:_CODE_LENGTH], reason)
    elif str(response.status) in _MEANINGS:
        raise _MEANINGS[str(response.status)](response, str(response.status), "")
    else:
        is_open = response.status < 400 and not response.call.idempotent
        known = response.call.unavailable if is_open else response.call.misfit
        raise known(f"HTTP {response.status} without a code", response.request_id)


_Meaning = Callable[[Response, str, str], UpstreamError]


def _auth(text: str | None = None) -> _Meaning:
    """Somebody must mend something; ``text`` is the code of the sentence that says what."""

    def make(response: Response, code: str, reason: str) -> UpstreamError:
        return UpstreamAuthError(
            f"{code} {reason}",
            platform=response.call.platform,
            operation=response.call.operation,
            request_id=response.request_id,
            code=text,
            values={"platform_code": code},
        )

    return make


def _busy(response: Response, code: str, reason: str) -> UpstreamError:
    return response.call.rate_limited(f"{code} {reason}", _PAUSE, response.request_id)


def _trouble(response: Response, code: str, reason: str) -> UpstreamError:
    return response.call.unavailable(f"{code} {reason}", response.request_id)


def _rejected(response: Response, code: str, reason: str) -> UpstreamError:
    return UpstreamRejected(
        f"{code} {reason}",
        platform=response.call.platform,
        operation=response.call.operation,
        platform_code=code,
        request_id=response.request_id,
        values={"reason": reason},
    )


_MEANINGS: Mapping[str, _Meaning] = {
    "400": _rejected,
    "401": _auth(),
    "403": _auth(),
    "429": _busy,
    "500": _trouble,
    **{str(code): _rejected for code in range(1001, 1007)},
    "100008": _auth("goofish_grant"),
}
