"""The operator's door: what comes over the socket, and who may knock."""

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.cli.connection import Connection, connect
from bot.contracts.errors import AssistantError, ConfigError
from bot.control import SOCKET_NAME, ControlServer
from tests.scenarios.stage import Stage


@asynccontextmanager
async def connected(stage: Stage) -> AsyncIterator[Connection]:
    connection = await connect(stage.settings.data_dir)
    assert connection is not None
    yield connection
    await connection.close()


async def asked(stage: Stage, **question: Any) -> list[dict[str, Any]]:
    async with connected(stage) as connection:
        return [answer async for answer in connection.ask(**question)]


async def test_a_line_is_answered_with_its_card_and_its_outcome(stage: Stage) -> None:
    first, last = await asked(stage, do="say", text="店铺")
    assert (first["card"]["title"], last["outcome"]) == ("店铺", "answered")


async def test_a_card_that_works_is_followed_to_its_end(stage: Stage) -> None:
    *cards, last = await asked(stage, do="say", text="测试")
    assert [each["card"]["tone"] for each in cards] == ["working", "good"]
    assert last["outcome"] == "answered"


async def test_a_button_is_pressed_and_a_second_press_says_who_was_first(stage: Stage) -> None:
    stage.lingxing.next_code("3001002", "sellers")
    *cards, _ = await asked(stage, do="say", text="同步")
    token = cards[-1]["card"]["actions"][0]["token"]
    await asked(stage, do="press", token=token)
    assert await asked(stage, do="press", token=token, **{"as": "小陈"}) == [
        {"outcome": "refused", "notice": "林掌柜 已经按过了"}
    ]


async def test_a_person_without_rights_is_refused_in_the_terminal_too(stage: Stage) -> None:
    first, last = await asked(stage, do="say", text="同步", **{"as": "阿芳"})
    assert (first["card"]["title"], last["outcome"]) == ("你没有这个权限", "refused")


@pytest.mark.parametrize(
    "question", [{}, {"do": "say"}, {"do": "press", "token": 7}, {"do": "say", "text": "店铺", "as": "谁"}]
)
async def test_what_makes_no_sense_is_an_error_and_the_door_stays_open(stage: Stage, question: dict[str, Any]) -> None:
    async with connected(stage) as connection:
        with pytest.raises(AssistantError):
            _ = [answer async for answer in connection.ask(**question)]
        (listed,) = [answer async for answer in connection.ask(do="user list")]
    assert len(listed["result"]) == 3


async def test_the_socket_is_for_the_owner_alone_and_goes_with_the_service(stage: Stage) -> None:
    path = stage.settings.data_dir / SOCKET_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await stage.app.stop()
    assert not path.exists()
    await stage.restart()


async def test_a_folder_too_deep_for_a_socket_is_said_at_the_start(stage: Stage, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    with pytest.raises(ConfigError, match="ZHANGGUI_DATA_DIR"):
        await ControlServer(deep, stage.app.terminal, stage.app.administration).start()
