"""How close sending comes to what Feishu allows, without ever being refused."""

import asyncio
from pathlib import Path
from time import perf_counter

from aiohttp import ClientSession

from bot.contracts.cards import Card, Text
from bot.contracts.messages import Message, Target
from tests.bench.outbox_service import MESSAGES
from tests.bench.processes import new_database, service_settings, started
from tests.bench.report import Figure

MEASURED_SECONDS = 95.0
PER_MINUTE = 1000


async def outbox(folder: Path) -> list[Figure]:
    """A long queue over 200 chats under Feishu's real limits, for more than 90 s."""
    own = folder / "outbox"
    await new_database(own)
    async with started("tests.bench.platform", "feishu") as feishu:
        settings = service_settings(own, feishu_url=feishu.word)
        async with started("tests.bench.outbox_service", environment=settings):
            began = perf_counter()
            await asyncio.sleep(MEASURED_SECONDS)
            seconds = perf_counter() - began
            async with ClientSession() as client:
                answer = await client.get(f"{feishu.word}/_control/calls", params={"operation": "send"})
                calls = (await answer.json())["calls"]
    accepted = [call for call in calls if call["status"] == 200]
    refused = len(calls) - len(accepted)
    allowed = PER_MINUTE * (1 + seconds // 60)
    note = f"{len(accepted)} of {allowed:.0f} allowed in {seconds:.0f} s, {MESSAGES} queued"
    return [
        Figure("outbox_rate_ratio", len(accepted) / allowed, ">=", 0.95, note),
        Figure("outbox_refusals", refused, "==", 0, "refused by the simulated platform"),
    ]


def queued_message(number: int) -> Message:
    """One of the messages that wait."""
    card = Card(f"通知 {number}", "info", (Text("补货提醒"),))
    target = Target(channel="feishu", chat_id=f"oc_outbox_{number % 200}")
    return Message(key=f"bench:{number}", card=card, to=target)
