"""Meta's webhook signature, for the channel, the simulator and senders alike.

Source: WhatsApp Cloud API, "Webhooks: validating payloads". The HMAC covers the raw bytes: parsed and written again
they give another signature, because the platform sends ``\\uXXXX`` and ``\\/`` where others do not.
"""

import hashlib
import hmac

SIGNATURE_HEADER = "X-Hub-Signature-256"
_PREFIX = "sha256="


class AppSecret:
    """An app's secret, which signs every delivery. Raises: ValueError if it is empty."""

    __slots__ = ("_key",)

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("without an app secret anybody could be WhatsApp")
        self._key = secret.encode()

    def __repr__(self) -> str:
        return "AppSecret(***)"

    def sign(self, body: bytes) -> str:
        """The ``X-Hub-Signature-256`` of a raw body."""
        return _PREFIX + hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def verifies(self, signature: str, body: bytes) -> bool:
        """True if ``signature``, prefix included, belongs to exactly these bytes; compared in constant time."""
        return same_secret(signature, self.sign(body))


def same_secret(offered: str, own: str) -> bool:
    """Equal and not empty; compared in constant time, whatever signs were sent."""
    return bool(own) and hmac.compare_digest(offered.encode(errors="surrogateescape"), own.encode())
