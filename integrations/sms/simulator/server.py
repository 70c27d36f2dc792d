"""The simulated provider: signed requests, one message per idempotency key, states that move on when asked for."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.http.simulation import Answer, Asked, Route, Simulator
from integrations.sms.client import ACCOUNT_PATH, MESSAGE_PATH, MESSAGES_PATH
from integrations.sms.provider import LONGEST, State
from integrations.sms.signing import FRESH_FOR, KEY_HEADER, SIGNATURE_HEADER, TIME_HEADER, sign, verifies

DEMO_ACCESS_KEY = "demo-sms-key"
DEMO_SECRET = "demo-sms-secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """One accepted message, as the phone shows it."""

    number: int
    id: str
    key: str
    to: str
    text: str
    sender: str
    at: datetime
    state: State = "accepted"
    reason: str = ""


class SmsSimulator(Simulator):
    """``messages`` by id is the record. What is accepted counts as ``arriving`` when its state is first asked for."""

    def __init__(self, clock: Clock, *, secret: str = DEMO_SECRET) -> None:
        super().__init__(clock)
        self.messages: dict[str, SentMessage] = {}
        self.blocked: set[str] = set()
        """Numbers that the provider refuses at once, as ``+447700900100``."""
        self.arriving: State = "delivered"
        self.has_credit = True
        self._secret = Secret(secret)
        self._ids: dict[str, str] = {}

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("send", "POST", MESSAGES_PATH, self._send),
            Route("progress", "GET", MESSAGE_PATH, self._progress),
            Route("account", "GET", ACCOUNT_PATH, self._account),
        )

    def control_routes(self) -> tuple[Route, ...]:
        return (Route("sent", "GET", "/_control/messages", self._show_messages),)

    def _unsigned(self, asked: Asked) -> Answer | None:
        """401 unless key, time and signature are right."""
        timestamp = asked.headers.get(TIME_HEADER.lower(), "")
        own = sign(self._secret, method=asked.method, path=asked.path, timestamp=timestamp, body=asked.raw)
        if asked.headers.get(KEY_HEADER.lower()) != DEMO_ACCESS_KEY:
            return _refusal(401, "unknown_key")
        if not verifies(asked.headers.get(SIGNATURE_HEADER.lower(), ""), own):
            return _refusal(401, "bad_signature")
        age = self.clock.now().timestamp() - int(timestamp)
        return None if abs(age) <= FRESH_FOR.total_seconds() else _refusal(401, "stale")

    async def _send(self, asked: Asked) -> Answer:
        if refusal := self._unsigned(asked):
            return refusal
        body, key = asked.body, asked.headers.get("idempotency-key", "")
        if not key or not isinstance(body, dict) or not body.get("text") or not str(body.get("to")).startswith("+"):
            return _refusal(400, "incomplete")
        if len(body["text"].encode("utf-16-le")) > 2 * LONGEST:
            return _refusal(400, "text_too_long")
        if known := self.messages.get(self._ids.get(key, "")):
            same = (known.to, known.text) == (body["to"], body["text"])
            return Answer(body={"id": known.id}) if same else _refusal(409, "key_used_for_another_message")
        if not self.has_credit:
            return _refusal(402, "no_credit")
        if body["to"] in self.blocked:
            return _refusal(422, "number_blocked")
        return Answer(status=202, body={"id": self._accept(body["to"], body["text"], str(body["sender"]), key)})

    def _accept(self, to: str, text: str, sender: str, key: str) -> str:
        number = len(self.messages) + 1
        message_id = self._ids[key] = f"sms-{number}"
        self.messages[message_id] = SentMessage(
            number=number, id=message_id, key=key, to=to, text=text, sender=sender, at=self.clock.now()
        )
        return message_id

    async def _progress(self, asked: Asked) -> Answer:
        if refusal := self._unsigned(asked):
            return refusal
        message = self.messages.get(asked.params["id"])
        if message is None:
            return _refusal(404, "no_such_message")
        reason = "absent" if self.arriving == "failed" else ""
        self.messages[message.id] = replace(message, state=self.arriving, reason=reason)
        return Answer(body={"id": message.id, "state": self.arriving, "reason": reason})

    async def _account(self, asked: Asked) -> Answer:
        return self._unsigned(asked) or Answer(body={"key": DEMO_ACCESS_KEY})

    async def _show_messages(self, asked: Asked) -> Answer:
        """The record ``after`` a number."""
        after = int(asked.query.get("after", "0"))
        return Answer(body={"messages": [each for each in self.messages.values() if each.number > after]})


def _refusal(status: int, code: str) -> Answer:
    return Answer(status=status, body={"error": {"code": code}})
