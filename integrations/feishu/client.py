"""The operations of the Feishu open platform that we use, paced as it asks.

Source: reference sections 5 (token, send, reply, update) and 6.1 (rates).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote

import orjson

from bot.contracts.clock import Clock
from bot.contracts.credentials import Token
from bot.contracts.errors import UpstreamRateLimited
from bot.contracts.secret import Secret
from integrations.feishu.errors import BusyTargetError, StaleTokenError
from integrations.http.answers import Response
from integrations.http.buckets import BucketStore, Limit
from integrations.http.multipart import XLSX_TYPE, Media, multipart
from integrations.http.tokens import TokenKeeper, TokenStore
from integrations.http.transport import Transport

PLATFORM = "feishu"
TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"
MESSAGES_PATH = "/open-apis/im/v1/messages"
FILES_PATH = "/open-apis/im/v1/files"
BOT_INFO_PATH = "/open-apis/bot/v3/info"
SCOPES_PATH = "/open-apis/application/v6/scopes"

_GRANTED = 1
_MARGIN = timedelta(minutes=10)  # the platform gives no new token while more than 30 minutes remain

MessageType = Literal["interactive", "text", "file"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of a self-built app."""

    app_id: str
    app_secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many calls the platform takes: per app and operation, per chat or person, per edited message."""

    per_second: int = 50
    per_minute: int = 1000
    per_target_second: int = 5
    per_message_second: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is sent: ``body`` is JSON text; ``uuid`` (at most 50 characters) makes an hour's repeats harmless."""

    kind: MessageType
    body: str
    uuid: str


@dataclass(frozen=True, slots=True)
class Bot:
    """The app's own robot; ``open_id`` is how messages mention it."""

    open_id: str
    name: str


