"""WeCom's group robots: one address per group, to which messages are posted.

Source: WeCom developer centre, "群机器人配置说明": markdown of at most 4096 bytes, text of at most 2048, UTF-8;
20 messages a minute for each robot. There is no idempotency key and nothing is told later.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Literal

import orjson

from bot.contracts.errors import UpstreamRateLimited, UpstreamRejected
from bot.contracts.secret import Secret
from integrations.http.buckets import BucketStore, Limit
from integrations.http.transport import Transport

PLATFORM = "wecom"
SEND_PATH = "/cgi-bin/webhook/send"
LONGEST: Mapping["Form", int] = {"markdown": 4096, "text": 2048}
"""Bytes of UTF-8."""
_PER_MINUTE = 20

Form = Literal["markdown", "text"]


class WeComClient:
    """Robots by their names. Every method raises UpstreamError; a post without an answer is UpstreamUnclear."""

    def __init__(self, robots: Mapping[str, Secret], transport: Transport, *, buckets: BucketStore) -> None:
        self._robots = robots
        self._transport = transport
        self._buckets = buckets

    @asynccontextmanager
    async def turn(self, robot: str) -> AsyncIterator[None]:
        """Wait until the robot may speak; a refusal for haste inside makes everybody wait as long as it asks."""
        key = f"{PLATFORM}:{robot}"
        async with self._buckets.admit(Limit(key, _PER_MINUTE, 60.0)):
            try:
                yield
            except UpstreamRateLimited as error:
                self._buckets.pause(key, error.retry_after)
                raise

    async def send(self, robot: str, form: Form, content: str) -> None:
        """Say it in the robot's group, inside a ``turn``. Units: ``LONGEST`` bytes.

        Raises: UpstreamRejected for a name that no robot has.
        """
        key = self._robots.get(robot)
        if key is None:
            raise UpstreamRejected(
                "no robot of this name is set up",
                platform=PLATFORM,
                operation="send",
                platform_code="robot",
                code="wecom_robot",
            )
        body = {"msgtype": form, form: {"content": content}}
        await self._transport.call(
            "send", "POST", SEND_PATH, idempotent=False, query={"key": key.reveal()}, body=orjson.dumps(body)
        )

    async def check(self) -> None:
        """Ask every robot to say nothing, which a known one refuses for being empty. Raises: UpstreamError."""
        for robot in self._robots:
            try:
                async with self.turn(robot):
                    await self.send(robot, "markdown", "")
            except UpstreamRejected:
                continue
