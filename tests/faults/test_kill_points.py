"""kill -9 at every step of a message's way: stored, handled, being sent, sent but not known to be."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.town import Town, message_id, open_town
from tests.waiting import until, until_true

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """One for all tests, as a start takes a second."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(sqlite_template, folder / "zhanggui.db")
    async with open_town(folder, f"sqlite+aiosqlite:///{folder}/zhanggui.db") as town:
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def town(one_town: Town) -> Town:
    """The service running with nothing to do, fair weather, an empty record."""
    one_town.feishu.clear()
    one_town.feishu.arrived.clear()
    one_town.lingxing.clear()
    if not one_town.service.is_running:
        await one_town.service.start()
    await until_true(one_town.is_quiet, seconds=20, pause=0.02)
    return one_town


async def reborn(town: Town) -> None:
    await town.service.kill()
    await town.service.start()


async def test_stored_but_not_handled(town: Town) -> None:
    """Killed in the moment of the acknowledgement."""
    asked = await town.say("店铺")
    await reborn(town)
    await town.answered(asked)
    await until_true(town.is_quiet, seconds=20)
    assert len(town.replies(asked)) == 1


async def test_handled_but_not_sent(town: Town) -> None:
    """Feishu hung up without having taken the answer."""
    town.feishu.drop_connection("reply")
    asked = await town.say("店铺")
    await until(lambda: town.feishu.arrived["reply"] == 1)
    await reborn(town)
    await town.answered(asked)
    await until_true(town.is_quiet, seconds=20)
    assert [message.repeats for message in town.replies(asked)] == [0]


async def test_sent_but_not_yet_taken(town: Town) -> None:
    """Feishu takes the answer after the process that sent it is gone."""
    town.feishu.delay("reply", seconds=0.3)
    asked = await town.say("店铺")
    await until(lambda: town.feishu.arrived["reply"] == 1)
    await reborn(town)
    await until(lambda: town.feishu.arrived["reply"] == 2)
    await until_true(town.is_quiet, seconds=20)
    assert [message.repeats for message in town.replies(asked)] == [1]


async def test_taken_but_not_recorded(town: Town) -> None:
    """Feishu has the answer, the process does not know."""
    town.feishu.drop_connection("reply", handled=True)
    asked = await town.say("店铺")
    await until(lambda: len(town.replies(asked)) == 1)
    await reborn(town)
    await until(lambda: town.feishu.arrived["reply"] == 2)
    await until_true(town.is_quiet, seconds=20)
    assert [message.repeats for message in town.replies(asked)] == [1]


@pytest.mark.parametrize("kill", [True, False])
async def test_a_living_card_stays_one_card_if_its_first_version_was_taken_unnoticed(town: Town, kill: bool) -> None:
    """A newer version is written before it is known that the first one arrived."""
    town.feishu.drop_connection("reply", handled=True)
    asked = await town.say("测试")
    await until(lambda: len(town.replies(asked)) == 1)
    await (reborn(town) if kill else asyncio.sleep(0))
    await town.answered(asked)
    await until_true(town.is_quiet, seconds=20)
    assert len(town.replies(asked)) == 1


async def test_a_pull_that_was_cut_off_goes_on_and_ends_on_its_card(town: Town) -> None:
    town.lingxing.delay("list_fba_stock", seconds=1)
    asked = await town.say("同步")
    await until(lambda: len(town.replies(asked)) == 1)
    await reborn(town)
    await town.answered(asked)
    await until_true(town.is_quiet, seconds=20)
    runs = await town.rows("SELECT count(*), count(ended_at) FROM sync_runs WHERE run_id LIKE 'asked:%'")
    assert (len(town.replies(asked)), runs) == (1, [(1, 1)])


async def test_a_change_delivered_again_after_a_kill_is_made_once(town: Town) -> None:
    envelope = town.envelope("启用", "oc_new_group", is_group=True)
    await town.deliver_until_taken(envelope)
    await reborn(town)
    await town.deliver_until_taken(envelope)
    await town.answered(message_id(envelope))
    await until_true(town.is_quiet, seconds=20)
    assert len(town.replies(message_id(envelope))) == 1
    assert await town.rows("SELECT outcome FROM audit WHERE command = 'enable'") == [("answered",)]


async def test_a_lane_keeps_its_order_over_a_kill(town: Town) -> None:
    town.feishu.delay("reply", seconds=0.3)
    asked = [await town.say(words, "oc_one_chat") for words in ("帮助", "店铺", "状态", "帮助 店铺")]
    await reborn(town)
    await asyncio.gather(*map(town.answered, asked))
    assert sorted(asked, key=lambda each: town.replies(each)[0].number) == asked


async def test_a_stop_in_good_order_sends_what_is_on_its_way_and_repeats_nothing(town: Town) -> None:
    town.feishu.delay("reply", seconds=0.5)
    asked = await town.say("店铺")
    await until(lambda: town.feishu.arrived["reply"] == 1)
    assert await town.service.stop() == 0
    await town.service.start()
    await until_true(town.is_quiet, seconds=20)
    assert [message.repeats for message in town.replies(asked)] == [0]
