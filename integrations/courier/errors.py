"""What the refusals of the courier interface mean to us, as one table: ``{"error": {"code": "…"}}`` below a status."""

from collections.abc import Callable, Mapping

from bot.contracts.errors import UpstreamAuthError, UpstreamError, UpstreamRejected
from integrations.http.answers import Response

_LONGEST_CODE = 60


def judge(response: Response) -> None:
    """Accept an answer, or raise what its code or status stands for. Words are left out: they may tell addresses.

    Raises: the classes of the tables; UpstreamRejected for any other refusal; UpstreamContractError for no object.
    """
    answer = response.json
    if not isinstance(answer, dict):
        raise response.call.misfit(f"HTTP {response.status} without an object", response.request_id)
    error = answer.get("error")
    if response.status < 400 and error is None:
        return
    code = str(error.get("code") or response.status) if isinstance(error, dict) else f"{response.status}"
    known = _BY_CODE.get(code) or _BY_STATUS.get(response.status, _rejected())
    raise known(response, code[:_LONGEST_CODE])


_Meaning = Callable[[Response, str], UpstreamError]


def _auth(response: Response, code: str) -> UpstreamError:
    call = response.call
    return UpstreamAuthError(code, platform=call.platform, operation=call.operation, request_id=response.request_id)


def _no_credit(response: Response, code: str) -> UpstreamError:
    call = response.call
    return UpstreamAuthError(
        code,
        platform=call.platform,
        operation=call.operation,
        request_id=response.request_id,
        code="courier_credit",
        values={"platform_code": code},
    )


def _rejected(text: str | None = None) -> _Meaning:
    """``text`` is the code of the sentence that says what was refused."""

    def make(response: Response, code: str) -> UpstreamError:
        return UpstreamRejected(
            code,
            platform=response.call.platform,
            operation=response.call.operation,
            platform_code=code,
            request_id=response.request_id,
            code=text,
            values={"reason": code},
        )

    return make


_BY_STATUS: Mapping[int, _Meaning] = {401: _auth, 403: _auth, 402: _no_credit}
_BY_CODE: Mapping[str, _Meaning] = {"none_left": _rejected("courier_none_left")}
