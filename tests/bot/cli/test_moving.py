"""From one database to another by the commands of the operations guide."""

from collections.abc import Callable
from pathlib import Path

from tests.bot.cli.conftest import KEY, Run

Running = Callable[..., list[str]]


def test_what_was_in_sqlite_is_in_postgresql_after_the_move(zhanggui: Run, postgres_url: str, tmp_path: Path) -> None:
    assert zhanggui("user", "add", "王伟", "--role", "admin").returncode == 0
    before = zhanggui("user", "list", "--json").stdout
    assert zhanggui("export-database", "all.archive").returncode == 0
    (tmp_path / "data" / "zhanggui.db").unlink()
    moved = zhanggui("import-database", "all.archive", DATABASE_URL=postgres_url)
    assert (moved.returncode, "all.archive is in the database" in moved.stdout) == (0, True)
    after = zhanggui("user", "list", "--json", DATABASE_URL=postgres_url).stdout
    assert ("王伟" in before, after) == (True, before)


def test_a_database_that_another_process_works_on_is_not_exported(
    zhanggui: Run, running: Running, postgres_url: str, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": postgres_url, "LOG_LEVEL": "ERROR", "ZHANGGUI_SECRET_KEY": KEY}
    running("run", "--role", "worker", until="Nobody is known yet", **settings)
    refused = zhanggui("export-database", "all.archive", **settings, ZHANGGUI_DATA_DIR=str(tmp_path / "other"))
    assert (refused.returncode, "another service works on this database" in refused.stderr) == (1, True)
    assert not (tmp_path / "all.archive").exists()
