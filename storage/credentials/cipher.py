"""Encryption of single values at rest: AES-256-GCM under one of several keys."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class UnreadableSecretError(Exception):
    """None of the configured keys opens the value."""


class Cipher:
    """The first key encrypts, every key decrypts. ``context`` binds a value to its place in the database."""

    def __init__(self, *keys: bytes) -> None:
        self._ciphers = [AESGCM(key) for key in keys]

    def encrypt(self, value: str, context: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[0].encrypt(nonce, value.encode(), context.encode())
        return base64.b64encode(nonce + sealed).decode()

    def decrypt(self, sealed: str, context: str) -> str:
        """The value. Raises: UnreadableSecretError."""
        blob = base64.b64decode(sealed)
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], context.encode()).decode()
            except InvalidTag:
                continue
        raise UnreadableSecretError(context)
