"""The simulated platform: robots by key, their groups' messages, the real limits of size and pace."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.contracts.clock import Clock
from integrations.http.simulation import ANY, Answer, Asked, Route, Simulator, Weather
from integrations.wecom.client import LONGEST, SEND_PATH

DEMO_KEY = "demo-robot-key"
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """One accepted message, as the robot's group shows it."""

    number: int
    key: str
    form: str
    text: str
    at: datetime


class WeComSimulator(Simulator):
    """``messages`` is the record of what robots said; ``refusals`` the codes of what they were refused."""

    def __init__(self, clock: Clock, *, keys: tuple[str, ...] = (DEMO_KEY,), per_minute: int = 20) -> None:
        super().__init__(clock)
        self.messages: list[SentMessage] = []
        self.refusals: list[int] = []
        self._said: dict[str, deque[datetime]] = {key: deque() for key in keys}
        self._per_minute = per_minute

    def robot_url(self, key: str = DEMO_KEY) -> str:
        """The address that the platform shows for the robot, for ``WECOM_ROBOT_URL``."""
        return f"{self.base_url}{SEND_PATH}?key={key}"

    def remove_robot(self, key: str = DEMO_KEY) -> None:
        """As if somebody had taken it out of its group."""
        self._said.pop(key, None)

    def next_code(self, code: int, *, times: int = 1) -> None:
        """Answer the next ``times`` calls with an error code."""
        self.set_weather(Weather(operation=ANY, body={"errcode": code, "errmsg": "simulated"}, times=times))

    def routes(self) -> tuple[Route, ...]:
        return (Route("send", "POST", SEND_PATH, self._send),)

    def control_routes(self) -> tuple[Route, ...]:
        return (Route("sent", "GET", "/_control/messages", self._show_messages),)

    async def _send(self, asked: Asked) -> Answer:
        body = asked.body if isinstance(asked.body, dict) else {}
        key, form = asked.query.get("key", ""), str(body.get("msgtype"))
        code = self._refused(key, form, body.get(form))
        if code:
            self.refusals.append(code)
            return Answer(body={"errcode": code, "errmsg": "simulated, hint: [1], from ip: 203.0.113.7"})
        now = self.clock.now()
        self._said[key].append(now)
        text = body[form]["content"]
        self.messages.append(SentMessage(number=len(self.messages) + 1, key=key, form=form, text=text, at=now))
        return Answer(body={"errcode": 0, "errmsg": "ok"})

    def _refused(self, key: str, form: str, content: Any) -> int:
        """The code of a refusal, 0 for none."""
        said = self._said.get(key)
        if said is None:
            return 93000
        if form not in ("markdown", "text"):
            return 40008
        text = content.get("content") if isinstance(content, dict) else None
        if not isinstance(text, str) or not text.strip():
            return 44004
        if len(text.encode()) > LONGEST["markdown" if form == "markdown" else "text"]:
            return 40058
        while said and self.clock.now() - said[0] >= _MINUTE:
            said.popleft()
        return 45009 if len(said) >= self._per_minute else 0

    async def _show_messages(self, asked: Asked) -> Answer:
        """The record ``after`` a number."""
        after = int(asked.query.get("after", "0"))
        return Answer(body={"messages": [each for each in self.messages if each.number > after]})
