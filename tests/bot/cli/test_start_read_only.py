"""What can be read and not written ends a start in one line: what, where, who can mend it, what next."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from tests.bot.cli.conftest import Run

ADD = "user add 林 --role admin --identity feishu:ou_x"


@pytest.fixture
def read_only_postgres(postgres_url: str) -> Iterator[str]:
    _alter(postgres_url, "SET default_transaction_read_only = on")
    yield postgres_url
    _alter(postgres_url, "RESET default_transaction_read_only")


@pytest.fixture
def read_only_sqlite(sqlite_url: str, tmp_path: Path) -> str:
    (tmp_path / "zhanggui.db").chmod(0o400)
    return sqlite_url


def _alter(url: str, what: str) -> None:
    """From another database of the server, which may be written to."""

    async def alter() -> None:
        own = make_url(url).set(drivername="postgresql")
        connection = await asyncpg.connect(own.set(database="postgres").render_as_string(hide_password=False))
        await connection.execute(f'ALTER DATABASE "{own.database}" {what}')
        await connection.close()

    asyncio.run(alter())


@pytest.mark.parametrize("command", ["run", "migrate", "check", "say 状态", ADD])
def test_a_file_that_takes_nothing_is_told(bound: Run, read_only_sqlite: str, command: str) -> None:
    assert_it_is_told(bound, read_only_sqlite, command)


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_server_that_takes_nothing_is_told(bound: Run, read_only_postgres: str, command: str) -> None:
    assert_it_is_told(bound, read_only_postgres, command)
    assert bound("user", "list", DATABASE_URL=read_only_postgres).returncode == 0


def assert_it_is_told(bound: Run, read_only_url: str, command: str) -> None:
    done = bound(*command.split(), DATABASE_URL=read_only_url, ZHANGGUI_PORT="1")
    said = done.stdout + done.stderr
    told = [line for line in said.splitlines() if "DATABASE_URL: the database cannot be written to" in line]
    assert (done.returncode, len(told), "Traceback" in said) == (1, 1, False)
    assert "can mend it: let this user write to" in told[0]


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_folder_that_takes_nothing_any_more_is_told(bound: Run, tmp_path: Path, command: str) -> None:
    folder = tmp_path / "data"
    assert bound("migrate").returncode == 0
    folder.chmod(0o500)
    done = bound(command)
    folder.chmod(0o700)
    told = f"ZHANGGUI_DATA_DIR: {folder} cannot be written to (Permission denied): an administrator of this machine"
    assert (done.returncode, told in done.stdout + done.stderr, "Traceback" in done.stderr) == (1, True, False)
