"""How Lingxing's requests are signed; client and simulator use the same functions."""

import base64
import hashlib
import json
from collections.abc import Mapping

from bot.contracts.feature import JsonValue

KEY_LENGTHS = (16, 24, 32)


def cleaned(parameters: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What may be sent: no nulls at any depth, no empty text at the top, nested keys in order.

    Every known client signs this form the same way, however it treats the other forms.
    """
    tidy = {name: _tidy(value) for name, value in sorted(parameters.items())}
    return {name: value for name, value in tidy.items() if value not in (None, "", {})}


def body_bytes(parameters: Mapping[str, JsonValue]) -> bytes:
    """The cleaned parameters as the JSON text that is sent and that the signature is about."""
    return _compact(dict(parameters)).encode()


def canonical(parameters: Mapping[str, JsonValue]) -> str:
    """All parameters of query and body as one line, sorted by ASCII.

    Source: reference section 4.1, steps 1 to 5.
    """
    pairs = ((name, _rendered(value)) for name, value in parameters.items() if name != "sign")
    return "&".join(f"{name}={text}" for name, text in sorted(pairs) if text)


def sign(parameters: Mapping[str, JsonValue], app_id: str) -> str:
    """The signature in base64, 64 characters, not yet encoded for an address.

    Raises: ValueError if ``app_id`` cannot be an AES key.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    digest = hashlib.md5(canonical(parameters).encode(), usedforsecurity=False).hexdigest().upper()
    padded = digest.encode() + bytes([16]) * 16
    encryptor = Cipher(algorithms.AES(app_id.encode()), modes.ECB()).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _tidy(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _tidy(item) for name, item in sorted(value.items()) if item is not None}
    if isinstance(value, list):
        return [_tidy(item) for item in value if item is not None]
    return value


def _rendered(value: JsonValue) -> str:
    return value if isinstance(value, str) else _compact(value)


def _compact(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
