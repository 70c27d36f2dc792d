"""Handing mails to a server over SMTP, one conversation for each.

There is no idempotency key: once the text of a mail was sent, silence may mean that it was taken. The Message-ID then
lets who receives it twice tell, no more.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamError, UpstreamRejected
from integrations.email.account import Account
from integrations.email.addresses import is_address, split_sender
from integrations.email.mail import Mail
from integrations.http.answers import Call
from integrations.http.buckets import BucketStore, Limit
from integrations.http.transport import Observer

PLATFORM = "email"
_AT_ONCE = 4
_PER_MINUTE = 60

_log = structlog.get_logger(PLATFORM)


def _unobserved(platform: str, operation: str, outcome: str, seconds: float) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailClient:
    """One account. Every method raises UpstreamError; a mail of which it is not known is UpstreamUnclear."""

    account: Account
    buckets: BucketStore
    clock: Clock
    observer: Observer = field(default=_unobserved)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a mail may go."""
        at_once, pace = Limit(f"{PLATFORM}:at_once", _AT_ONCE), Limit(f"{PLATFORM}:minute", _PER_MINUTE, 60.0)
        async with self.buckets.admit(at_once, pace):
            yield

    async def send(self, mail: Mail) -> None:
        """Hand one mail over, inside a ``turn``.

        Raises: UpstreamUnavailable before its text was sent, or for a temporary refusal; UpstreamUnclear after that;
        UpstreamRejected for good, also for an address that cannot be one.
        """
        if not is_address(mail.to):
            raise UpstreamRejected(
                "no mail address", platform=PLATFORM, operation="send", platform_code="address", code="email_address"
            )
        await self._told("send", lambda call: self._send(call, mail))

    async def check(self) -> None:
        """Connect, encrypt and log in, and send nothing."""
        await self._told("check", self._check)

    async def _send(self, call: Call, mail: Mail) -> None:
        from integrations.email.mime import as_bytes
        from integrations.email.session import conversation, understood

        content = as_bytes(mail, sender=self.account.sender, at=self.clock.now())
        async with conversation(self.account, call) as smtp:
            with understood(call, call.unsent):
                await smtp.mail(split_sender(self.account.sender)[1])
                await smtp.rcpt(mail.to)
            with understood(call, call.unavailable):
                await smtp.data(content)

    async def _check(self, call: Call) -> None:
        from integrations.email.session import conversation

        async with conversation(self.account, call):
            pass

    async def _told(self, operation: str, run: Callable[[Call], Awaitable[None]]) -> None:
        """Run one operation and report how it went."""
        call = Call(platform=PLATFORM, operation=operation, idempotent=False)
        started, outcome, detail = self.clock.now(), "ok", ""
        try:
            await run(call)
        except UpstreamError as error:
            outcome, detail = error.code, error.detail
            raise
        finally:
            seconds = (self.clock.now() - started).total_seconds()
            self.observer(PLATFORM, operation, outcome, seconds)
            say = _log.debug if outcome == "ok" else _log.warning
            say(
                "platform_call",
                platform=PLATFORM,
                operation=operation,
                outcome=outcome,
                seconds=round(seconds, 3),
                detail=detail,
            )
