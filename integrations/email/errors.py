"""What the answers of a mail server mean to us, as one table.

Source: RFC 5321, 4.2 (codes), RFC 4954 (login), RFC 3463 (the finer codes after the first).
"""

import re

from bot.contracts.errors import UpstreamAuthError, UpstreamContractError, UpstreamError, UpstreamRejected
from integrations.http.answers import Call

CREDENTIALS_REFUSED = frozenset({530, 534, 535, 538})
_FINER = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


def meaning(call: Call, code: int, words: str) -> UpstreamError:
    """The error that a refusal stands for: nothing was taken. Its words are left out, which may tell addresses.

    Temporary (4xx) is to be tried again; permanent (5xx) is refused for good, or a matter of the credentials.
    """
    finer = _FINER.match(words)
    detail = f"{code} {finer.group()}" if finer else f"{code}"
    if 400 <= code < 500:
        return call.unsent(detail)
    if code in CREDENTIALS_REFUSED:
        return UpstreamAuthError(detail, platform=call.platform, operation=call.operation)
    if not 500 <= code < 600:
        return UpstreamContractError(detail, platform=call.platform, operation=call.operation)
    return UpstreamRejected(
        detail, platform=call.platform, operation=call.operation, platform_code=detail, values={"reason": detail}
    )


def insecure(call: Call, detail: str) -> UpstreamError:
    """The server offers no encryption, or proves to be another one: neither login nor mail goes there."""
    return UpstreamAuthError(detail, platform=call.platform, operation=call.operation, code="email_tls")
