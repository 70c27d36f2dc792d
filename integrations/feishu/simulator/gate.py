"""Who may call the simulated platform, and how often."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.contracts.clock import Clock
from integrations.http.simulation import Answer, Asked

_SAME_TOKEN_UNTIL = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The platform's rates: per app and operation, per chat or person, per edited message."""

    per_second: int = 50
    per_minute: int = 1000
    per_target_second: int = 5
    per_message_second: int = 5


def refusal(code: int, message: str, *, status: int = 400, headers: Mapping[str, str] | None = None) -> Answer:
    """An error as the platform words it."""
    return Answer(status=status, body={"code": code, "msg": message, "error": {}}, headers=headers or {})


class Gate:
    """Tokens and exact sliding windows. A refused call does not count; ``refusals`` tells how many there were."""

    def __init__(self, clock: Clock, app_id: str, app_secret: str, limits: Limits) -> None:
        self.limits = limits
        self.token_life = timedelta(hours=2)
        self.refusals: Counter[int] = Counter()
        self._clock = clock
        self._app_id = app_id
        self._app_secret = app_secret
        self._tokens: dict[str, datetime] = {}
        self._given = 0
        self._windows: dict[tuple[str, float], deque[float]] = {}

    async def give_token(self, asked: Asked) -> Answer:
        """The tenant access token: the same while 30 minutes remain, then a new one beside it."""
        body: Mapping[str, Any] = asked.body if isinstance(asked.body, dict) else {}
        if body.get("app_id") != self._app_id:
            return refusal(10003, "invalid param", status=200)
        if body.get("app_secret") != self._app_secret:
            return refusal(10015, "app secret invalid", status=200)
        now = self._clock.now()
        self._tokens = {token: end for token, end in self._tokens.items() if end > now}
        current = next((token for token, end in self._tokens.items() if end - now >= _SAME_TOKEN_UNTIL), "")
        if not current:
            self._given += 1
            current = f"t-simulated-{self._given}"
            self._tokens[current] = now + self.token_life
        remaining = int((self._tokens[current] - now).total_seconds())
        return Answer(body={"code": 0, "msg": "ok", "tenant_access_token": current, "expire": remaining})

    def expire_tokens(self) -> None:
        """Take back every token that was given out."""
        self._tokens.clear()

    def refuses(self, asked: Asked) -> Answer | None:
        """The refusal of a call without a living token, or None."""
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            return self._count(refusal(99991661, "Missing access token for authorization"))
        if not token.startswith("t-"):
            return self._count(refusal(99991671, "token must start with t- or u-"))
        if self._tokens.get(token, self._clock.now()) <= self._clock.now():
            return self._count(refusal(99991663, "Invalid access token for authorization"))
        return None

    def over_app_limit(self, operation: str) -> Answer | None:
        """Count a call of the app, or refuse it."""
        wait = self._take((operation, self.limits.per_second, 1.0), (operation, self.limits.per_minute, 60.0))
        if not wait:
            return None
        headers = {"x-ogw-ratelimit-limit": str(self.limits.per_second), "x-ogw-ratelimit-reset": f"{wait:.3f}"}
        return self._count(refusal(99991400, "request trigger frequency limit", status=429, headers=headers))

    def over_target_limit(self, target: str, count: int) -> Answer | None:
        """Count a call to one chat, person or message, or refuse it."""
        if not self._take((target, count, 1.0)):
            return None
        return self._count(refusal(230020, "This operation triggers the frequency limit"))

    def _take(self, *limits: tuple[str, int, float]) -> float:
        """Count a call in all windows; if one is full, in none, and say after how many seconds it has room."""
        now = self._clock.now().timestamp()
        windows = [self._windows.setdefault((key, seconds), deque()) for key, _, seconds in limits]
        wait = 0.0
        for window, (_, count, seconds) in zip(windows, limits, strict=True):
            while window and window[0] <= now - seconds:
                window.popleft()
            if len(window) >= count:
                wait = max(wait, window[0] + seconds - now)
        if not wait:
            for window in windows:
                window.append(now)
        return wait

    def _count(self, answer: Answer) -> Answer:
        self.refusals[answer.body["code"]] += 1
        return answer
