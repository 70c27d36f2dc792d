"""A stage per test: a copy of a database whose first pull is done, a running service, simulated platforms."""

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from tests.scenarios.clock import MORNING, StoryClock
from tests.scenarios.stage import Stage, one_store, open_stage, small_world

AFTER_FIRST_PULL = MORNING + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _without_logs() -> Iterator[None]:
    """Pictures of every expected traceback would take longer than the stories."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def pulled_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with people, an enabled group and every kind of data pulled once."""
    folder = tmp_path_factory.mktemp("pulled")
    path = Path(shutil.copy(sqlite_template, folder))
    asyncio.run(_pull(path))
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM tokens")  # the simulators of each test give their own
    connection.close()
    return path


async def _pull(path: Path) -> None:
    clock = StoryClock()
    world = small_world(MORNING.date())
    async with open_stage(f"sqlite+aiosqlite:///{path}", path.parent, clock, world, True) as stage:
        await stage.until(lambda: bool(stage.lingxing.calls_of("daily_sales")))
        await stage.settled()


@pytest.fixture
async def stage(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The service with the team known and data pulled a few minutes ago."""
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    clock = StoryClock(AFTER_FIRST_PULL)
    async with open_stage(f"sqlite+aiosqlite:///{path}", tmp_path, clock, small_world(MORNING.date())) as stage:
        yield stage


@pytest.fixture
async def postgres_stage(postgres_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The same on PostgreSQL with one store, pulling as the test begins."""
    async with open_stage(postgres_url, tmp_path, StoryClock(), one_store(MORNING.date()), True) as stage:
        yield stage
