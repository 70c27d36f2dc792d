"""A client and its own mail server, with certificates made for the test."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.contracts.clock import SystemClock
from bot.contracts.secret import Secret
from integrations.email.account import Account, Security
from integrations.email.client import EmailClient
from integrations.email.mail import Mail
from integrations.email.simulator import EmailSimulator
from integrations.http.buckets import ProcessBuckets

LOGIN = ("zhanggui@example.com", "a-password")
TO = "chen@example.com"


def a_mail(**changed: Any) -> Mail:
    """A short mail to ``TO``."""
    parts = {"id": "M1-1", "to": TO, "subject": "断货", "text": "你好\n.\n", "html": "<b>你好</b>"}
    return Mail(**(parts | changed))


@asynccontextmanager
async def opened(
    *,
    security: Security = "plain",
    server_tls: ssl.SSLContext | None = None,
    trust: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    given: tuple[str, str] = LOGIN,
) -> AsyncIterator[tuple[EmailClient, EmailSimulator]]:
    """Both sides on loopback. ``login`` is what the server demands, ``given`` what the client then has."""
    clock = SystemClock()
    async with EmailSimulator(clock, tls=server_tls, login=login) as simulator:
        account = Account(
            host="127.0.0.1",
            port=simulator.smtp_port,
            security=security,
            sender="掌柜 <zhanggui@example.com>",
            username=given[0] if login else "",
            password=Secret(given[1]),
            timeout_seconds=1.0,
            tls=trust,
        )
        yield EmailClient(account=account, buckets=ProcessBuckets(clock), clock=clock), simulator


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server on 127.0.0.1 shows, and a client that trusts exactly that."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *plain))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=made.public_bytes(pem).decode())
