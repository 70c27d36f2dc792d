"""PostgreSQL is restarted while messages come in: nothing taken is lost or doubled, nobody restarts the service."""

from pathlib import Path

import pytest

from storage.database import Database
from storage.migrate import migrate
from tests.faults.restart import Restarts
from tests.faults.siege import Losses
from tests.faults.town import open_town
from tests.postgres import own_server


@pytest.mark.timeout(120)
async def test_restarts_of_the_database_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    with own_server() as server:
        database = Database(server.url)
        await migrate(database)
        await database.close()
        async with open_town(tmp_path, server.url) as town:
            await town.service.start()
            losses = await Restarts(town, server).suffer(["fast", "immediate"])
            assert await town.service.stop() == 0
    assert losses == Losses(asked=losses.asked, lost=[], doubled=[], unfinished=[], effects_doubled=[], buried=[])
