"""WhatsApp: a delivery of many messages, and how close sending to one person comes to what the platform allows."""

import asyncio
from pathlib import Path
from time import perf_counter

from integrations.whatsapp.simulator import Limits, Push, Said, SentMessage
from tests.bench.processes import new_database
from tests.bench.report import Figure
from tests.faults.phone_town import PhoneTown, open_phone_town
from tests.waiting import until

BATCH = 60
QUEUED = 80
MEASURED_SECONDS = 40.0
_PHONES = [f"4477007{number:05}" for number in range(BATCH)]
_PATIENT = "447700800000"


async def phones(folder: Path) -> list[Figure]:
    """A real service, sixty people who write in one delivery, and one who asks for more than may be sent at once."""
    own = folder / "phones"
    url = await new_database(own)
    async with open_phone_town(own, url, [*_PHONES, _PATIENT]) as town:
        await town.service.start()
        return [await _batch(town), *await _pair(town)]


async def _batch(town: PhoneTown) -> Figure:
    ids, push = _delivery(town, _PHONES)
    began = perf_counter()
    await town.deliver_until_taken(push)
    await until(lambda: len(town.whatsapp.messages) >= BATCH, seconds=30)
    seconds = perf_counter() - began
    await town.deliver(push)
    await asyncio.sleep(1)  # what a repeat would add
    once = sum(len(town.replies(each)) == 1 for each in ids)
    return Figure("whatsapp_batch_answered_once", once, "==", BATCH, f"of {BATCH} in one delivery, in {seconds:.1f} s")


async def _pair(town: PhoneTown) -> list[Figure]:
    limits = Limits()
    _, push = _delivery(town, [_PATIENT] * QUEUED)
    await town.deliver_until_taken(push)
    await until(lambda: bool(_sent(town)), seconds=30)
    await asyncio.sleep(MEASURED_SECONDS)
    sent = _sent(town)
    seconds = (sent[-1].at - sent[0].at).total_seconds()
    allowed = limits.pair_burst + int(MEASURED_SECONDS / limits.pair_seconds)
    note = f"{len(sent)} of {allowed} allowed in {MEASURED_SECONDS:.0f} s, the last after {seconds:.0f} s"
    refused = town.whatsapp.gate.refusals[131056]
    return [
        Figure("whatsapp_pair_rate_ratio", len(sent) / allowed, ">=", 0.95, note),
        Figure("whatsapp_pair_refusals", refused, "==", 0, "refused by the simulated platform"),
    ]


def _sent(town: PhoneTown) -> list[SentMessage]:
    return [each for each in town.whatsapp.messages.values() if each.person_id == _PATIENT]


def _delivery(town: PhoneTown, senders: list[str]) -> tuple[list[str], Push]:
    """One delivery with a question of each sender, and the ids of the questions."""
    envelopes = town.whatsapp.envelopes
    items = [envelopes.message(Said(text="帮助", sender_id=each)) for each in senders]
    for each in senders:
        town.whatsapp.gate.heard_from(each)
    return [item["id"] for item in items], envelopes.signed(envelopes.envelope(envelopes.change(messages=items)))
