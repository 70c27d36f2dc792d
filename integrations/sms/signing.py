"""The signature of the HTTP provider, for the client and the simulator alike.

Base64 of an HMAC-SHA256 over method, path, time and the SHA-256 of the body in hexadecimal, one per line. What it
covers cannot be sent again later (the time), elsewhere (the path) or with other words (the body).
"""

import base64
import hashlib
import hmac
from datetime import timedelta

from bot.contracts.secret import Secret

KEY_HEADER = "X-Key-Id"
TIME_HEADER = "X-Timestamp"
SIGNATURE_HEADER = "X-Signature"
FRESH_FOR = timedelta(minutes=5)


def sign(secret: Secret, *, method: str, path: str, timestamp: str, body: bytes) -> str:
    """The value of ``X-Signature``; ``timestamp`` is the one of ``X-Timestamp`` (Unix seconds)."""
    text = "\n".join((method, path, timestamp, hashlib.sha256(body).hexdigest()))
    return base64.b64encode(hmac.new(secret.reveal().encode(), text.encode(), hashlib.sha256).digest()).decode()


def verifies(offered: str, own: str) -> bool:
    """Compared in constant time, whatever signs were sent."""
    return hmac.compare_digest(offered.encode(errors="surrogateescape"), own.encode())
