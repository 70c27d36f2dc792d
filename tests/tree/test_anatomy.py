"""Folders of one kind look alike, so that who knows one knows them all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tree.source import ROOT, name_of, parsed

FEATURE = ("__init__.py", "ports.py", "commands.py", "cards.py", "texts/zh.toml", "texts/en.toml")
PLATFORM = ("__init__.py", "client", "signing", "errors", "simulator", "README.md")
TABLES = ("__init__.py", "tables.py", "store.py")
FEATURE_FOLDERS = {"texts", "templates", "__pycache__"}

SHARED = {"handlers/common", "integrations/http", "storage/archive", "storage/migrations"}
"""What features or platforms share has no anatomy of its own."""

ALLOWED: dict[str, str] = {
    "email lacks signing": "a mail server is logged in to, nothing is signed",
    "wecom lacks signing": "a robot's key is part of its address, nothing is signed",
}
"""Findings that stay, each with its reason."""


def folders(package: str) -> list[Path]:
    inside = sorted(path for path in (ROOT / package).iterdir() if (path / "__init__.py").exists())
    return [path for path in inside if name_of(path) not in SHARED]


def missing(folder: Path, parts: tuple[str, ...]) -> list[str]:
    """The parts of the anatomy that are neither a file, a module nor a package of the folder."""
    forms = {part: (folder / part, folder / f"{part}.py") for part in parts}
    return [f"{folder.name} lacks {part}" for part, paths in forms.items() if not any(path.exists() for path in paths)]


def strange_folders(folder: Path) -> list[str]:
    names = {path.name for path in folder.iterdir() if path.is_dir()}
    return [f"{folder.name} has a folder {name}" for name in sorted(names - FEATURE_FOLDERS)]


def paths_called(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The constants of a client that hold a path of the platform, each with that path."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = [each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
            yield from ((node.targets[0].id, text) for text in texts if isinstance(text, str) and text.startswith("/"))


def unanswered(clients: list[Path], simulator: str) -> list[str]:
    """Paths of the clients that the simulator's source names neither as such nor by their constant."""
    called = [each for path in clients for each in paths_called(parsed(path))]
    return [path for constant, path in called if constant not in simulator and path not in simulator]


@pytest.mark.parametrize(("package", "parts"), [("handlers", FEATURE), ("integrations", PLATFORM), ("storage", TABLES)])
def test_every_folder_has_its_anatomy(package: str, parts: tuple[str, ...]) -> None:
    found = [each for folder in folders(package) for each in missing(folder, parts)]
    assert [each for each in found if each not in ALLOWED] == []


def test_a_feature_has_no_other_folders() -> None:
    assert [each for folder in folders("handlers") for each in strange_folders(folder)] == []


@pytest.mark.parametrize("folder", folders("integrations"), ids=name_of)
def test_every_operation_of_a_client_is_answered_by_its_simulator(folder: Path) -> None:
    simulator = "".join(path.read_text(encoding="utf-8") for path in sorted((folder / "simulator").rglob("*.py")))
    assert unanswered(sorted(folder.glob("*.py")), simulator) == []


def test_a_missing_part_is_found(tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    (tmp_path / "errors.py").touch()
    assert missing(tmp_path, ("client", "errors", "models")) == [f"{tmp_path.name} lacks models"]


def test_a_strange_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "helpers").mkdir()
    assert strange_folders(tmp_path) == [f"{tmp_path.name} has a folder helpers"]


def test_an_unanswered_operation_is_found(tmp_path: Path) -> None:
    client = tmp_path / "client.py"
    client.write_text('SELLERS = Endpoint(path="/sellers")\nSALES = Endpoint(path="/sales")\n')
    assert unanswered([client], "routes = [SELLERS.path]") == ["/sales"]
