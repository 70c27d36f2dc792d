"""The mail server of the demo and the tests: a real one (aiosmtpd) whose mailboxes can be read over ``/_control``.

Weather knows the operations ``connect``, ``rcpt`` and ``data``; a ``status`` is the code that it answers, ``drop``
closes the connection, with ``handled`` after the mail was kept.
"""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.contracts.clock import Clock
from integrations.http.simulation import Answer, Asked, Route, Simulator, Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """One mail as a mailbox shows it."""

    number: int
    to: str
    at: datetime
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail taken apart."""
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


class _Deaf(asyncio.Protocol):
    """Hangs up on everybody."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


class EmailSimulator(Simulator):
    """``mails`` is what arrived. With ``tls`` it offers STARTTLS; with ``login`` it demands name and password."""

    def __init__(
        self, clock: Clock, *, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
    ) -> None:
        super().__init__(clock)
        self.mails: list[ReceivedMail] = []
        self.tries = 0
        """Conversations begun."""
        self._tls = tls
        self._login = login
        self._server: asyncio.Server | None = None

    @property
    def smtp_port(self) -> int:
        """Raises: RuntimeError before ``start``."""
        if self._server is None:
            raise RuntimeError("the simulator is not running")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def smtp_url(self) -> str:
        """For ``SMTP_URL``."""
        return f"smtp://127.0.0.1:{self.smtp_port}"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        await super().start(host, port)
        self._server = await asyncio.get_running_loop().create_server(self._conversation, "127.0.0.1", 0)

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        await super().stop()

    def control_routes(self) -> tuple[Route, ...]:
        return (Route("sent", "GET", "/_control/messages", self._show_mails),)

    def _conversation(self) -> asyncio.BaseProtocol:
        self.tries += 1
        if self.take_weather("connect").drop:
            return _Deaf()
        return SMTP(
            self,
            hostname="mail.example.com",
            tls_context=self._tls,
            auth_required=self._login is not None,
            auth_require_tls=self._tls is not None,
            auth_exclude_mechanism=() if self._login else ("LOGIN", "PLAIN"),
            authenticator=self._authenticate if self._login else None,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, offered: object
    ) -> AuthResult:
        given = (offered.login.decode(), offered.password.decode()) if isinstance(offered, LoginPassword) else None
        return AuthResult(success=given == self._login, handled=False)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._spoilt(server, self.take_weather("rcpt"))
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        weather = self.take_weather("data")
        if weather.handled or not (weather.drop or weather.status):
            self._keep(envelope)
        return await self._spoilt(server, weather) or "250 OK"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        for to in envelope.rcpt_tos:
            self.mails.append(ReceivedMail(number=len(self.mails) + 1, to=to, at=self.clock.now(), raw=raw))

    async def _spoilt(self, server: SMTP, weather: Weather) -> str:
        """The refusal of this weather; empty if it is fair."""
        if weather.delay_seconds:
            await self.clock.sleep(weather.delay_seconds)
        if weather.drop:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.get_running_loop().create_future()  # ends with the connection
        finer = f"{str(weather.status)[:1]}.2.0"
        return f"{weather.status} {finer} simulated" if weather.status else ""

    async def _show_mails(self, asked: Asked) -> Answer:
        """The record ``after`` a number."""
        after = int(asked.query.get("after", "0"))
        mails = [
            {"number": each.number, "to": each.to, "at": each.at, "subject": each.subject, "text": each.text}
            for each in self.mails
            if each.number > after
        ]
        return Answer(body={"messages": mails})
