"""Webhooks that were tampered with: nothing is stored, nothing breaks."""

from pathlib import Path
from random import Random

from bot.contracts.clock import SystemClock
from integrations.whatsapp.simulator import WhatsAppSimulator
from tests.faults.mutations import Forger, assault, deliver_all
from tests.faults.town import open_town


async def test_no_tampered_delivery_is_accepted_and_none_breaks_the_service(tmp_path: Path, sqlite_url: str) -> None:
    whatsapp = WhatsAppSimulator(SystemClock())
    async with whatsapp, open_town(tmp_path, sqlite_url, also={"whatsapp": whatsapp}) as town:
        await town.service.start()
        forger = Forger(Random(20261122))
        tampered = await deliver_all(town.service.url, (forger.tampered() for _ in range(600)))
        assert (tampered.accepted, await town.rows("SELECT count(*) FROM inbox")) == (0, [(0,)])
        absurd = await assault(town.service.url, forger, tampered=0, absurd=200)
    assert (tampered.broken, absurd.broken) == ([], [])
