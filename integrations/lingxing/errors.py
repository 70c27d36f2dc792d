"""What Lingxing's codes mean to us.

Source: reference section 6. Codes are compared as text: the gateway writes them so, the services as numbers.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.contracts.errors import UpstreamAuthError, UpstreamError, UpstreamRejected
from integrations.http.answers import Call, Response

MENU = "设置 > 业务配置 > 全局 > 开放接口"
AUTH_OPERATIONS = ("token", "refresh")
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_REASON_LENGTH = 200


class StaleTokenError(UpstreamAuthError):
    """The access token is no longer the valid one: a new one may be tried once."""

    code = "lingxing_token"


class StaleSignError(UpstreamAuthError):
    """The signature was too old on arrival: sign again once; if that fails, a clock is wrong."""

    code = "lingxing_clock"


class SpentRefreshError(UpstreamAuthError):
    """The refresh token expired or was used: get a new pair."""

    code = "lingxing_token"


def judge(response: Response) -> None:
    """Accept an answer, or raise what its code stands for.

    Raises: the classes of the table below; UpstreamRejected for a code nobody knows;
    UpstreamContractError for an answer without a code.
    """
    answer = response.json
    if not isinstance(answer, dict) or "code" not in answer:
        raise response.call.misfit(f"HTTP {response.status} without a code", response.request_id)
    code = str(answer["code"])
    if code == ("200" if response.call.operation in AUTH_OPERATIONS else "0"):
        return
    request_id = str(answer.get("request_id") or answer.get("traceId") or response.request_id)
    raise _MEANINGS.get(code, _rejected)(response.call, code, answer, request_id)


_Meaning = Callable[[Call, str, Mapping[str, Any], str], UpstreamError]


def _auth(text: str, kind: type[UpstreamAuthError] = UpstreamAuthError) -> _Meaning:
    """Somebody must mend something; ``text`` is the code of the sentence that says what."""

    def make(call: Call, code: str, answer: Mapping[str, Any], request_id: str) -> UpstreamError:
        address = _ADDRESS.search(_said(answer))
        return kind(
            f"{code} {_reason(answer)}",
            platform=call.platform,
            operation=call.operation,
            request_id=request_id,
            code=text,
            values={"platform_code": code, "menu": MENU, "address": address.group() if address else ""},
        )

    return make


def _busy(seconds: float) -> _Meaning:
    """Too many calls: the request was not looked at."""

    def make(call: Call, code: str, answer: Mapping[str, Any], request_id: str) -> UpstreamError:
        return call.rate_limited(f"{code} {_reason(answer)}", timedelta(seconds=seconds), request_id)

    return make


def _bug(call: Call, code: str, answer: Mapping[str, Any], request_id: str) -> UpstreamError:
    """We asked wrongly."""
    return call.misfit(f"{code} {_reason(answer)}", request_id)


def _trouble(call: Call, code: str, answer: Mapping[str, Any], request_id: str) -> UpstreamError:
    """Trouble inside Lingxing, unless its text shows that the path or a parameter was refused."""
    if "404 NOT_FOUND" in _said(answer):
        return _bug(call, code, answer, request_id)
    if _details(answer):
        return _rejected(call, code, answer, request_id)
    return call.unavailable(f"{code} {_reason(answer)}", request_id)


def _rejected(call: Call, code: str, answer: Mapping[str, Any], request_id: str) -> UpstreamError:
    reason = _reason(answer)
    return UpstreamRejected(
        f"{code} {reason}",
        platform=call.platform,
        operation=call.operation,
        platform_code=code,
        request_id=request_id,
        values={"reason": reason},
    )


_MEANINGS: Mapping[str, _Meaning] = {
    "0001001": _auth("lingxing_credentials"),
    "1001": _auth("lingxing_credentials"),
    "2001001": _auth("lingxing_credentials"),
    "2001002": _auth("lingxing_credentials"),
    "2001003": _auth("lingxing_token", StaleTokenError),
    "2001004": _auth("lingxing_grant"),
    "2001005": _auth("lingxing_token_owner", StaleTokenError),
    "2001006": _auth("lingxing_sign"),
    "2001007": _auth("lingxing_clock", StaleSignError),
    "2001008": _auth("lingxing_token", SpentRefreshError),
    "2001009": _auth("lingxing_token", SpentRefreshError),
    "3001001": _bug,
    "3001002": _auth("lingxing_white_list"),
    "3001004": _auth("lingxing_credentials"),
    "3001008": _busy(1.0),
    "100": _trouble,
    "500": _trouble,
    "104": _trouble,
    "102": _bug,
    "103": _busy(2.0),
    "400": _bug,
    "401": _auth("lingxing_grant"),
    "403": _auth("lingxing_grant"),
}


def _said(answer: Mapping[str, Any]) -> str:
    return " ".join(str(part) for part in (answer.get("message"), answer.get("msg"), _details(answer)) if part)


def _reason(answer: Mapping[str, Any]) -> str:
    return _said(answer)[:_REASON_LENGTH]


def _details(answer: Mapping[str, Any]) -> str:
    """``error_details`` as text: the pages show both a list and a string."""
    details = answer.get("error_details") or ""
    return "; ".join(str(item) for item in details) if isinstance(details, list) else str(details)
