"""The README's way to a connected Feishu asks for what the code needs, in both languages."""

import json
import re

import pytest

from bot.settings import load_settings
from bot.words import read_texts
from integrations.feishu.scopes import NEEDS, SUBSCRIPTIONS
from tests.tree.source import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
HEADINGS = {"en": "## Connect your Feishu in ten minutes", "zh": "## 十分钟接上飞书"}
SCOPES = [need.scopes[0] for need in NEEDS]
_PERMISSION = re.compile(r"`(im:[\w:.]+)`")
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)

EVERY_LANGUAGE = pytest.mark.parametrize("language", sorted(HEADINGS))


def section(language: str) -> str:
    """The part of the README, without the indentation of its steps."""
    after = README.partition(f"\n{HEADINGS[language]}\n")[2]
    return re.sub(r"^   ", "", after.partition("\n## ")[0], flags=re.MULTILINE)


def blocks(language: str, kind: str) -> list[str]:
    return [text for found, text in _BLOCK.findall(section(language)) if found == kind]


@EVERY_LANGUAGE
def test_exactly_the_permissions_that_the_code_needs_can_be_pasted(language: str) -> None:
    (pasted,) = blocks(language, "json")
    assert json.loads(pasted) == {"scopes": {"tenant": SCOPES, "user": []}}


@EVERY_LANGUAGE
def test_each_permission_says_what_does_not_work_without_it(language: str) -> None:
    texts = read_texts(ROOT / "handlers" / "system" / "texts" / f"{language}.toml")
    rows = [f"| `{need.scopes[0]}` | {texts[f'system.access.without.{need.use}']}" for need in NEEDS]
    assert [row for row in rows if row not in section(language)] == []


@EVERY_LANGUAGE
def test_each_event_and_callback_is_named(language: str) -> None:
    assert [each.name for each in SUBSCRIPTIONS if f"`{each.name}`" not in section(language)] == []


def test_no_document_asks_for_a_permission_that_nothing_needs() -> None:
    notes = (ROOT / "integrations" / "feishu" / "README.md").read_text(encoding="utf-8")
    known = {scope for need in NEEDS for scope in need.scopes}
    assert set(_PERMISSION.findall(README + notes)) - known == set()


@EVERY_LANGUAGE
def test_both_ways_to_receive_are_set_up_as_shown(language: str) -> None:
    shown = [dict(line.split("=", 1) for line in text.split()) for text in blocks(language, "ini")]
    feishu = [load_settings(each).feishu for each in shown]
    assert [app is not None and app.webhook is not None for app in feishu] == [False, True]
