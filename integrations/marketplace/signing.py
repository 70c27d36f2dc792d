"""Signatures of Standard Webhooks, for the door, the client and the simulator alike: events in, commands out.

Source: standard-webhooks/standard-webhooks, ``spec/standard-webhooks.md``.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from bot.contracts.secret import Secret

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
FRESH_SECONDS = 300
SECRET_PREFIX = "whsec_"

Verdict = Literal["genuine", "forged", "stale"]

_VERSION = "v1,"
_ID = re.compile(r"[\x21-\x7e]{1,200}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_KEY_BYTES = range(24, 65)
_MOST_SIGNATURES = 10


class BadSecret(ValueError):
    """Not ``whsec_`` and the base64 of 24 to 64 bytes. Its words never hold the secret."""


class Signer:
    """What one source signs with: several secrets while they rotate, all of which sign and any of which verifies.

    Raises: BadSecret for a secret that is none, ValueError for no secret at all.
    """

    __slots__ = ("_keys",)

    def __init__(self, secrets: Sequence[Secret]) -> None:
        if not secrets:
            raise ValueError("without a secret anybody could be the source")
        self._keys = tuple(_key(each.reveal()) for each in secrets)

    def __repr__(self) -> str:
        return "Signer(***)"

    def sign(self, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        """The three headers of one attempt; ``message_id`` is the same on every retry, ``timestamp`` is not."""
        made = " ".join(_signature(key, message_id, str(timestamp), body) for key in self._keys)
        return {ID_HEADER: message_id, TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: made}

    def judge(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Verdict:
        """What the headers say about exactly these bytes; ``stale`` is genuine, but over 300 s away from ``now``.

        Note: ``headers`` must look names up without regard to case, as aiohttp's do, or hold lower case.
        """
        message_id, timestamp = headers.get(ID_HEADER, ""), headers.get(TIMESTAMP_HEADER, "")
        if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
            return "forged"
        offered = headers.get(SIGNATURE_HEADER, "").split(" ")[:_MOST_SIGNATURES]
        ours = [_signature(key, message_id, timestamp, body) for key in self._keys]
        if not any([_same(each, own) for each in offered for own in ours]):  # no short cut: the same time for all
            return "forged"
        return "genuine" if abs(now.timestamp() - int(timestamp)) <= FRESH_SECONDS else "stale"


def split_secrets(text: str) -> list[Secret]:
    """Several secrets, separated by commas or spaces, as settings hold them."""
    return [Secret(each) for each in re.split(r"[,\s]+", text.strip()) if each]


def _key(secret: str) -> bytes:
    """Raises: BadSecret."""
    prefix, encoded = secret[: len(SECRET_PREFIX)], secret[len(SECRET_PREFIX) :]
    if prefix != SECRET_PREFIX:
        raise BadSecret(f"does not begin with {SECRET_PREFIX}")
    try:
        key = binascii.a2b_base64(encoded.encode(), strict_mode=True)
    except binascii.Error as error:
        raise BadSecret(f"has no standard base64 after {SECRET_PREFIX}") from error
    if len(key) not in _KEY_BYTES:
        raise BadSecret(f"holds {len(key)} bytes instead of 24 to 64")
    return key


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return _VERSION + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _same(offered: str, own: str) -> bool:
    """Compared in constant time; a version other than ours is never the same."""
    return hmac.compare_digest(offered.encode(errors="surrogateescape"), own.encode())
