"""Webhooks that were tampered with: nothing is stored, nothing breaks."""

from pathlib import Path
from random import Random

from tests.faults.mutations import Forger, assault, deliver_all, open_fortress


async def test_no_tampered_delivery_is_accepted_and_none_breaks_the_service(tmp_path: Path, sqlite_url: str) -> None:
    async with open_fortress(tmp_path, sqlite_url) as town:
        forger = Forger(Random(20261122))
        tampered = await deliver_all(town.service.url, (forger.tampered() for _ in range(600)))
        stored = "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM order_events)"
        assert (tampered.accepted, await town.rows(stored)) == (0, [(0,)])
        absurd = await assault(town.service.url, forger, tampered=0, absurd=200)
    assert (tampered.broken, absurd.broken) == ([], [])
