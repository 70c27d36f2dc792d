"""The `.env` file is read as people write it."""

from pathlib import Path

import pytest

from bot.settings.env_file import read_env_file


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("LOG_LEVEL=INFO", "INFO"),
        ("  export LOG_LEVEL = INFO  ", "INFO"),
        ("LOG_LEVEL=INFO  # why", "INFO"),
        ("LOG_LEVEL=a#b", "a#b"),
        ("LOG_LEVEL=two words # why", "two words"),
        ("LOG_LEVEL='a # b'", "a # b"),
        ('LOG_LEVEL="x=y" # why', "x=y"),
        ("LOG_LEVEL=", ""),
        ("LOG_LEVEL= # nothing yet", ""),
        ("LOG_LEVEL=''", ""),
    ],
)
def test_a_value_may_be_bare_or_quoted_with_a_comment_after_it(tmp_path: Path, line: str, value: str) -> None:
    (tmp_path / ".env").write_text(line)
    assert read_env_file(tmp_path / ".env") == ({"LOG_LEVEL": value}, [])


@pytest.mark.parametrize("line", ["LOG_LEVEL", "=x", "1A=x", "A='x", "A='x' y"])
def test_a_line_that_sets_nothing_is_a_problem(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(line)
    assert len(read_env_file(tmp_path / ".env")[1]) == 1


def test_a_missing_file_sets_nothing(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == ({}, [])


def test_a_file_that_is_no_text_is_a_problem_by_its_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff")
    assert [problem.variable for problem in read_env_file(tmp_path / ".env")[1]] == [".env"]
