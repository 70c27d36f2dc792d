"""Every engine over every database."""

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from storage.database import Database
from tests.bot.jobs.clocks import MovedClock
from tests.bot.jobs.engines import ENGINES
from tests.bot.jobs.office import Office


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Jobs that fail on purpose need not be told about."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(params=["embedded on sqlite", "embedded on postgres", "distributed on postgres"])
def setup(request: pytest.FixtureRequest) -> str:
    """An engine on a database that it can work with."""
    return str(request.param)


@pytest.fixture
def engine_name(setup: str) -> str:
    """The name of an engine."""
    return setup.partition(" on ")[0]


@pytest.fixture
def database_url(setup: str, request: pytest.FixtureRequest) -> str:
    """A fresh migrated database for the engine."""
    url: str = request.getfixturevalue(f"{setup.partition(' on ')[2]}_url")
    return url


@pytest.fixture
async def office(database: Database, clock: MovedClock, engine_name: str) -> AsyncIterator[Office]:
    """Not yet open; closed in any case."""
    office = Office(database, clock, ENGINES[engine_name])
    yield office
    await office.close()
