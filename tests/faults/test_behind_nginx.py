"""nginx as it is shipped before two web and two worker processes: a death costs nobody anything."""

from pathlib import Path

import pytest

from tests.faults.behind_nginx import Story, open_town_behind_nginx
from tests.faults.siege import Losses

MESSAGES = 80


@pytest.mark.timeout(120)
async def test_a_web_and_a_worker_process_die_and_nobody_notices(tmp_path: Path, postgres_url: str) -> None:
    async with open_town_behind_nginx(tmp_path, postgres_url) as town:
        story = Story(town, MESSAGES)
        losses = await story.told()
    assert losses == Losses(asked=MESSAGES, lost=[], doubled=[], unfinished=[], effects_doubled=[], buried=[])
    assert story.refused == []
