"""Who may come in: credentials, tokens, signatures, addresses and places in the buckets."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.contracts.clock import Clock
from integrations.http.simulation import Answer, Asked
from integrations.lingxing import signing
from integrations.lingxing.session import ACCESS_TOKEN_PATH, REFRESH_PATH

_SIGN_LIFE_SECONDS = 120


def refusal(code: str, message: str) -> Answer:
    """The gateway's way of saying no: HTTP 200, the code as text."""
    return Answer(body={"code": code, "msg": message, "data": None})


class Gate:
    """One application's door. A new token makes the one before it stale; a refresh token works once."""

    def __init__(self, clock: Clock, app_id: str, app_secret: str) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.white_listed = True
        self.token_life_seconds = 7199
        self.capacities = {ACCESS_TOKEN_PATH: 100, REFRESH_PATH: 100}
        self._clock = clock
        self._issued = 0
        self._access = ""
        self._refresh = ""
        self._expires_at = datetime.min.replace(tzinfo=clock.now().tzinfo)
        self._refresh_expires_at = self._expires_at
        self._stale: set[str] = set()
        self._under_way: Counter[str] = Counter()

    def expire(self) -> None:
        """End the life of the present access token."""
        self._expires_at = self._clock.now()

    def replace_token(self) -> None:
        """What a second program with the same appId does: its new token makes ours stale."""
        self._issue()

    async def give_token(self, asked: Asked) -> Answer:
        fields = _fields(asked)
        if not self.white_listed:
            return _not_listed()
        if fields.get("appId") != self.app_id:
            return refusal("2001001", "appId not exist")
        if fields.get("appSecret") != self.app_secret:
            return refusal("2001002", "appSecret not correct")
        return self._issue()

    async def renew_token(self, asked: Asked) -> Answer:
        fields = _fields(asked)
        if not self.white_listed:
            return _not_listed()
        if fields.get("appId") != self.app_id:
            return refusal("2001001", "appId not exist")
        if not self._refresh or fields.get("refreshToken") != self._refresh:
            return refusal("2001009", "refresh token invalid")
        if self._clock.now() >= self._refresh_expires_at:
            return refusal("2001008", "refresh token expired")
        return self._issue()

    def enter(self, asked: Asked) -> Answer | None:
        """Take a place in the path's bucket; ``leave`` gives it back, also after a refusal."""
        self._under_way[asked.path] += 1
        if self._under_way[asked.path] > self.capacities.get(asked.path, 1):
            return refusal("3001008", "the token bucket of this path is empty")
        return None

    def leave(self, asked: Asked) -> None:
        self._under_way[asked.path] -= 1

    def refuses(self, asked: Asked) -> Answer | None:
        """Check the four parameters that every business call carries."""
        checks: tuple[Callable[[Asked], Answer | None], ...] = (self._address, self._token, self._age, self._sign)
        return next((answer for answer in (check(asked) for check in checks) if answer is not None), None)

    def _address(self, asked: Asked) -> Answer | None:
        if not self.white_listed:
            return _not_listed()
        if any(not asked.query.get(name) for name in ("access_token", "app_key", "timestamp", "sign")):
            return refusal("3001001", "missing parameter")
        if asked.query["app_key"] != self.app_id:
            return refusal("2001001", "appId not exist")
        return None

    def _token(self, asked: Asked) -> Answer | None:
        token = asked.query["access_token"]
        if token in self._stale:
            return refusal("2001005", "access token not match")
        if token != self._access or self._clock.now() >= self._expires_at:
            return refusal("2001003", "access token is missing or expired")
        return None

    def _age(self, asked: Asked) -> Answer | None:
        stamp = asked.query["timestamp"]
        now = self._clock.now().timestamp()
        if len(stamp) != 10 or not stamp.isdigit() or abs(now - int(stamp)) > _SIGN_LIFE_SECONDS:
            return refusal("2001007", "sign expired")
        return None

    def _sign(self, asked: Asked) -> Answer | None:
        parameters: dict[str, Any] = {**(asked.body if isinstance(asked.body, dict) else {}), **asked.query}
        if asked.query["sign"] != signing.sign(parameters, self.app_id):
            return refusal("2001006", "sign not correct")
        return None

    def _issue(self) -> Answer:
        now = self._clock.now()
        if self._access:
            self._stale.add(self._access)
        self._issued += 1
        self._access, self._refresh = f"access-{self._issued:08d}", f"refresh-{self._issued:08d}"
        self._expires_at = now + timedelta(seconds=self.token_life_seconds)
        self._refresh_expires_at = now + timedelta(hours=2)
        data = {
            "access_token": self._access,
            "refresh_token": self._refresh,
            "expires_in": self.token_life_seconds,
        }
        return Answer(body={"code": "200", "msg": "OK", "data": data})


def _fields(asked: Asked) -> dict[str, Any]:
    return asked.body if isinstance(asked.body, dict) else {}


def _not_listed() -> Answer:
    return refusal("3001002", "ip not in the white list: 203.0.113.7")
