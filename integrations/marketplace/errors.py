"""What a bridge's refusal of a command means to us. A refusal of what the command asks is no error but an answer."""

from collections.abc import Callable, Mapping

from bot.contracts.errors import UpstreamAuthError, UpstreamError
from integrations.http.answers import Response


def judge(response: Response) -> None:
    """Accept an answer, or raise what its status stands for.

    Raises: UpstreamAuthError for a signature that the bridge does not know; UpstreamUnclear for an answer to a command
    that is no object; UpstreamContractError if the bridge takes no commands at that address.
    """
    if response.status in _MEANINGS:
        raise _MEANINGS[response.status](response)
    if isinstance(response.json, dict) and (response.status < 400 or "result" in response.json):
        return
    raise unfit(response, f"HTTP {response.status} without a result")


def unfit(response: Response, detail: str) -> UpstreamError:
    """The error for an answer nobody understands: below 400 the command may have been done all the same."""
    known = response.call.unavailable if response.status < 400 else response.call.misfit
    return known(detail, response.request_id)


def _auth(response: Response) -> UpstreamError:
    return UpstreamAuthError(
        f"HTTP {response.status}",
        platform=response.call.platform,
        operation=response.call.operation,
        request_id=response.request_id,
    )


_MEANINGS: Mapping[int, Callable[[Response], UpstreamError]] = {401: _auth, 403: _auth}
