"""The simulated platform's end of the long connections: hands out addresses, pushes events, awaits acknowledgements."""

import asyncio
import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from bot.contracts.clock import Clock
from integrations.feishu.simulator.demo import App
from integrations.feishu.simulator.frames import CONTROL, DATA, Frame, UnreadableFrame, decoded, encoded
from integrations.http.simulation import Answer, Asked

ENDPOINT_PATH = "/callback/ws/endpoint"
CONNECT_PATH = "/callback/ws/connect"
AUTH_FAILED, TOO_MANY_CONNECTIONS = 514, 1000040350
_MOST_CONNECTIONS = 50
_AGAIN_SECONDS = (15, 5 * 60, 60 * 60, 6 * 60 * 60)
_ANSWER_SECONDS = 3.0
_STORED = 200

_NOTHING = Frame(method=DATA)

Told = tuple[int, Any]
"""The code of an acknowledgement (0: none came) and the body of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """What the platform tells its clients of reconnecting and pinging; seconds."""

    reconnect_interval: int = 1
    reconnect_nonce: int = 0
    ping_interval: int = 120

    def wire(self) -> dict[str, int]:
        return {
            "ReconnectCount": -1,
            "ReconnectInterval": self.reconnect_interval,
            "ReconnectNonce": self.reconnect_nonce,
            "PingInterval": self.ping_interval,
        }


@dataclass(slots=True, eq=False)
class _Client:
    """One open connection and what was pushed over it and is not acknowledged yet."""

    socket: web.WebSocketResponse
    waiting: dict[str, asyncio.Future[Frame]] = field(default_factory=dict)


class Connections:
    """All long connections of the app.

    ``config`` and ``longest_part`` (bytes of a payload in one frame) may be changed; ``pushed`` counts frames of
    events by message id, ``pings`` those of clients.
    """

    def __init__(self, app: App, clock: Clock, base_url: Callable[[], str]) -> None:
        self.config = ClientConfig()
        self.longest_part = 64 * 1024
        self.pushed: dict[str, int] = {}
        self.pings = 0
        self._app = app
        self._clock = clock
        self._base_url = base_url
        self._tickets: set[str] = set()
        self._clients: list[_Client] = []
        self._numbers = count(1)
        self._repeating: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._clients)

    async def endpoint(self, asked: Asked) -> Answer:
        """Hand out an address, good for one connection."""
        body: Mapping[str, Any] = asked.body if isinstance(asked.body, dict) else {}
        if (body.get("AppID"), body.get("AppSecret")) != (self._app.app_id, self._app.app_secret):
            return Answer(body={"code": AUTH_FAILED, "msg": "app id or app secret invalid"})
        if len(self._clients) >= _MOST_CONNECTIONS:
            return Answer(body={"code": TOO_MANY_CONNECTIONS, "msg": "the number of connections exceeded the limit"})
        ticket = secrets.token_urlsafe(8)
        self._tickets.add(ticket)
        host = self._base_url().replace("http://", "ws://", 1)
        url = f"{host}{CONNECT_PATH}?device_id={next(self._numbers)}&service_id=1&ticket={ticket}"
        return Answer(body={"code": 0, "msg": "ok", "data": {"URL": url, "ClientConfig": self.config.wire()}})

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One client, from its handshake to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=400, headers={"Handshake-Status": "403", "Handshake-Msg": "forbidden"})
        self._tickets.remove(ticket)
        client = _Client(web.WebSocketResponse())
        await client.socket.prepare(request)
        self._clients.append(client)
        try:
            async for message in client.socket:
                if message.type is WSMsgType.BINARY:
                    await self._hear(client, message.data)
        finally:
            self._clients.remove(client)
            for waiting in client.waiting.values():
                _acknowledge(waiting, _NOTHING)
        return client.socket

    async def push(self, envelope: Mapping[str, Any], *, is_repeated: bool = True) -> Told:
        """Push an event to one of the clients; unless it is a callback, again on the platform's schedule until
        it is acknowledged. Returns what came of the first time.
        """
        payload, message_id = orjson.dumps(envelope), f"message-{next(self._numbers)}"
        told = await self._once(message_id, payload)
        if told[0] != _STORED and is_repeated:
            task = asyncio.create_task(self._repeat(message_id, payload))
            self._repeating.add(task)
            task.add_done_callback(self._repeating.discard)
        return told

    async def hang_up(self) -> None:
        """Close every connection, as the platform does when it moves its clients."""
        for client in list(self._clients):
            await client.socket.close()

    async def close(self) -> None:
        """Repeat nothing more and hang up."""
        for task in self._repeating:
            task.cancel()
        await asyncio.gather(*self._repeating, return_exceptions=True)
        await self.hang_up()

    async def _repeat(self, message_id: str, payload: bytes) -> None:
        for seconds in _AGAIN_SECONDS:
            await self._clock.sleep(seconds)
            if (await self._once(message_id, payload))[0] == _STORED:
                return

    async def _once(self, message_id: str, payload: bytes) -> Told:
        if not self._clients:
            return 0, None
        client = secrets.choice(self._clients)
        acknowledged = client.waiting[message_id] = asyncio.get_running_loop().create_future()
        self.pushed[message_id] = self.pushed.get(message_id, 0) + 1
        try:
            for frame in self._parts(message_id, payload):
                await client.socket.send_bytes(encoded(frame))
            return _told(await asyncio.wait_for(acknowledged, _ANSWER_SECONDS))
        except (TimeoutError, ConnectionError):
            return 0, None
        finally:
            client.waiting.pop(message_id, None)

    def _parts(self, message_id: str, payload: bytes) -> list[Frame]:
        size = self.longest_part
        parts = [payload[at : at + size] for at in range(0, len(payload), size)]
        headers = {"type": "event", "message_id": message_id, "trace_id": secrets.token_hex(8), "sum": str(len(parts))}
        return [
            Frame(method=DATA, service=1, headers={**headers, "seq": str(number)}, payload=part)
            for number, part in enumerate(parts)
        ]

    async def _hear(self, client: _Client, raw: bytes) -> None:
        try:
            frame = decoded(raw)
        except UnreadableFrame:
            await client.socket.close()
            return
        if frame.method == DATA:
            waiting = client.waiting.get(frame.headers.get("message_id", ""))
            if waiting is not None:
                _acknowledge(waiting, frame)
        elif frame.method == CONTROL and frame.headers.get("type") == "ping":
            self.pings += 1
            pong = replace(frame, headers={"type": "pong"}, payload=orjson.dumps(self.config.wire()))
            await client.socket.send_bytes(encoded(pong))


def _acknowledge(waiting: asyncio.Future[Frame], frame: Frame) -> None:
    if not waiting.done():
        waiting.set_result(frame)


def _told(acknowledgement: Frame) -> Told:
    """Code and answer of an acknowledgement; one that cannot be read is none."""
    try:
        answer = orjson.loads(acknowledgement.payload)
        data = answer.get("data") or ""
        return int(answer["code"]), orjson.loads(base64.b64decode(data, validate=True)) if data else {}
    except (orjson.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError):
        return 0, None
