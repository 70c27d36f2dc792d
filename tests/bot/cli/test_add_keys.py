"""Card keys from a file, by the owner of the process."""

import json
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Run

ITEM = "900000000001"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.txt"
    path.write_text("AAAA-1111-XX\nBBBB-2222-YY\n", encoding="utf-8")
    return path


def test_keys_of_a_file_are_in_the_pool_once_and_never_shown(zhanggui: Run, file: Path) -> None:
    assert zhanggui("user", "add", "A", "--role", "admin").returncode == 0
    done = zhanggui("add-keys", str(file), "--item", ITEM)
    assert (done.returncode, done.stdout) == (0, "2 keys are new.\n")
    file.write_text("CCCC-3333-ZZ\nAAAA-1111-XX\n", encoding="utf-8")
    again = zhanggui("add-keys", str(file), "--item", ITEM, "--json")
    assert json.loads(again.stdout) == {"ok": True, "new": 1, "known_rows": [2]}
    shown = zhanggui("say", "卡密")
    assert (shown.returncode, ITEM in shown.stdout, "AAAA" in shown.stdout) == (0, True, False)


def test_a_file_with_anything_wrong_is_refused_whole(zhanggui: Run, file: Path) -> None:
    file.write_text("AAAA-1111-XX\n=1+1\n\nAAAA-1111-XX\n", encoding="utf-8")
    done = zhanggui("add-keys", str(file), "--item", ITEM)
    assert (done.returncode, done.stdout) == (1, "")
    assert [row for row in ("第 2 行", "第 3 行", "第 4 行", "Nothing was imported") if row not in done.stderr] == []


def test_a_file_that_is_not_there_is_named(zhanggui: Run, tmp_path: Path) -> None:
    done = zhanggui("add-keys", str(tmp_path / "no.txt"), "--item", ITEM)
    assert (done.returncode, "no.txt cannot be read" in done.stderr) == (1, True)
