"""Every command tells how it is used, by an example that works, and has a test."""

import ast
import dataclasses
import importlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.commands import CommandBook, read_arguments
from bot.contracts.feature import Command
from bot.words import LANGUAGES, machine_texts, read_texts
from tests.tree.source import ROOT, module_of, parsed, python_files


def feature_folders() -> list[Path]:
    """The folders that define ``feature(deps)``."""
    inits = sorted((ROOT / "handlers").glob("*/__init__.py"))
    return [path.parent for path in inits if "def feature(" in path.read_text(encoding="utf-8")]


def commands_of(folder: Path) -> tuple[Command, ...]:
    """The feature's commands; what they depend on is not looked at before they run."""
    module = importlib.import_module(module_of(folder / "__init__.py"))
    commands: tuple[Command, ...] = module.feature(None).commands
    return commands


COMMANDS = [(folder, command) for folder in feature_folders() for command in commands_of(folder)]
BOOK = CommandBook(command for _, command in COMMANDS)
EVERY_COMMAND = pytest.mark.parametrize(("folder", "command"), COMMANDS, ids=[command.key for _, command in COMMANDS])
EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def needed_texts(command: Command) -> set[str]:
    fields = {f"parameter.{field.name}" for field in dataclasses.fields(command.args)}
    return {f"command.{command.key}.{part}" for part in {"summary", "example"} | fields}


def commands_called(files: Iterable[Path]) -> set[str]:
    """The commands that any text in the files would call."""
    nodes = (node for path in files for node in ast.walk(parsed(path)) if isinstance(node, ast.Constant))
    called = (BOOK.find(node.value) for node in nodes if isinstance(node.value, str))
    return {call.command.key for call in called if call}


@EVERY_LANGUAGE
@EVERY_COMMAND
def test_every_command_says_what_it_does_and_names_its_parameters(
    folder: Path, command: Command, language: str
) -> None:
    assert needed_texts(command) - read_texts(folder / "texts" / f"{language}.toml").keys() == set()


@EVERY_LANGUAGE
@EVERY_COMMAND
def test_every_example_runs_its_own_command(folder: Path, command: Command, language: str) -> None:
    example = read_texts(folder / "texts" / f"{language}.toml")[f"command.{command.key}.example"]
    call = BOOK.find(example)
    assert call is not None
    assert call.command.key == command.key
    assert isinstance(read_arguments(call), command.args)


def test_every_command_has_a_test() -> None:
    tests = [path for path in python_files("tests") if "tree" not in path.parts]
    assert {command.key for _, command in COMMANDS} - commands_called(tests) == set()


@EVERY_COMMAND
def test_a_command_has_a_chinese_an_english_and_a_pinyin_name(folder: Path, command: Command) -> None:
    chinese, english, pinyin = command.names
    assert not chinese.isascii()
    assert english == english.lower()
    assert pinyin.isascii()
    assert pinyin.isalpha()


@EVERY_LANGUAGE
def test_every_role_has_a_name(language: str) -> None:
    roles = {f"role.{command.role}" for _, command in COMMANDS if command.role}
    assert roles - read_texts(machine_texts() / f"{language}.toml").keys() == set()
