"""Tests say one thing each: no branches, no mocks, no sleeping, and they check something."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.tree.source import Rule, calls, findings, functions, python_files

_CHECKS = re.compile(r"\b(assert|raises|expect)\b|assert_|check_|expect_")
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)

WAITING = {
    "tests/bench/": "measures time",
    "tests/faults/": "breaks processes and waits for a condition",
    "tests/integrations/http/test_buckets.py": "its loop's time is virtual: a story sleeps without waiting",
    "tests/storage/rates/test_shared_buckets.py": "its loop's time is virtual too",
}
"""Where tests may loop and sleep, each with the reason."""


def cases_in(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in functions(tree) if node.name.startswith("test_"))


def own_nodes(test: ast.AST) -> Iterator[ast.AST]:
    """What the test itself does, without the handlers and stories it defines."""
    for node in ast.iter_child_nodes(test):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from own_nodes(node)


def branching_tests(place: str, tree: ast.Module) -> Iterator[str]:
    for test in cases_in(tree):
        if any(isinstance(node, _BRANCHES) for node in own_nodes(test)):
            yield f"{place}: {test.name} branches"


def unchecking_tests(place: str, tree: ast.Module) -> Iterator[str]:
    for test in cases_in(tree):
        if not _CHECKS.search(ast.unparse(test.body)):  # type: ignore[arg-type]
            yield f"{place}: {test.name} checks nothing"


def patched_code(place: str, tree: ast.Module) -> Iterator[str]:
    for name, _ in calls(tree):
        if name.endswith("monkeypatch.setattr") or name.startswith(("mock.", "mocker.")):
            yield f"{place}: {name}"


def sleeping_tests(place: str, tree: ast.Module) -> Iterator[str]:
    for test in cases_in(tree):
        for name, call in calls(test):
            if name in ("time.sleep", "asyncio.sleep") and ast.unparse(call.args) != "0":  # type: ignore[arg-type]
                yield f"{place}: {test.name} sleeps"


def short_names(place: str, tree: ast.Module) -> Iterator[str]:
    for test in cases_in(tree):
        if test.name.count("_") < 2:
            yield f"{place}: {test.name} is no sentence"


RULES: list[Rule] = [branching_tests, unchecking_tests, patched_code, sleeping_tests, short_names]


@pytest.mark.parametrize("rule", RULES)
def test_all_tests_keep_to_the_rule(rule: Rule) -> None:
    excused = tuple(WAITING) if rule in (branching_tests, sleeping_tests) else ()
    assert [finding for finding in findings(rule, python_files("tests")) if not finding.startswith(excused)] == []


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        (branching_tests, "for x in y:\n        assert x"),
        (branching_tests, "if x:\n        assert x"),
        (unchecking_tests, "run()"),
        (patched_code, "monkeypatch.setattr(a, 'b', c)"),
        (patched_code, "mocker.patch('a')"),
        (sleeping_tests, "await asyncio.sleep(0.1)"),
        (short_names, "assert x"),
    ],
)
def test_each_rule_finds_its_violation(rule: Rule, body: str) -> None:
    assert len(list(rule("made/up.py", ast.parse(f"async def test_it():\n    {body}")))) == 1
