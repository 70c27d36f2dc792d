"""Both languages say everything, and the code asks for nothing they lack."""

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from string import Formatter

import pytest

from bot.words import LANGUAGES, load_catalogue, read_texts
from tests.tree.source import CODE, ROOT, calls, name_of, parsed, python_files

_IN_PAGE = re.compile(r"""words\(\s*["']([\w.]+)["']\s*(~?)""")
_ANY_PART = r"[\w.-]+"
_KEY = re.compile(r"[a-z_]+(\.\w+)+")

ASKED_BY_CODE = ("platform.", "role.")
"""Named by a value: bot.explain looks them up under the platform or role that an error carries."""


def text_folders() -> list[Path]:
    return sorted({path.parent for package in ("bot", "handlers") for path in (ROOT / package).rglob("texts/zh.toml")})


def every_sentence(language: str) -> dict[str, str]:
    return {key: text for folder in text_folders() for key, text in read_texts(folder / f"{language}.toml").items()}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Keys that only one language has, that are empty, or whose placeholders differ."""
    found = [f"{key} is in one language only" for key in sorted(one.keys() ^ other.keys())]
    for key in sorted(one.keys() & other.keys()):
        if placeholders(one[key]) != placeholders(other[key]):
            found.append(f"{key} has other placeholders")
        if not one[key].strip() or not other[key].strip():
            found.append(f"{key} is empty")
    return found


def missing_sentences(place: str, tree: ast.Module, sentences: Mapping[str, str]) -> Iterator[str]:
    """Calls ``words("key", name=…)`` whose key does not exist or whose sentence needs more names."""
    for name, call in calls(tree):
        if not name.endswith("words") or not call.args or not isinstance(call.args[0], ast.Constant):
            continue
        key = str(call.args[0].value)
        given = {keyword.arg for keyword in call.keywords}
        if key in LANGUAGES:
            continue
        if key not in sentences:
            yield f"{place}:{call.lineno} {key} does not exist"
        elif None not in given and placeholders(sentences[key]) - given:
            yield f"{place}:{call.lineno} {key} needs {placeholders(sentences[key]) - given}"


def asked_keys(tree: ast.Module) -> Iterator[str]:
    """Patterns of the keys that a module names, as literals or with parts filled in."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if _KEY.fullmatch(text):
                yield re.escape(text)
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if "." in start:
                yield "".join(_pattern(part) for part in node.values)


def _pattern(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else _ANY_PART


def keys_asked_by_pages() -> set[str]:
    """The same for the templates of pages, where ``~`` appends a part."""
    pages = [path for package in ("bot", "handlers") for path in (ROOT / package).rglob("*.html")]
    found = [each for path in pages for each in _IN_PAGE.findall(path.read_text(encoding="utf-8"))]
    return {re.escape(key) + (_ANY_PART if appended else "") for key, appended in found}


@pytest.mark.parametrize("folder", text_folders(), ids=name_of)
def test_both_languages_have_the_same_sentences(folder: Path) -> None:
    zh, en = (read_texts(folder / f"{language}.toml") for language in LANGUAGES)
    assert differences(zh, en) == []


def test_no_two_catalogues_share_a_key() -> None:
    assert load_catalogue(text_folders(), timezone=UTC).words("zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_plain_names(language: str) -> None:
    names = {name for sentence in every_sentence(language).values() for name in placeholders(sentence)}
    assert [name for name in names if not name.isidentifier()] == []


def test_every_sentence_that_code_asks_for_exists() -> None:
    sentences = every_sentence("zh")
    files = python_files(*CODE)
    assert [each for path in files for each in missing_sentences(name_of(path), parsed(path), sentences)] == []


def test_every_sentence_that_a_page_asks_for_exists() -> None:
    sentences = every_sentence("zh")
    assert [asked for asked in keys_asked_by_pages() if not any(re.fullmatch(asked, key) for key in sentences)] == []


def test_no_sentence_is_left_over() -> None:
    in_code = {pattern for path in python_files(*CODE) for pattern in asked_keys(parsed(path))}
    asked = re.compile("|".join(sorted(in_code | keys_asked_by_pages())))
    left = [key for key in every_sentence("zh") if not asked.fullmatch(key)]
    assert [key for key in left if not key.startswith(ASKED_BY_CODE)] == []


@pytest.mark.parametrize(
    ("zh", "en"),
    [({"a": "x"}, {}), ({"a": "{x}"}, {"a": "{y}"}), ({"a": " "}, {"a": "x"})],
    ids=["missing", "other placeholder", "empty"],
)
def test_a_difference_between_the_languages_is_found(zh: dict[str, str], en: dict[str, str]) -> None:
    assert len(differences(zh, en)) == 1


@pytest.mark.parametrize("source", ['words("a.c")', 'self.words("a.b")', 'words("a.b", other=1)'])
def test_a_missing_sentence_or_value_is_found(source: str) -> None:
    assert len(list(missing_sentences("made/up.py", ast.parse(source), {"a.b": "{name}"}))) == 1


def test_keys_with_filled_in_parts_count_as_asked() -> None:
    (pattern,) = asked_keys(ast.parse('words(f"press.{outcome}.title")'))
    assert re.fullmatch(pattern, "press.taken.title")
