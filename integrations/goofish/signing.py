"""闲管家's signature, of our calls and of its pushes alike; for client, door and simulator.

MD5 is what the platform uses. It covers the exact bytes of the body: they are written once, signed and sent.
Source: reference section 3.1.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.contracts.secret import Secret

FRESH_SECONDS = 300
EMPTY_BODY = b"{}"

Verdict = Literal["genuine", "forged", "stale"]

_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppKey:
    """An app's credentials. With ``seller_id`` it is a business partner's (商务对接), which signs for one seller.

    Raises: ValueError without a key or a secret.
    """

    app_key: str
    app_secret: Secret
    seller_id: str = ""

    def __post_init__(self) -> None:
        if not (self.app_key and self.app_secret.reveal()):
            raise ValueError("without an app key and its secret anybody could be 闲管家")

    def query(self, body: bytes, timestamp: int) -> dict[str, str]:
        """The query of a call or a push with exactly this body."""
        sign = self._sign(body, str(timestamp), self.seller_id)
        seller = {"seller_id": self.seller_id} if self.seller_id else {}
        return {"appid": self.app_key, "timestamp": str(timestamp), "sign": sign, **seller}

    def judge(self, query: Mapping[str, str], body: bytes, *, now: datetime) -> Verdict:
        """What a query says about exactly these bytes; ``stale`` is genuine, but over 300 s away from ``now``.

        A partner's pushes may be signed with or without the seller: which, no page tells.
        """
        timestamp = query.get("timestamp", "")
        if not _same(query.get("appid", ""), self.app_key) or not _TIMESTAMP.fullmatch(timestamp):
            return "forged"
        offered = query.get("sign", "")
        if not any([_same(offered, self._sign(body, timestamp, each)) for each in {self.seller_id, ""}]):
            return "forged"
        return "genuine" if abs(now.timestamp() - int(timestamp)) <= FRESH_SECONDS else "stale"

    def _sign(self, body: bytes, timestamp: str, seller_id: str) -> str:
        parts = [self.app_key, _md5(body), timestamp, *([seller_id] if seller_id else []), self.app_secret.reveal()]
        return _md5(",".join(parts).encode())


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _same(offered: str, own: str) -> bool:
    """Compared in constant time, whatever signs were sent."""
    return hmac.compare_digest(offered.encode(errors="surrogateescape"), own.encode())
