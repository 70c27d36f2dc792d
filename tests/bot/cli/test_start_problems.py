"""What keeps a service from starting is said in words: why, who can mend it, what to do next."""

import json
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Run

NO_SERVER = {"DATABASE_URL": "postgresql+asyncpg://u:hush@127.0.0.1:1/x"}
NO_FOLDER = {"DATABASE_URL": "sqlite+aiosqlite:////nonexistent/dir/x.db"}
NO_DATA = {"ZHANGGUI_DATA_DIR": "/proc/x"}


@pytest.mark.parametrize("command", ["run", "user list", "say 状态", "migrate", "check"])
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (NO_SERVER, ("DATABASE_URL", "Connection refused", "whoever runs the database can mend it")),
        (NO_FOLDER, ("DATABASE_URL", "unable to open database file", "make the folder")),
        (NO_DATA, ("ZHANGGUI_DATA_DIR", "cannot be written to", "administrator of this machine can mend it")),
    ],
)
def test_a_start_that_cannot_be_says_why_and_who_can_mend_it(
    zhanggui: Run, command: str, settings: dict[str, str], told: tuple[str, ...]
) -> None:
    done = zhanggui(*command.split(), **settings)
    said = done.stdout + done.stderr
    assert (done.returncode, [each for each in told if each not in said]) == (1, [])
    assert "Traceback" not in said
    assert "hush" not in said


def test_check_finds_everything_at_once_and_makes_nothing(zhanggui: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "secret.key").write_text("no key")
    (tmp_path / "data" / "secret.key").chmod(0o644)
    done = zhanggui("check", "--json", LOG_LEVEL="loud", **NO_SERVER)
    assert [each["id"] for each in json.loads(done.stdout)["problems"]] == ["Z101", "Z202", "Z301"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


@pytest.mark.parametrize(
    ("written", "mode", "told"), [("no key", 0o600, "holds no key: restore it"), ("x", 0o644, "run chmod 600 on it")]
)
def test_a_start_over_a_key_that_cannot_be_used_says_so(
    zhanggui: Run, tmp_path: Path, written: str, mode: int, told: str
) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "secret.key").write_text(written)
    (tmp_path / "data" / "secret.key").chmod(mode)
    done = zhanggui("run")
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (1, True, False)


@pytest.mark.parametrize("port", ["99999999", "-1"])
def test_a_port_that_cannot_be_is_refused_before_any_work(zhanggui: Run, tmp_path: Path, port: str) -> None:
    done = zhanggui("demo", "--port", port)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])


def test_a_demo_is_not_shown_to_others_by_a_setting(zhanggui: Run) -> None:
    done = zhanggui("demo", ZHANGGUI_HOST="0.0.0.0")
    assert (done.returncode, "loopback" in done.stderr) == (2, True)
