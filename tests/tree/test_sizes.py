"""Files, functions and signatures stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tree.source import CODE, ROOT, Rule, findings, functions, lines_of, name_of, python_files

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_PARAMETERS = 8


def large_functions(place: str, tree: ast.Module) -> Iterator[str]:
    for node in functions(tree):
        if lines_of(node) > MOST_FUNCTION_LINES:
            yield f"{place}: {node.name} has {lines_of(node)} lines"


def wide_functions(place: str, tree: ast.Module) -> Iterator[str]:
    """Keyword-only parameters that build a row or a dependency are named at the call and do not count."""
    for node in functions(tree):
        count = len(node.args.posonlyargs) + len(node.args.args)
        if count > MOST_PARAMETERS:
            yield f"{place}: {node.name} takes {count} parameters"


def long_files(paths: list[Path]) -> list[str]:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return [f"{name} has {length} lines" for name, length in lengths.items() if length > MOST_FILE_LINES]


@pytest.mark.parametrize("rule", [large_functions, wide_functions])
def test_every_function_is_small(rule: Rule) -> None:
    assert findings(rule, python_files(*CODE, "tests")) == []


def test_every_file_is_small() -> None:
    assert long_files(python_files(*CODE, "tests")) == []


def test_a_large_function_is_found() -> None:
    source = "def big():\n" + "    x = 1\n" * MOST_FUNCTION_LINES
    assert list(large_functions("made/up.py", ast.parse(source))) == ["made/up.py: big has 61 lines"]


def test_a_wide_function_is_found() -> None:
    assert list(wide_functions("made/up.py", ast.parse("async def f(a, b, c, d, e, f, g, h, i): ...")))


def test_a_long_file_is_found() -> None:
    assert long_files([ROOT / "requirements.lock"])
