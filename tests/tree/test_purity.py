"""What import contracts cannot see: clocks, environments, broad catches, and modules that no contract names."""

import ast
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.tree.source import CODE, ROOT, Rule, calls, findings, module_of, python_files

IMPURE_BY_ANATOMY = {"__init__", "ports", "commands", "jobs", "pages"}
NOW = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"}

ALLOWED_CLOCKS = {"bot/contracts/clock.py"}
ALLOWED_ENVIRONMENT = {"bot/settings/load.py"}
ALLOWED_BROAD_CATCHES = {
    "bot/channels/feishu/long_connection_door.py": "as the webhook route: whatever fails, Feishu shall send again",
    "bot/jobs/pump.py": "the job runner",
    "bot/jobs/trial.py": "the job runner: what cannot be written fails alone, whatever it is",
    "bot/server.py": "the webhook route, and readiness: whatever fails, the answer is 503",
}


def clock_readings(place: str, tree: ast.Module) -> Iterator[str]:
    for name, _ in calls(tree):
        if name in NOW and place not in ALLOWED_CLOCKS:
            yield f"{place}: {name}"


def environment_readings(place: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        reads = isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
        if reads and place not in ALLOWED_ENVIRONMENT:
            yield f"{place} reads the environment"


def broad_catches(place: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and place not in ALLOWED_BROAD_CATCHES:
            caught = ast.unparse(node.type) if node.type else "everything"
            if caught in ("Exception", "BaseException", "everything"):
                yield f"{place}:{node.lineno} catches {caught}"


def unfinished_functions(place: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield f"{place}:{node.lineno} is not implemented"


RULES: list[Rule] = [clock_readings, environment_readings, broad_catches, unfinished_functions]


def contracts() -> dict[str, dict[str, list[str]]]:
    """The import contracts by name."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["name"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def pure_modules(paths: list[Path]) -> list[str]:
    """The handler modules whose name in the anatomy does not allow them to be anything but pure: ``jobs``, and the jobs
    about one thing in ``thing_jobs``, may be."""
    parts = [path.relative_to(ROOT).parts for path in paths]
    inside = [path for path, each in zip(paths, parts, strict=True) if len(each) == 3]
    return [module_of(path) for path in inside if not IMPURE_BY_ANATOMY & {path.stem, path.stem.rpartition("_")[2]}]


def unnamed(modules: list[str], patterns: list[str]) -> list[str]:
    return [module for module in modules if not any(fnmatchcase(module, pattern) for pattern in patterns)]


def machine_modules() -> list[str]:
    """The direct children of ``bot`` that make up the machine."""
    children = [path for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    outside = {"__init__", "__main__", "app", "cli", "contracts"}
    return sorted(f"bot.{path.stem}" for path in children if path.stem not in outside)


@pytest.mark.parametrize("rule", RULES)
def test_the_code_keeps_to_the_rule(rule: Rule) -> None:
    assert findings(rule, python_files(*CODE)) == []


def test_every_pure_handler_module_is_named_in_the_contract() -> None:
    named = contracts()["Rules and cards are pure"]["source_modules"]
    assert unnamed(pure_modules(python_files("handlers")), named) == []


def test_every_module_of_the_machine_has_its_layer() -> None:
    layer = next(each for each in contracts()["Direction"]["layers"] if "bot.router" in each)
    assert set(machine_modules()) <= {name.strip(" ()") for name in layer.split(":")}


def test_every_module_of_the_machine_is_kept_from_the_features() -> None:
    assert sorted(contracts()["The machine knows no feature"]["source_modules"]) == machine_modules()


@pytest.mark.parametrize("package", CODE)
def test_the_four_packages_start_empty(package: str) -> None:
    assert (ROOT / package / "__init__.py").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (clock_readings, "x = datetime.now(UTC)"),
        (environment_readings, "x = os.environ['A']"),
        (environment_readings, "x = os.getenv('A')"),
        (broad_catches, "try: x()\nexcept Exception: y()"),
        (broad_catches, "try: x()\nexcept: y()"),
        (unfinished_functions, "def f(): raise NotImplementedError"),
    ],
)
def test_each_rule_finds_its_violation(rule: Rule, source: str) -> None:
    assert len(list(rule("made/up.py", ast.parse(source)))) == 1


def test_an_unnamed_pure_module_is_found() -> None:
    assert unnamed(["handlers.ads.rules", "handlers.ads.bids"], ["handlers.*.rules"]) == ["handlers.ads.bids"]
