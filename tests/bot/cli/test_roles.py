"""Many processes need a database that they can share; a worker is reached by its socket alone."""

from collections.abc import Callable

import pytest

from bot.contracts.errors import ConfigError
from bot.jobs.choice import Role, check_role
from storage.database import Database
from tests.bot.cli.conftest import Run

Running = Callable[..., list[str]]


@pytest.mark.parametrize("role", ["web", "worker"])
def test_over_a_sqlite_file_there_is_one_process_and_its_role_is_all(role: Role) -> None:
    database = Database("sqlite+aiosqlite:///data/zhanggui.db")
    with pytest.raises(ConfigError) as refused:
        check_role(database, role)
    assert "a SQLite file serves one: use all" in refused.value.problems[0].problem
    check_role(database, "all")


def test_an_unknown_role_is_a_wrong_call(zhanggui: Run) -> None:
    done = zhanggui("run", "--role", "king")
    assert (done.returncode, "all, web, worker" in done.stderr) == (2, True)


def test_a_worker_opens_no_port_and_answers_at_its_socket(zhanggui: Run, running: Running, postgres_url: str) -> None:
    settings = {"DATABASE_URL": postgres_url, "LOG_LEVEL": "ERROR"}
    running("run", "--role", "worker", until="Nobody is known yet", **settings)
    assert zhanggui("user", "add", "王伟", "--role", "admin", **settings).returncode == 0
    done = zhanggui("say", "状态", **settings)
    assert (done.returncode, "运行状态" in done.stdout) == (0, True)
