"""The same service for a team that reads English."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.scenarios.stage import VIEWER, Stage

HAN = range(0x4E00, 0xA000)
NAMES = "屿光电动奶泡器充电款白飞书美国德国日本英国林掌柜小陈阿芳"
"""Words of the sample world, which are the same in every language."""


def chinese_in(text: str) -> set[str]:
    return {sign for sign in text if ord(sign) in HAN} - set(NAMES)


@pytest.fixture
async def english(stage: Stage) -> AsyncIterator[Stage]:
    stage.settings = replace(stage.settings, language="en")
    await stage.restart()
    yield stage


@pytest.mark.parametrize(
    "line",
    [
        "stores",
        "status",
        "test",
        "restock",
        "restock YG-KT-0004-WH-US 30",
        "why YG-KT-0004-WH-US",
        "stock YG-KT-0004-WH-US",
        "sync",
        "dead-letters",
        "dead-letters X",
        "trace X",
        "restok",
        "why",
        "login",
        "help",
        "help restock",
        "help fly",
        "bind",
    ],
)
async def test_an_answer_in_english_has_no_chinese(english: Stage, line: str) -> None:
    answer = await english.ask(line)
    assert chinese_in("\n".join([answer.title, *answer.buttons, answer.text.replace("补货 / ", "")])) == set()


async def test_a_refusal_in_english_has_no_chinese(english: Stage) -> None:
    answer = await english.ask("sync", by=VIEWER)
    assert (answer.title, chinese_in(answer.text)) == ("You may not do this", set())
