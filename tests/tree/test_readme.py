"""What documents say about the tree is so."""

import re
from pathlib import Path

import pytest

from bot.contracts.feature import Command
from bot.words import read_texts
from tests.tree.source import ROOT, name_of
from tests.tree.test_commands import COMMANDS

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("integrations/*/README.md")]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
_LINK = re.compile(r"]\((?![a-z]+:|#)([^)#]+)")
_TARGET = re.compile(r"^(\w+):", re.MULTILINE)
_FIGURE = re.compile(r'Figure\(\s*"(\w+)"')


def row(folder: Path, command: Command, language: str, everybody: str) -> str:
    """The command's line in the table of one language."""
    texts = read_texts(folder / "texts" / f"{language}.toml")
    names = " ".join(f"`{name}`" for name in command.names)
    summary, example = (texts[f"command.{command.key}.{part}"] for part in ("summary", "example"))
    return f"| {names} | {command.role or everybody} | {summary} | `{example}` |"


def broken_links(document: Path) -> list[str]:
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    return [link for link in links if not (document.parent / link).exists()]


@pytest.mark.parametrize(("language", "everybody"), [("en", "anyone"), ("zh", "任何人")])
def test_the_readme_shows_every_command_as_the_registry_has_it(language: str, everybody: str) -> None:
    rows = [row(folder, command, language, everybody) for folder, command in COMMANDS]
    assert [each for each in rows if each not in README] == []


def test_the_readme_shows_every_figure_that_is_measured() -> None:
    measured = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "bench").glob("*.py"))
    figures = _FIGURE.findall(measured)
    assert figures
    assert [name for name in figures if f"| `{name}` |" not in README] == []


def test_make_knows_every_target_that_the_readme_names() -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    assert set(re.findall(r"\bmake (demo|test|check|bench|lock|faults)\b", README)) - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    assert broken_links(document) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("[one](a.md) [two](b.md) [three](https://example.com) [four](#b)", encoding="utf-8")
    assert broken_links(document) == ["b.md"]


def test_every_decision_has_a_number_of_its_own_and_carries_it_in_its_title() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    titles = [path.read_text(encoding="utf-8")[:6] for path in DECISIONS]
    assert len(set(numbers)) == len(numbers)
    assert titles == [f"# {number}" for number in numbers]
