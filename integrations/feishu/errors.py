"""What Feishu's codes mean to us, as one table.

Source: reference section 6.2; for a missing scope "How to fix the 99991672 error" of the platform's documents.
Success is ``code`` 0 in the body, whatever the HTTP status says.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.contracts.errors import UpstreamAuthError, UpstreamError, UpstreamRateLimited, UpstreamRejected
from integrations.http.answers import Call, Response

CARD_REFUSED = frozenset({"230001", "230025", "230099"})
"""The card itself is the trouble: the same message as plain text may pass."""
PARENT_GONE = frozenset({"230011", "230019", "230110"})
"""What should be quoted is not there any more: the message may be sent without a quote."""
NOT_EDITABLE = PARENT_GONE | CARD_REFUSED | {"230012", "230031"}
"""The earlier version cannot be replaced: the newer one may be sent as a message of its own."""

SCOPE_MISSING = 99991672
"""The app was not given a permission that the call needs; the answer lists those of which any one would do."""

_RESET_HEADER = "x-ogw-ratelimit-reset"
_SUB_CODE = re.compile(r"ErrCode:\s*(\d+)")
_LISTED = re.compile(r"\[([\w.:, -]+)\]")
_REASON_LENGTH = 200
_DEFAULT_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 3600.0


class StaleTokenError(UpstreamAuthError):
    """The access token is no longer valid: a new one may be tried once."""


class BusyTargetError(UpstreamRateLimited):
    """Only this chat or person has had enough; others may be written to."""


def judge(response: Response) -> None:
    """Accept an answer, or raise what its code stands for.

    Raises: the classes of the table below; UpstreamRejected for a code nobody knows;
    UpstreamContractError for an answer without a code.
    """
    answer = response.json
    if not isinstance(answer, dict) or not isinstance(answer.get("code"), int):
        raise response.call.misfit(f"HTTP {response.status} without a code", response.request_id)
    code = answer["code"]
    if code == 0:
        return
    said = _Said(code, str(answer.get("msg") or ""), response)
    raise _MEANINGS.get(code, _rejected)(said)


class _Said:
    """A refusal, as the platform put it."""

    def __init__(self, code: int, message: str, response: Response) -> None:
        sub_code = _SUB_CODE.search(message)
        self.code = f"{code}"
        self.reason = message[:_REASON_LENGTH]
        self.detail = f"{code}{'/' + sub_code[1] if sub_code else ''} {self.reason}".strip()
        self.response = response

    def scopes(self) -> str:
        """The permissions of which one is missing, as the answer lists them."""
        error = self.response.json.get("error")
        violations = error.get("permission_violations") if isinstance(error, dict) else None
        each = violations if isinstance(violations, list) else []
        subjects = [str(one["subject"]) for one in each if isinstance(one, dict) and "subject" in one]
        listed = _LISTED.search(self.reason)
        return " / ".join(subjects or (listed[1].split(", ") if listed else ()))[:_REASON_LENGTH]

    @property
    def call(self) -> Call:
        return self.response.call

    def pause(self) -> timedelta:
        """What the rate-limit header asks for; fractions occur, and it may be missing."""
        try:
            seconds = float(self.response.headers.get(_RESET_HEADER, ""))
        except ValueError:
            seconds = _DEFAULT_PAUSE_SECONDS
        return timedelta(seconds=min(max(seconds, 0.0), _LONGEST_PAUSE_SECONDS))


_Meaning = Callable[[_Said], UpstreamError]


def _auth(text: str | None = None, kind: type[UpstreamAuthError] = UpstreamAuthError) -> _Meaning:
    """Somebody must mend something; ``text`` is the code of the sentence that says what."""

    def make(said: _Said) -> UpstreamError:
        call = said.call
        return kind(
            said.detail,
            platform=call.platform,
            operation=call.operation,
            request_id=said.response.request_id,
            code=text,
            values={"platform_code": said.code},
        )

    return make


def _no_scope(said: _Said) -> UpstreamError:
    call, scopes = said.call, said.scopes()
    return UpstreamAuthError(
        f"{said.code} {scopes}" if scopes else said.detail,
        platform=call.platform,
        operation=call.operation,
        request_id=said.response.request_id,
        code="feishu_scope",
        values={"platform_code": said.code, "scopes": scopes},
    )


def _busy(said: _Said) -> UpstreamError:
    return said.call.rate_limited(said.detail, said.pause(), said.response.request_id)


def _busy_target(said: _Said) -> UpstreamError:
    call = said.call
    return BusyTargetError(
        said.detail,
        platform=call.platform,
        operation=call.operation,
        retry_after=said.pause(),
        request_id=said.response.request_id,
    )


def _passing(said: _Said) -> UpstreamError:
    return said.call.unavailable(said.detail, said.response.request_id)


def _bug(said: _Said) -> UpstreamError:
    """We asked wrongly."""
    return said.call.misfit(said.detail, said.response.request_id)


def _refused(text: str | None) -> _Meaning:
    """This chat or person cannot be written to, or not like this; ``text`` as above."""

    def make(said: _Said) -> UpstreamError:
        call = said.call
        return UpstreamRejected(
            said.detail,
            platform=call.platform,
            operation=call.operation,
            platform_code=said.code,
            request_id=said.response.request_id,
            code=text,
            values={"reason": said.reason},
        )

    return make


_rejected = _refused(None)


_MEANINGS: Mapping[int, _Meaning] = {
    99991400: _busy,
    11232: _busy,
    230020: _busy_target,
    99991401: _auth("feishu_address"),
    99991403: _auth("feishu_quota"),
    99991661: _bug,
    99991662: _auth("feishu_disabled"),
    99991663: _auth(kind=StaleTokenError),
    99991664: _auth(),
    99991668: _auth(),
    99991671: _bug,
    SCOPE_MISSING: _no_scope,
    99991677: _auth(),
    99991679: _no_scope,
    10003: _auth("feishu_credentials"),
    10014: _auth("feishu_credentials"),
    10015: _auth("feishu_credentials"),
    11205: _auth("feishu_bot_off"),  # asked who the bot is
    212100: _auth("feishu_not_installed"),
    230002: _refused("feishu_not_in_chat"),
    230006: _auth("feishu_bot_off"),
    230013: _refused("feishu_out_of_range"),
    230018: _refused("feishu_muted"),
    230035: _refused("feishu_muted"),
    230049: _passing,  # the message is still being sent
}
