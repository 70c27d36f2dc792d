"""kill -9 at random moments: nothing acknowledged is lost, no reply and no effect is doubled."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.siege import Losses, Siege
from tests.faults.suites import WORKERS
from tests.faults.town import open_town

ROUNDS = 2


@pytest.mark.timeout(180)
async def test_killed_at_random_moments_the_service_answers_everything_once(tmp_path: Path, sqlite_url: str) -> None:
    async with open_town(tmp_path, sqlite_url) as town:
        losses = await Siege(town, Random(20261122)).lay(ROUNDS)
    assert losses == Losses(asked=ROUNDS * 24, lost=[], doubled=[], unfinished=[], effects_doubled=[], buried=[])


@pytest.mark.timeout(180)
async def test_killed_one_by_one_and_together_several_processes_answer_everything_once(
    tmp_path: Path, postgres_url: str
) -> None:
    async with open_town(tmp_path, postgres_url, roles=WORKERS) as town:
        losses = await Siege(town, Random(20261123)).lay(ROUNDS)
    assert losses == Losses(asked=ROUNDS * 24, lost=[], doubled=[], unfinished=[], effects_doubled=[], buried=[])
