"""Every failure that code can name has its sentences."""

import ast
from collections.abc import Iterator

import pytest

from bot.contracts import errors
from bot.explain import TONES
from bot.words import machine_texts, read_texts
from tests.tree.source import CODE, calls, findings, name_of, parsed, python_files
from tests.tree.test_texts import every_sentence

CLASSES = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.AssistantError)}
ERROR_NAMES = (*(each.__name__ for each in CLASSES), "Error")
PARTS = ("title", "meaning", "next")
DEFINED_IN = "bot/contracts/errors.py"


def foreign_errors(place: str, tree: ast.Module) -> Iterator[str]:
    """Exceptions outside the one tree: nobody could explain them, nothing would decide their retry."""
    for node in ast.walk(tree):
        bases = [ast.unparse(base) for base in node.bases] if isinstance(node, ast.ClassDef) else []
        if place != DEFINED_IN and any(base.endswith(("Exception", "BaseException")) for base in bases):
            yield f"{place} defines an exception of its own"


def named_codes(tree: ast.Module) -> Iterator[str]:
    """The literal ``code`` of every error that is made, and of every class of errors."""
    for name, call in calls(tree):
        if name.rpartition(".")[2].endswith(ERROR_NAMES):
            values = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
            yield from (str(value.value) for value in values if isinstance(value, ast.Constant))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith(ERROR_NAMES):
            fields = [
                each for each in node.body if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "code"
            ]
            yield from (str(each.value.value) for each in fields if isinstance(each.value, ast.Constant))


ALLOWED = {
    "bot/console/gate.py defines an exception of its own": "an HTTP refusal, answered by the gate that raises it",
    "bot/heavy/worker.py defines an exception of its own": "no file was made: the console alone answers it",
    "bot/jobs/engine.py defines an exception of its own": "why a job was buried; nothing raises it to people",
    "storage/credentials/cipher.py defines an exception of its own": "a wrong key: only start-up and check see it",
}


def test_every_error_belongs_to_the_one_tree() -> None:
    assert findings(foreign_errors, python_files(*CODE)) == sorted(ALLOWED)


def test_every_error_class_has_a_tone_and_sentences() -> None:
    texts = read_texts(machine_texts() / "zh.toml")
    assert TONES.keys() == CLASSES
    assert {f"error.{each.code}.{part}" for each in CLASSES for part in PARTS} - texts.keys() == set()


def test_every_code_of_an_error_has_its_sentences() -> None:
    named = {(name_of(path), code) for path in python_files(*CODE) for code in named_codes(parsed(path))}
    texts = every_sentence("zh")
    assert [(place, code) for place, code in sorted(named) if f"error.{code}.title" not in texts] == []


def test_an_error_outside_the_tree_is_found() -> None:
    assert len(list(foreign_errors("made/up.py", ast.parse("class TokenGone(Exception): ...")))) == 1


@pytest.mark.parametrize(
    "source",
    ["raise errors.NotFoundError(code='no_store')", "class StoreGoneError(NotFoundError):\n    code = 'no_store'"],
)
def test_a_named_code_is_found(source: str) -> None:
    assert list(named_codes(ast.parse(source))) == ["no_store"]
