"""kill -9 while ladders climb: no step is lost or told twice, none is told after an answer."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.ladder_siege import LadderSiege, open_ladder_town
from tests.faults.suites import ONE

ROUNDS = 2


@pytest.mark.timeout(300)
async def test_killed_while_ladders_climb_the_service_tells_every_step_once(tmp_path: Path, sqlite_url: str) -> None:
    async with open_ladder_town(tmp_path, sqlite_url, ONE) as ladders:
        siege = LadderSiege(ladders.town, Random(20261122), ladders=ladders, later_minutes=0)
        losses = await siege.suffer(ROUNDS)
    assert losses.matters == ROUNDS
    assert (losses.lost, losses.doubled, losses.late) == ([], [], [])
