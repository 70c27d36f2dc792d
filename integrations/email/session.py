"""One conversation with a mail server. Loads aiosmtplib, so it is imported where it is used."""

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from bot.contracts.errors import UpstreamAuthError, UpstreamUnavailable
from integrations.email.account import Account
from integrations.email.addresses import split_sender
from integrations.email.errors import insecure, meaning
from integrations.http.answers import Call


@asynccontextmanager
async def conversation(account: Account, call: Call) -> AsyncIterator[SMTP]:
    """A connection that is encrypted as demanded and logged in.

    Raises: UpstreamUnavailable if the server cannot be reached; UpstreamAuthError.
    """
    smtp = SMTP(
        hostname=account.host,
        port=account.port,
        use_tls=account.security == "tls",
        start_tls=False,  # by our own hand, to tell its failures from others
        tls_context=account.tls,
        timeout=account.timeout_seconds,
        local_hostname=split_sender(account.sender)[1].rpartition("@")[2],
    )
    try:
        with understood(call, call.unsent):
            await smtp.connect()
            await _secure(smtp, account, call)
            await _log_in(smtp, account, call)
        yield smtp
        with suppress(SMTPException, OSError):
            await smtp.quit()  # a courtesy: what was to be done is done
    finally:
        smtp.close()


@contextmanager
def understood(call: Call, silence: Callable[[str], UpstreamUnavailable]) -> Iterator[None]:
    """The library's errors as ours; ``silence`` makes the one for an answer that never came."""
    try:
        yield
    except SMTPResponseException as error:
        if error.code < 0:  # not a line of the protocol: as good as no answer
            raise silence("unreadable answer") from None
        raise meaning(call, error.code, error.message) from None
    except (SMTPException, OSError) as error:
        cause = error if isinstance(error, ssl.SSLError) else error.__cause__
        if isinstance(cause, ssl.SSLError):
            raise insecure(call, type(cause).__name__) from None
        raise silence(type(error).__name__) from None


async def _secure(smtp: SMTP, account: Account, call: Call) -> None:
    if account.security != "starttls":
        return
    await smtp.ehlo()
    if not smtp.supports_extension("starttls"):
        raise insecure(call, "no STARTTLS")
    await smtp.starttls()


async def _log_in(smtp: SMTP, account: Account, call: Call) -> None:
    if not account.username:
        return
    await smtp.ehlo()
    if not smtp.supported_auth_methods:
        raise UpstreamAuthError("no login offered", platform=call.platform, operation=call.operation)
    await smtp.login(account.username, account.password.reveal())
