"""The sender that the README names: a genuine delivery, judged by our webhook, and the recorded answer printed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from aiohttp import web

from bot.channels.base import Outgoing
from bot.channels.feishu.channel import FeishuChannel
from bot.channels.feishu.receive import receive
from bot.contracts.cards import Card, Text, Tone
from bot.contracts.clock import SystemClock
from bot.contracts.events import Event
from integrations.feishu.simulator import FeishuSimulator
from tests.bot.attaching import files_of_nobody
from tests.bot.channels.feishu.deliveries import INBOUND
from tests.bot.channels.made_cards import WORDS
from tests.integrations.feishu.clients import opened

SCRIPT = Path(__file__).parents[4] / "examples" / "send_feishu_message.py"


@dataclass(slots=True)
class Echoing:
    """A webhook that first answers "working", then with what was said."""

    channel: FeishuChannel
    simulator: FeishuSimulator
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        clock = SystemClock()
        event = receive(await request.read(), request.headers, INBOUND, now=clock.now(), event_id="E1")
        if not isinstance(event, Event):
            return web.Response(status=401)
        first = await self.channel.deliver(self._answer(event, "working"))
        await self.channel.deliver(self._answer(event, "good", first.platform_id))
        return web.json_response({})

    def _answer(self, event: Event, tone: Tone, platform_id: str = "") -> Outgoing:
        return Outgoing(
            id=event.id,
            version=2 if platform_id else 1,
            chat_id=event.chat_id,
            card=Card("回答", tone, (Text(event.text),)),
            reply_to=event.message_id,
            platform_id=platform_id,
            created_at=event.received_at,
        )


@pytest.fixture
async def echoing() -> AsyncIterator[Echoing]:
    clock = SystemClock()
    async with opened(clock) as (client, simulator):
        echoing = Echoing(FeishuChannel(client, lambda _: WORDS, clock, files=files_of_nobody(clock)), simulator)
        application = web.Application()
        application.router.add_post("/webhooks/feishu", echoing.handle)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        echoing.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/feishu"
        yield echoing
        await runner.cleanup()


async def run_script(echoing: Echoing, *further: str) -> tuple[int | None, str, str]:
    """Its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            str(SCRIPT),
            "店铺",
            "--url",
            echoing.url,
            "--simulator",
            echoing.simulator.base_url,
            *further,
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONIOENCODING": "utf-8"},
    )
    printed, problems = await process.communicate()
    return process.returncode, printed.decode(), problems.decode()


async def test_the_sender_prints_the_final_answer_as_recorded(echoing: Echoing) -> None:
    code, printed, _ = await run_script(echoing)
    status, _, answer = printed.partition("\n")
    (message,) = orjson.loads(answer)
    assert (code, status) == (0, f"POST {echoing.url} -> 200")
    assert message["content"]["header"]["template"] == "green"
    assert message["content"]["body"]["elements"][0]["content"] == "店铺"


async def test_the_sender_shows_that_a_wrong_key_is_refused(echoing: Echoing) -> None:
    code, printed, problems = await run_script(echoing, "--encrypt-key", "another")
    assert (code, printed.strip(), problems.strip()) == (1, f"POST {echoing.url} -> 401", "no answer was recorded")


async def test_the_sender_says_when_nothing_listens(echoing: Echoing) -> None:
    code, _, problems = await run_script(echoing, "--url", "http://127.0.0.1:9/webhooks/feishu")
    assert code == 1
    assert problems.startswith("nothing is listening")
