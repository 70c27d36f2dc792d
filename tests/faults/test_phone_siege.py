"""kill -9 between sending to WhatsApp and writing it down: nothing twice, nothing forgotten."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.phone_siege import MESSAGES_PER_ROUND, PhoneSiege, phones_for
from tests.faults.phone_town import open_phone_town

ROUNDS = 2


@pytest.mark.timeout(180)
async def test_killed_while_it_sends_the_service_repeats_and_forgets_nothing(tmp_path: Path, sqlite_url: str) -> None:
    phones = phones_for(ROUNDS)
    async with open_phone_town(tmp_path, sqlite_url, phones) as town:
        losses = await PhoneSiege(town, Random(20261122), phones).lay(ROUNDS)
    assert (losses.asked, losses.doubled, losses.forgotten) == (ROUNDS * MESSAGES_PER_ROUND, [], [])
    assert losses.sent >= losses.asked - losses.listed
