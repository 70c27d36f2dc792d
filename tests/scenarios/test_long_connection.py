"""Feishu without a public address: the service opens the connection, with the platform's own library in a child."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from integrations.feishu.simulator import Said
from tests.scenarios.clock import MORNING, StoryClock
from tests.scenarios.conftest import AFTER_FIRST_PULL
from tests.scenarios.stage import Stage, open_stage, small_world
from tests.waiting import until

FLOOD = 500


class Open(Protocol):
    """Opens the stage with the long connection on."""

    def __call__(self, **settings_changed: str) -> AbstractAsyncContextManager[Stage]: ...


@pytest.fixture
def opened(pulled_template: Path, tmp_path: Path) -> Open:
    @asynccontextmanager
    async def open_(**settings_changed: str) -> AsyncIterator[Stage]:
        url = f"sqlite+aiosqlite:///{shutil.copy(pulled_template, tmp_path / 'zhanggui.db')}"
        clock, world = StoryClock(AFTER_FIRST_PULL), small_world(MORNING.date())
        changed = {"FEISHU_MODE": "long_connection", **settings_changed}
        async with open_stage(url, tmp_path, clock, world, **changed) as stage:
            yield stage

    return open_


async def connected(stage: Stage) -> None:
    """Loading the library takes seconds, on a busy machine many."""
    await until(lambda: len(stage.feishu.connections) == 1, seconds=40)


def child_of(stage: Stage) -> int:
    assert stage.app.long_connection is not None
    assert stage.app.long_connection.process_id is not None
    return stage.app.long_connection.process_id


async def messages_stored(stage: Stage) -> int:
    ((count,),) = await stage.rows("SELECT count(*) FROM inbox WHERE kind = 'message'")
    return int(count)


async def test_messages_are_answered_once_and_buttons_at_once_without_the_library_here(opened: Open) -> None:
    async with opened() as stage:
        await connected(stage)
        stage.feishu.connections.longest_part = 300
        card = await stage.answer(await stage.say("补货", copies=3))
        pressed = await stage.press(card, card.buttons[0])
        await stage.settled()
        assert pressed.status == 200
        assert pressed.body == {"toast": {"type": "info", "content": f"收到：{card.buttons[0]}"}}
        assert [shown.title for shown in stage.shown()] == [card.title, card.buttons[0].replace(" ", "：")]
    assert "lark_oapi" not in sys.modules


async def test_what_a_killed_child_had_not_acknowledged_comes_again_and_is_answered_once(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened() as stage:
        await connected(stage)
        async with stage.app.database.begin():  # nothing is stored meanwhile
            saying = asyncio.create_task(stage.say("店铺"))
            await stage.until(lambda: bool(stage.feishu.connections.pushed))
            os.kill(child_of(stage), signal.SIGKILL)
            heard = await saying
        assert heard.status == 0
        await stage.until(lambda: len(stage.feishu.connections) == 0)
        await connected(stage)
        stage.clock.move(minutes=6)
        await stage.until(lambda: max(stage.feishu.connections.pushed.values()) > 1)
        await stage.answer(heard)
        await stage.settled()
        assert (len(stage.shown()), await messages_stored(stage)) == (1, 1)
    assert "Unknown child process" not in caplog.text


async def test_after_the_platform_hung_up_a_flood_is_stored_once_each_and_all_acknowledged(opened: Open) -> None:
    async with opened() as stage:
        await connected(stage)
        await stage.until(lambda: stage.feishu.connections.pings == 1)
        await stage.feishu.connections.hang_up()
        await stage.until(lambda: len(stage.feishu.calls_of("endpoint")) == 2)
        await connected(stage)
        people = stage.feishu.people
        talk = [Said(text="在吗", is_group=True, mentions_bot=False, sender_id=f"ou_{n}") for n in range(FLOOD)]
        heard = await asyncio.gather(*map(people.say, talk))
        assert {each.status for each in heard} == {200}
        assert await messages_stored(stage) == FLOOD


async def test_a_wrong_secret_is_told_plainly_in_the_status(opened: Open) -> None:
    async with opened(FEISHU_APP_SECRET="wrong") as stage:
        connection = stage.app.long_connection
        assert connection is not None
        await until(lambda: connection.trouble == "refused", seconds=40)
        told = [answer async for answer in stage.app.terminal.say("状态")]
        assert "核对 FEISHU_APP_ID 和 FEISHU_APP_SECRET" in str(told)
        assert len(stage.feishu.calls_of("endpoint")) == 1
