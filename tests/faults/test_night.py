"""A night in which causes flap: each is told when it begins and when it ends, and now and then while it waits."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.night import Night, open_night

CAUSES = 5


@pytest.mark.timeout(300)
async def test_causes_that_flap_all_night_open_once_close_once_and_stay_quiet_after_an_answer(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with open_night(tmp_path, sqlite_url) as stage:
        night = Night(stage, Random(20261122), CAUSES)
        losses = await night.pass_by()
    assert (losses.lost, losses.doubled, losses.late) == ([], [], [])
    assert losses.told - losses.reminders == 2 * CAUSES
    assert 0 < losses.reminders <= CAUSES * 5
    assert night.answered
