"""A provider of text messages over plain JSON, as a small gateway in front of any real one can offer it.

- ``POST /v1/messages`` ``{"to": "+447700900100", "text": "…", "sender": "…"}`` with ``Idempotency-Key`` answers
  ``{"id": "…"}``, the same id for the same key for at least a day, and sends once.
- ``GET /v1/messages/{id}`` answers ``{"state": "accepted|sent|delivered|failed", "reason": "…"}``.
- ``GET /v1/account`` answers an object, if key and signature are right.

Every request is signed (``signing``). Refusals are ``{"error": {"code": "…"}}`` below 401 (key or signature), 402 (no
credit), 429 with ``Retry-After``, or another 4xx (number, text); 5xx and silence are tried again under the same key.
"""

import re
from typing import cast, get_args
from urllib.parse import quote

import orjson

from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamRateLimited, UpstreamRejected
from bot.contracts.secret import Secret
from integrations.http.answers import Response
from integrations.http.buckets import BucketStore, Limit
from integrations.http.transport import Transport
from integrations.sms.provider import PLATFORM, Progress, State
from integrations.sms.signing import KEY_HEADER, SIGNATURE_HEADER, TIME_HEADER, sign

MESSAGES_PATH = "/v1/messages"
MESSAGE_PATH = "/v1/messages/{id}"
ACCOUNT_PATH = "/v1/account"

_NUMBER = re.compile(r"\+?([1-9]\d{4,14})")
_PER_SECOND = 10


class HttpSms:
    """``SmsProvider`` over one account."""

    def __init__(
        self,
        access_key: str,
        secret: Secret,
        transport: Transport,
        *,
        sender: str,
        buckets: BucketStore,
        clock: Clock,
    ) -> None:
        self._access_key = access_key
        self._secret = secret
        self._transport = transport
        self._sender = sender
        self._buckets = buckets
        self._clock = clock

    async def send(self, to: str, text: str, *, key: str) -> str:
        """See ``SmsProvider``; paced to what providers usually take."""
        number = _NUMBER.fullmatch(to)
        if number is None:
            raise UpstreamRejected(
                "no number in international form",
                platform=PLATFORM,
                operation="send",
                platform_code="number",
                code="sms_number",
            )
        body = orjson.dumps({"to": f"+{number[1]}", "text": text, "sender": self._sender})
        bucket = f"{PLATFORM}:account"
        async with self._buckets.admit(Limit(bucket, _PER_SECOND, 1.0)):
            try:
                response = await self._call("send", "POST", MESSAGES_PATH, body, {"Idempotency-Key": key})
            except UpstreamRateLimited as error:
                self._buckets.pause(bucket, error.retry_after)
                raise
        message_id = response.json.get("id")
        if not isinstance(message_id, str) or not message_id:
            raise response.call.misfit("a message without an id", response.request_id)
        return message_id

    async def progress(self, message_id: str) -> Progress:
        """See ``SmsProvider``."""
        response = await self._call("progress", "GET", MESSAGE_PATH.format(id=quote(message_id, safe="")))
        state = response.json.get("state")
        if state not in get_args(State):
            raise response.call.misfit("a message in a state nobody knows", response.request_id)
        return Progress(cast(State, state), str(response.json.get("reason") or "")[:60])

    async def check(self) -> None:
        """See ``SmsProvider``."""
        await self._call("account", "GET", ACCOUNT_PATH)

    async def _call(
        self, operation: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Response:
        timestamp = f"{self._clock.now().timestamp():.0f}"
        signature = sign(self._secret, method=method, path=path, timestamp=timestamp, body=body)
        signed = {KEY_HEADER: self._access_key, TIME_HEADER: timestamp, SIGNATURE_HEADER: signature}
        return await self._transport.call(
            operation, method, path, idempotent=True, body=body or None, headers=signed | (headers or {})
        )
