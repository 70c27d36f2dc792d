"""What is installed is what stands in the tree."""

import tomllib

from tests.tree.source import CODE, ROOT


def declared() -> set[str]:
    """The kinds of files that are installed beside the code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {pattern.removeprefix("**/*") for pattern in project["tool"]["setuptools"]["package-data"]["*"]}


def test_every_kind_of_file_is_installed() -> None:
    files = [path for package in CODE for path in (ROOT / package).rglob("*") if path.is_file()]
    kinds = {path.suffix for path in files if "__pycache__" not in path.parts and path.name != "README.md"}
    assert kinds - declared() == {".py"}
