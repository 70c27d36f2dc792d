"""What every test gets: a clean environment, loopback only, real databases made once and copied."""

import asyncio
import ipaddress
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from storage.database import Database
from storage.jobs.turns import install
from storage.migrate import migrate
from tests.postgres import POSTGRES_URL, Copies, private_postgres

OURS = (
    "ZHANGGUI_",
    "FEISHU_",
    "SMTP_",
    "WECOM_",
    "SMS_",
    "ORDERS_",
    "GOOFISH_",
    "COURIER_",
    "ALERTMANAGER_",
    "LINGXING_",
    "PROXY_",
    "WHATSAPP_",
    "AMAZON_",
    "DATABASE_URL",
    "ENABLE_PROXY",
    "LOG_",
)


def pytest_configure() -> None:
    """A developer's shell must not change results, nor how busy the machine is."""
    settings.register_profile("house", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("house")
    for name in list(os.environ):
        if name.startswith(OURS) and name not in (POSTGRES_URL, "ZHANGGUI_WRITE_SCREENSHOTS"):
            del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """No test may reach beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "zhanggui.db"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_copies() -> Iterator[Copies]:
    """Copies of a migrated PostgreSQL database; its server is started privately if none is named."""
    with private_postgres() as url:
        copies = Copies(url)
        asyncio.run(_migrate(copies.template))
        yield copies
        copies.drop_all()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    path = tmp_path / "zhanggui.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_copies: Copies) -> Iterator[str]:
    """A fresh migrated PostgreSQL database."""
    url = postgres_copies.take()
    yield url
    postgres_copies.give_back(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database without an engine behind it."""
    database = Database(database_url)
    yield database
    await database.close()


async def _migrate(url: str) -> None:
    database = Database(url)
    await migrate(database)
    if not database.is_sqlite:
        await install(database, upgrade=False)
    await database.close()
