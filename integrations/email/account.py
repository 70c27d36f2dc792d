"""The account that mails are handed over with."""

import ssl
from dataclasses import dataclass, field
from typing import Literal

from bot.contracts.secret import Secret

Security = Literal["tls", "starttls", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where mails are handed over, and as whom. ``sender`` is ``name@host`` or ``Name <name@host>``.

    ``tls``: whom to trust instead of the usual authorities. Units: ``timeout_seconds`` for each answer.
    """

    host: str
    port: int
    security: Security
    sender: str
    username: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    timeout_seconds: float = 30.0
    tls: ssl.SSLContext | None = None
