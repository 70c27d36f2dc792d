"""The operations of the WhatsApp Cloud API that we use, paced as it asks.

Source: "Cloud API: messages, media, phone numbers"; "Messaging limits and throughput".
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from bot.contracts.errors import UpstreamRateLimited
from bot.contracts.secret import Secret
from integrations.http.answers import Response
from integrations.http.buckets import BucketStore, Limit
from integrations.http.multipart import Media, multipart
from integrations.http.transport import Transport
from integrations.whatsapp.contents import Content
from integrations.whatsapp.errors import BusyPairError

PLATFORM = "whatsapp"
MESSAGES_PATH = "/{number}/messages"
MEDIA_PATH = "/{number}/media"
NUMBER_PATH = "/{number}"

_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]+")
_LONGEST_BACK_OFF = 4.0**5  # seconds


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of one business phone number; the token is best a system user's, which does not expire."""

    phone_number_id: str
    access_token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many messages the platform takes.

    ``per_second`` of the number leaves room for what comes in, which counts too. To one person a message each
    6 seconds: ``pair_burst`` (below 45) may go at once, borrowed from the time that follows.
    """

    per_second: int = 60
    pair_burst: int = 44
    pair_seconds: float = 6.0


@dataclass(frozen=True, slots=True)
class Number:
    """The business phone number as people see it."""

    display: str
    verified_name: str


class WhatsAppClient:
    """One number's calls. Every method raises UpstreamError; a write without an answer is UpstreamUnclear."""

    def __init__(
        self, credentials: Credentials, transport: Transport, *, buckets: BucketStore, pace: Pace | None = None
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._buckets = buckets
        self._pace = pace or Pace()
        self._refused: dict[str, int] = {}

    @asynccontextmanager
    async def turn(self, to: str) -> AsyncIterator[None]:
        """Wait until a message to this person may go; what is sent inside is paced.

        A refusal for haste inside makes the next turn wait 4^X seconds, X counting refusals in a row.
        """
        number = self._key("number")
        pair, pace = self._key(f"pair:{to}"), self._pace
        limits = (
            Limit(number, pace.per_second, 1.0),
            Limit(pair, pace.pair_burst, pace.pair_burst * pace.pair_seconds, drains=True),
        )
        async with self._buckets.admit(*limits):
            try:
                yield
            except UpstreamRateLimited as error:
                key = pair if isinstance(error, BusyPairError) else number
                error.retry_after = self._back_off(key, error.retry_after)
                self._buckets.pause(key, error.retry_after)
                raise
            self._refused.pop(pair, None)
            self._refused.pop(number, None)

    async def send(self, to: str, content: Content, *, echo: str, quoting: str = "") -> str:
        """Send to a phone number or a business-scoped user id, inside a ``turn``; returns the message id (wamid).

        ``echo`` (at most 512 characters) comes back with every status: there is no idempotency key, so it is the
        only way to learn of a message whose answer got lost.
        """
        target = "recipient" if is_user_id(to) else "to"
        body: dict[str, Any] = {
            "messaging_product": PLATFORM,
            "recipient_type": "individual",
            target: to,
            "type": content.kind,
            content.kind: content.body,
            "biz_opaque_callback_data": echo,
        }
        if quoting:
            body["context"] = {"message_id": quoting}
        response = await self._post("send", MESSAGES_PATH, orjson.dumps(body))
        return _message_id(response)

    async def mark_read(self, message_id: str) -> None:
        """Show the person that this message, and those before it, were read. Doing so again changes nothing."""
        body = {"messaging_product": PLATFORM, "status": "read", "message_id": message_id}
        await self._post("mark_read", MESSAGES_PATH, orjson.dumps(body), idempotent=True)

    async def upload(self, media: Media) -> str:
        """Upload a file for later messages of this number; returns its id, which lives 30 days.

        Raises: UpstreamRejected (131053) for a file the platform does not take.
        """
        content_type, body = multipart({"messaging_product": PLATFORM, "type": media.mime_type}, media)
        headers = {"Content-Type": content_type}
        response = await self._post("upload", MEDIA_PATH, body, idempotent=True, headers=headers)
        media_id = response.json.get("id")
        if not isinstance(media_id, str) or not media_id:
            raise response.call.misfit("an uploaded file without an id", response.request_id)
        return media_id

    async def number(self) -> Number:
        """Who we are there: a cheap call that needs a valid token."""
        response = await self._transport.call(
            "number",
            "GET",
            self._path(NUMBER_PATH),
            idempotent=True,
            query={"fields": "display_phone_number,verified_name"},
            headers=self._authorisation(),
        )
        known = response.json
        return Number(str(known.get("display_phone_number") or ""), str(known.get("verified_name") or ""))

    async def _post(
        self, operation: str, path: str, body: bytes, *, idempotent: bool = False, headers: dict[str, str] | None = None
    ) -> Response:
        return await self._transport.call(
            operation,
            "POST",
            self._path(path),
            idempotent=idempotent,
            body=body,
            headers=self._authorisation() | (headers or {}),
        )

    def _authorisation(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._credentials.access_token.reveal()}"}

    def _path(self, path: str) -> str:
        return path.format(number=self._credentials.phone_number_id)

    def _back_off(self, key: str, least: timedelta) -> timedelta:
        in_a_row = self._refused.get(key, 0)
        self._refused[key] = in_a_row + 1
        return max(least, timedelta(seconds=min(4.0**in_a_row, _LONGEST_BACK_OFF)))

    def _key(self, name: str) -> str:
        return f"{PLATFORM}:{self._credentials.phone_number_id}:{name}"


def is_user_id(to: str) -> bool:
    """True for a business-scoped user id such as ``CN.1a2b``, False for a phone number."""
    return _USER_ID.fullmatch(to) is not None


def _message_id(response: Response) -> str:
    messages = response.json.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    message_id = first.get("id") if isinstance(first, dict) else None
    if not isinstance(message_id, str) or not message_id:
        raise response.call.unavailable("a sent message without an id", response.request_id)
    return message_id
