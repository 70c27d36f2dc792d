"""Who may write through the simulated platform, to whom, and how often."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.contracts.clock import Clock
from integrations.http.simulation import Answer, Asked

WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The platform's rates: per number and second; to one person so many at once, then one each ``pair_seconds``."""

    per_second: int = 80
    pair_burst: int = 45
    pair_seconds: float = 6.0


def refusal(code: int, details: str, *, status: int = 400) -> Answer:
    """An error as the platform words it."""
    error: dict[str, Any] = {
        "message": f"(#{code}) {details}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "Asimulated",
    }
    return Answer(status=status, body={"error": error})


class Gate:
    """Token, windows, exact rates. A refused message does not count; ``refusals`` tells how many there were."""

    def __init__(self, clock: Clock, access_token: str, limits: Limits) -> None:
        self.limits = limits
        self.refusals: Counter[int] = Counter()
        self.blocked: set[str] = set()
        """People who cannot be reached: no account, or they blocked the number."""
        self._clock = clock
        self._access_token = access_token
        self._sent_at: deque[datetime] = deque()
        self._pairs: dict[str, tuple[datetime, float]] = {}
        self._wrote_at: dict[str, datetime] = {}

    def expire_token(self) -> None:
        """The access token is not valid any more."""
        self._access_token = ""

    def heard_from(self, person_id: str) -> None:
        """The person wrote: their window is open for 24 hours."""
        self._wrote_at[person_id] = self._clock.now()

    def close_window(self, person_id: str) -> None:
        """As if the person had not written for a day."""
        self._wrote_at.pop(person_id, None)

    def unauthorised(self, asked: Asked) -> Answer | None:
        """401 unless the token is right."""
        if self._access_token and asked.headers.get("authorization") == f"Bearer {self._access_token}":
            return None
        return self._count(190, refusal(190, "Error validating access token", status=401))

    def window_closed(self, person_id: str) -> bool:
        wrote_at = self._wrote_at.get(person_id)
        return wrote_at is None or self._clock.now() - wrote_at >= WINDOW

    def refuses(self, person_id: str) -> Answer | None:
        """Count a message to the person, or refuse it for haste."""
        now = self._clock.now()
        while self._sent_at and now - self._sent_at[0] >= timedelta(seconds=1):
            self._sent_at.popleft()
        if len(self._sent_at) >= self.limits.per_second:
            return self._count(130429, refusal(130429, "Rate limit hit"))
        since, left = self._pairs.get(person_id, (now, float(self.limits.pair_burst)))
        left = min(self.limits.pair_burst, left + (now - since).total_seconds() / self.limits.pair_seconds)
        if left < 1:
            return self._count(131056, refusal(131056, "(Business Account, Consumer Account) pair rate limit hit"))
        self._pairs[person_id] = (now, left - 1)
        self._sent_at.append(now)
        return None

    def _count(self, code: int, answer: Answer) -> Answer:
        self.refusals[code] += 1
        return answer
