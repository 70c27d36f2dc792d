"""What the codes of WeCom's group robots mean to us, as one table.

Source: WeCom developer centre, "群机器人配置说明" and "全局错误码".
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.contracts.errors import UpstreamAuthError, UpstreamError, UpstreamRejected
from integrations.http.answers import Response

CONTENT_REFUSED = frozenset({"40008", "40058", "44004", "45002"})
"""The form of the message is the trouble: the same as plain text may pass."""

_PAUSE = timedelta(minutes=1)
_REASON_LENGTH = 200


def judge(response: Response) -> None:
    """Accept an answer, or raise what its code stands for.

    Raises: the classes of the table below; UpstreamRejected for a code nobody knows;
    UpstreamContractError for an answer without a code.
    """
    answer = response.json
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if not isinstance(code, int):
        raise response.call.misfit(f"HTTP {response.status} without a code", response.request_id)
    if code == 0:
        return
    detail = f"{code} {_reason(answer.get('errmsg'))}".strip()
    raise _MEANINGS.get(code, _rejected)(response, code, detail)


def _reason(message: object) -> str:
    """The platform's own words without what it appends for its support."""
    return str(message or "").partition(", hint")[0].partition(", from ip")[0][:_REASON_LENGTH]


def _busy(response: Response, code: int, detail: str) -> UpstreamError:
    return response.call.rate_limited(detail, _PAUSE, response.request_id)


def _unknown_robot(response: Response, code: int, detail: str) -> UpstreamError:
    return UpstreamAuthError(
        detail,
        platform=response.call.platform,
        operation=response.call.operation,
        code="wecom_key",
        values={"platform_code": f"{code}"},
    )


def _overloaded(response: Response, code: int, detail: str) -> UpstreamError:
    """The platform says itself that nothing was done and that asking again is right."""
    return response.call.unsent(detail)


def _rejected(response: Response, code: int, detail: str) -> UpstreamError:
    return UpstreamRejected(
        detail,
        platform=response.call.platform,
        operation=response.call.operation,
        platform_code=f"{code}",
        values={"reason": detail},
    )


_MEANINGS: Mapping[int, Callable[[Response, int, str], UpstreamError]] = {
    -1: _overloaded,
    45009: _busy,
    45033: _busy,
    93000: _unknown_robot,  # the key is wrong, or the robot was removed from its group
    93008: _unknown_robot,  # not in the group any more
}
