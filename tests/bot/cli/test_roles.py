"""Many processes need a database that they can share; a worker is reached by its socket alone."""

from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest

from bot.contracts.errors import ConfigError
from bot.jobs.choice import Role, check_role
from storage.database import Database
from tests.bot.cli.conftest import KEY, Run

Running = Callable[..., list[str]]
OTHER_KEY = urlsafe_b64encode(bytes(32)).decode()


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
    settings = {"DATABASE_URL": postgres_url, "LOG_LEVEL": "ERROR", "ZHANGGUI_SECRET_KEY": KEY}
    running("run", "--role", "worker", until="Nobody is known yet", **settings)
    assert zhanggui("user", "add", "王伟", "--role", "admin", **settings).returncode == 0
    done = zhanggui("say", "状态", **settings)
    assert (done.returncode, "运行状态" in done.stdout) == (0, True)


@pytest.mark.parametrize("role", ["web", "worker"])
def test_processes_that_share_need_a_key_that_they_share(zhanggui: Run, postgres_url: str, role: str) -> None:
    done = zhanggui("run", "--role", role, DATABASE_URL=postgres_url)
    assert (done.returncode, "ZHANGGUI_SECRET_KEY: " in done.stderr) == (1, True)
    assert "set the same key for all processes" in done.stderr


def test_a_process_with_another_key_does_not_start_nor_export_what_others_use(
    zhanggui: Run, running: Running, postgres_url: str
) -> None:
    settings = {"DATABASE_URL": postgres_url, "LOG_LEVEL": "ERROR"}
    running("run", "--role", "worker", until="Nobody is known yet", ZHANGGUI_SECRET_KEY=KEY, **settings)
    elsewhere = {**settings, "ZHANGGUI_DATA_DIR": "elsewhere", "ZHANGGUI_SECRET_KEY": OTHER_KEY}
    refused = zhanggui("run", "--role", "worker", **elsewhere)
    assert (refused.returncode, "another key encrypted the secrets" in refused.stderr) == (1, True)
    in_use = zhanggui("export-database", "all.archive", **elsewhere)
    assert (in_use.returncode, "another service works on this database" in in_use.stderr) == (1, True)


def test_a_lost_key_is_given_up_by_a_command(zhanggui: Run) -> None:
    assert zhanggui("user", "add", "王伟", "--role", "admin").returncode == 0
    assert zhanggui("say", "状态", ZHANGGUI_SECRET_KEY=KEY).returncode == 0
    refused = zhanggui("say", "状态", ZHANGGUI_SECRET_KEY=OTHER_KEY)
    assert (refused.returncode, "run zhanggui reset-secrets" in refused.stderr) == (1, True)
    assert zhanggui("reset-secrets").returncode == 0
    assert zhanggui("say", "状态", ZHANGGUI_SECRET_KEY=OTHER_KEY).returncode == 0
