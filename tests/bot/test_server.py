"""Health, readiness and metrics, and who may read them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from bot.metrics import Metrics
from bot.server import Health, make_application
from storage.database import Database
from tests.integrations.http.fakes import SteppingClock


@pytest.fixture
async def health(sqlite_url: str) -> AsyncIterator[Health]:
    database = Database(sqlite_url)
    yield Health(database=database, clock=SteppingClock(), metrics=Metrics())
    await database.close()


async def status(health: Health, path: str, **headers: str) -> int:
    async with TestClient(TestServer(make_application(health.routes()))) as client:
        return (await client.get(path, headers=headers)).status


async def test_a_service_with_another_schema_is_not_ready(health: Health) -> None:
    assert await status(health, "/readyz") == 200
    async with health.database.begin() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert await status(health, "/readyz") == 503


async def test_a_service_that_cannot_store_what_arrives_is_not_ready(health: Health) -> None:
    assert await status(replace(health, is_writing=lambda: False), "/readyz") == 503


async def test_metrics_are_read_from_this_machine(health: Health) -> None:
    assert await status(health, "/metrics") == 200


async def test_a_public_service_shows_no_metrics(health: Health) -> None:
    assert await status(replace(health, is_public=True), "/metrics", Authorization="Bearer open") == 401


async def test_metrics_are_told_while_the_database_is_gone(health: Health) -> None:
    async with health.database.begin() as tx:
        await tx.execute(text("DROP TABLE jobs"))
    assert await status(health, "/metrics") == 200
    assert await status(health, "/readyz") == 503
