"""An app that lacks a permission: what people are told, and that nothing is lost for it."""

import pytest

from tests.scenarios.stage import OPERATOR, Stage

WRITE, GROUP = "im:message:send_as_bot", "im:message.group_at_msg:readonly"


@pytest.mark.parametrize("line", ["状态", "死信"])
async def test_an_answer_for_want_of_a_permission_is_a_dead_letter_that_names_it(stage: Stage, line: str) -> None:
    stage.feishu.grants.withheld = {WRITE}
    await stage.say("店铺")
    await stage.settled()
    assert stage.sent() == []
    stage.feishu.grants.withheld = set()
    told = (await stage.ask(line)).text
    assert "飞书没有给应用权限" in told
    assert WRITE in told


async def test_its_letter_says_what_to_do_and_may_be_sent_once_that_is_done(stage: Stage) -> None:
    stage.feishu.grants.withheld = {WRITE}
    await stage.say("店铺")
    await stage.settled()
    stage.feishu.grants.withheld = set()
    ((message_id,),) = await stage.rows("SELECT id FROM messages WHERE state = 'failed'")
    about = await stage.ask(f"死信 {message_id}")
    assert "「权限管理」" in about.text
    await stage.press(about, "再发一次", by=OPERATOR)
    assert await stage.first(lambda shown: shown.title == "店铺")


async def test_the_test_names_what_is_missing_and_what_never_came(stage: Stage) -> None:
    stage.feishu.grants.withheld = {GROUP}
    told = await stage.ask("测试")
    assert f"缺少飞书权限 {GROUP}：收不到群里 @机器人 的消息" in told.text
    assert WRITE not in told.text
    heard = {row["c0"]: row for row in told.rows if "." in str(row["c0"])}
    assert "还没收到过" not in str(heard["im.message.receive_v1"])
    assert "还没收到过" in str(heard["card.action.trigger"])
    assert told.tone == "warning"


async def test_an_app_that_has_everything_passes_the_test(stage: Stage) -> None:
    told = await stage.ask("测试")
    assert ("飞书权限齐全" in told.text, told.tone) == (True, "good")