class FeishuClient:
    """One app's calls. Every method raises UpstreamError; a write without an answer is UpstreamUnclear."""

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        *,
        tokens: TokenStore,
        buckets: BucketStore,
        clock: Clock,
        pace: Pace | None = None,
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._buckets = buckets
        self._clock = clock
        self._pace = pace or Pace()
        self._keeper = TokenKeeper(
            PLATFORM, credentials.app_id, store=tokens, fetch=self._new_token, clock=clock, margin=_MARGIN
        )

    async def send(self, chat_id: str, content: Content) -> str:
        """Write into a chat, or to a person if ``chat_id`` is an open_id; returns the message id."""
        target_type = "open_id" if chat_id.startswith("ou_") else "chat_id"
        response = await self._paced(
            "send",
            "POST",
            MESSAGES_PATH,
            self._per_target(chat_id),
            query={"receive_id_type": target_type},
            body={"receive_id": chat_id, "msg_type": content.kind, "content": content.body, "uuid": content.uuid},
        )
        return _message_id(response)

    async def reply(self, parent_id: str, chat_id: str, content: Content, *, in_thread: bool = False) -> str:
        """Answer the message ``parent_id`` in its chat, quoting it or in its thread; returns the message id."""
        response = await self._paced(
            "reply",
            "POST",
            f"{MESSAGES_PATH}/{quote(parent_id, safe='')}/reply",
            self._per_target(chat_id),
            body={
                "msg_type": content.kind,
                "content": content.body,
                "reply_in_thread": in_thread,
                "uuid": content.uuid,
            },
        )
        return _message_id(response)

    async def update(self, message_id: str, card: str) -> None:
        """Replace a card of ours that is at most 14 days old; doing so again changes nothing."""
        await self._paced(
            "update",
            "PATCH",
            f"{MESSAGES_PATH}/{quote(message_id, safe='')}",
            Limit(self._key(f"message:{message_id}"), self._pace.per_message_second, 1.0),
            body={"content": card},
        )

    async def upload(self, media: Media) -> str:
        """Upload a file of at most 30 MB for messages of this app; returns its key."""
        kind = "xls" if media.mime_type == XLSX_TYPE else "stream"
        content_type, content = multipart({"file_type": kind, "file_name": media.name}, media)
        response = await self._paced(
            "upload",
            "POST",
            FILES_PATH,
            Limit(self._key("files"), self._pace.per_second, 1.0),
            content=content,
            content_type=content_type,
        )
        data = response.json.get("data")
        file_key = data.get("file_key") if isinstance(data, dict) else None
        if not isinstance(file_key, str) or not file_key:
            raise response.call.misfit("an uploaded file without a key", response.request_id)
        return file_key

    async def bot_info(self) -> Bot:
        """Who we are there."""
        response = await self._authorised("bot_info", "GET", BOT_INFO_PATH)
        bot = response.json.get("bot")
        if not isinstance(bot, dict) or not isinstance(bot.get("open_id"), str):
            raise response.call.misfit("a bot without open_id", response.request_id)
        return Bot(bot["open_id"], str(bot.get("app_name") or ""))

    async def scopes(self) -> frozenset[str]:
        """The permissions that the tenant gave the app; asking needs none.

        Source: "Query the grant status" (``grant_status`` 1 granted, 2 not).
        """
        response = await self._authorised("scopes", "GET", SCOPES_PATH)
        try:
            listed = response.json["data"]["scopes"]
            return frozenset(str(each["scope_name"]) for each in listed if each["grant_status"] == _GRANTED)
        except (KeyError, TypeError) as error:
            raise response.call.misfit("permissions without name or state", response.request_id) from error

    async def _paced(self, operation: str, method: str, path: str, narrow: Limit, **parts: Any) -> Response:
        wide = self._key(operation)
        limits = (Limit(wide, self._pace.per_second, 1.0), Limit(wide, self._pace.per_minute, 60.0), narrow)
        async with self._buckets.admit(*limits):
            try:
                return await self._authorised(operation, method, path, **parts)
            except UpstreamRateLimited as error:
                self._buckets.pause(narrow.key if isinstance(error, BusyTargetError) else wide, error.retry_after)
                raise

    async def _authorised(self, operation: str, method: str, path: str, **parts: Any) -> Response:
        """Ask with a token; with a new one, once, if the platform no longer takes it."""
        token = await self._keeper.current()
        try:
            return await self._ask(operation, method, path, token, **parts)
        except StaleTokenError:
            await self._keeper.drop(token.value)
        return await self._ask(operation, method, path, await self._keeper.current(), **parts)

    async def _ask(
        self,
        operation: str,
        method: str,
        path: str,
        token: Token,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        content: bytes | None = None,
        content_type: str = "",
    ) -> Response:
        """``content`` is a file, which may be uploaded again without harm."""
        kind = {"Content-Type": content_type} if content_type else {}
        return await self._transport.call(
            operation,
            method,
            path,
            idempotent=method != "POST" or content is not None,
            query=query,
            body=content if body is None else orjson.dumps(body),
            headers={"Authorization": f"Bearer {token.value}", **kind},
        )

    async def _new_token(self, _: Token | None) -> Token:
        asked_at = self._clock.now()
        body = {"app_id": self._credentials.app_id, "app_secret": self._credentials.app_secret.reveal()}
        response = await self._transport.call("token", "POST", TOKEN_PATH, idempotent=True, body=orjson.dumps(body))
        try:
            life = timedelta(seconds=int(response.json["expire"]))
            return Token(str(response.json["tenant_access_token"]), asked_at + life)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise response.call.misfit("a token answer without its fields", response.request_id) from error

    def _per_target(self, chat_id: str) -> Limit:
        return Limit(self._key(f"target:{chat_id}"), self._pace.per_target_second, 1.0)

    def _key(self, name: str) -> str:
        return f"{PLATFORM}:{self._credentials.app_id}:{name}"


def _message_id(response: Response) -> str:
    data = response.json.get("data")
    message_id = data.get("message_id") if isinstance(data, dict) else None
    if not isinstance(message_id, str) or not message_id:
        raise response.call.misfit("a sent message without an id", response.request_id)
    return message_id
