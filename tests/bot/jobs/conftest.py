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


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The name of an engine."""
    return str(request.param)


@pytest.fixture
async def office(database: Database, clock: MovedClock, engine_name: str) -> AsyncIterator[Office]:
    """Not yet open; closed in any case."""
    office = Office(database, clock, ENGINES[engine_name])
    yield office
    await office.close()
