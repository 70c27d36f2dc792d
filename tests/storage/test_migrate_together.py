"""Two replicas are brought up at the same time: both migrate, both end well, and the schema is there once."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage.database import Database
from storage.jobs.turns import install
from storage.migrate import HEAD, migrate, schema_state
from tests.postgres import Copies

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/zhanggui.db"


@pytest.fixture
def empty_postgres(postgres_copies: Copies) -> Iterator[str]:
    url = make_url(postgres_copies.template).set(database=f"zhanggui_empty_{uuid4().hex[:8]}")
    _on_server(postgres_copies.template, f'CREATE DATABASE "{url.database}"')
    yield url.render_as_string(hide_password=False)
    _on_server(postgres_copies.template, f'DROP DATABASE "{url.database}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"empty_{request.param}")
    return url


def _on_server(url: str, statement: str) -> None:
    async def run() -> None:
        plain = make_url(url).set(drivername="postgresql", database="postgres")
        connection = await asyncpg.connect(plain.render_as_string(hide_password=False))
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


async def state_of(url: str) -> tuple[str, list[str]]:
    database = Database(url)
    state = await schema_state(database)
    async with database.read() as reader:
        versions = list((await reader.execute(text("SELECT version_num FROM alembic_version"))).scalars().all())
    await database.close()
    return state, versions


async def migrate_in_a_process(url: str, folder: Path) -> tuple[int | None, str]:
    """Exit code and what was said by ``zhanggui migrate`` of an installation of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "migrate"),
        cwd=ROOT,
        env={**kept, "ZHANGGUI_DATA_DIR": str(folder), "DATABASE_URL": url},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_two_processes_migrate_an_empty_database_at_once(empty_url: str, tmp_path: Path) -> None:
    ended = await asyncio.gather(*(migrate_in_a_process(empty_url, tmp_path / name) for name in ("one", "two")))
    assert ended == [(0, ""), (0, "")]
    assert await state_of(empty_url) == ("current", [HEAD])


async def test_two_processes_migrate_a_present_database_at_once(database_url: str, tmp_path: Path) -> None:
    ended = await asyncio.gather(*(migrate_in_a_process(database_url, tmp_path / name) for name in ("one", "two")))
    assert ended == [(0, ""), (0, "")]
    assert await state_of(database_url) == ("current", [HEAD])


async def test_many_connections_migrate_an_empty_database_at_once(empty_postgres: str) -> None:
    databases = [Database(empty_postgres) for _ in range(4)]
    await asyncio.gather(*map(migrate, databases))
    installed = await asyncio.gather(*(install(database, upgrade=True) for database in databases))
    await asyncio.gather(*(database.close() for database in databases))
    assert (installed, await state_of(empty_postgres)) == ([True] * 4, ("current", [HEAD]))
