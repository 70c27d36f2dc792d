"""Feishu's signatures and event encryption, for the channel, the simulator and senders alike.

Source: reference pages "Encrypt Key" and "event security check" of the Feishu open platform.
"""

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 16


class UnreadableCiphertext(ValueError):
    """The ciphertext does not open. One error for every cause, so that nobody learns which byte was wrong."""

    def __init__(self) -> None:
        super().__init__("the encrypted body cannot be read")


class EventKey:
    """An app's Encrypt Key, with the AES key derived once."""

    __slots__ = ("_aes", "_encoded")

    def __init__(self, encrypt_key: str) -> None:
        self._encoded = encrypt_key.encode()
        self._aes = AES(hashlib.sha256(self._encoded).digest())

    def __repr__(self) -> str:
        return "EventKey(***)"

    def sign(self, timestamp: str, nonce: str, body: bytes) -> str:
        """The ``X-Lark-Signature`` of a raw body: plain SHA-256 over a concatenation, not an HMAC."""
        return hashlib.sha256(_header_bytes(timestamp + nonce) + self._encoded + body).hexdigest()

    def verifies(self, signature: str, timestamp: str, nonce: str, body: bytes) -> bool:
        """True if ``signature`` belongs to exactly these bytes; compared in constant time."""
        return hmac.compare_digest(_header_bytes(signature), self.sign(timestamp, nonce, body).encode())

    def decrypt(self, encrypted: str) -> bytes:
        """The plaintext of an ``encrypt`` field. Raises: UnreadableCiphertext."""
        try:
            blob = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError as error:
            raise UnreadableCiphertext from error
        if len(blob) < 2 * _BLOCK or len(blob) % _BLOCK:
            raise UnreadableCiphertext
        decryptor = Cipher(self._aes, CBC(blob[:_BLOCK])).decryptor()
        padded = decryptor.update(blob[_BLOCK:]) + decryptor.finalize()
        count = padded[-1]
        if not 1 <= count <= _BLOCK or padded[-count:] != bytes([count]) * count:
            raise UnreadableCiphertext
        return padded[:-count]

    def encrypt(self, plaintext: bytes, iv: bytes) -> str:
        """The ``encrypt`` field that opens to ``plaintext``; ``iv`` is 16 bytes, fresh for each message."""
        count = _BLOCK - len(plaintext) % _BLOCK
        encryptor = Cipher(self._aes, CBC(iv)).encryptor()
        sealed = encryptor.update(plaintext + bytes([count]) * count) + encryptor.finalize()
        return base64.b64encode(iv + sealed).decode()


def sign_legacy_card(verification_token: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature of ``card.action.trigger_v1``: SHA-1 with the Verification Token."""
    prefix = _header_bytes(timestamp + nonce) + verification_token.encode()
    return hashlib.sha1(prefix + body).hexdigest()


def verifies_legacy_card(signature: str, verification_token: str, timestamp: str, nonce: str, body: bytes) -> bool:
    """True if a legacy card callback was signed with our Verification Token; compared in constant time."""
    expected = sign_legacy_card(verification_token, timestamp, nonce, body)
    return hmac.compare_digest(_header_bytes(signature), expected.encode())


def same_secret(given: str, expected: str) -> bool:
    """True if a token from a body is ours; compared in constant time."""
    return hmac.compare_digest(_header_bytes(given), expected.encode())


def _header_bytes(text: str) -> bytes:
    # HTTP servers hand undecodable header bytes over as surrogates
    return text.encode("utf-8", "surrogatepass")
