"""Buttons: pressed once, by whom they are for, while they say what they do."""

import asyncio

from integrations.feishu.simulator import Said
from tests.scenarios.shown import Shown
from tests.scenarios.stage import ADMIN, OPERATOR, TEAM, VIEWER, Stage

AGAIN = "再同步一次"
_LATE = 11


async def a_failed_sync(stage: Stage) -> Shown:
    """A card in the group with the button that syncs once more."""
    stage.lingxing.next_code("3001002", "sellers")
    return await stage.ask("同步", chat_id=TEAM, is_group=True)


def toast(heard: object) -> tuple[str, str]:
    said = heard.body["toast"]  # type: ignore[attr-defined]
    return said["type"], said["content"]


async def test_a_reading_button_may_be_pressed_again_and_again(stage: Stage) -> None:
    card = await stage.ask("补货")
    label = card.buttons[0]
    assert toast(await stage.press(card, label)) == ("info", f"收到：{label}")
    assert toast(await stage.press(card, label, by=VIEWER)) == ("info", f"收到：{label}")
    await stage.settled()
    assert [shown.title for shown in stage.shown()][1:] == [label.replace(" ", "：")] * 2


async def test_of_two_who_press_at_once_one_wins_and_the_other_is_told_who(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    pressed = await asyncio.gather(stage.press(card, AGAIN, by=ADMIN), stage.press(card, AGAIN, by=OPERATOR))
    await stage.settled()
    assert sorted(toast(each) for each in pressed)[0] == ("info", f"收到：{AGAIN}")
    assert sorted(toast(each) for each in pressed)[1][1] in ("林掌柜 已经按过了", "小陈 已经按过了")
    assert len(await stage.rows("SELECT run_id FROM sync_runs WHERE reply_key <> ''")) == 2


async def test_the_same_press_delivered_three_times_acts_once(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    await stage.press(card, AGAIN, copies=3)
    await stage.settled()
    assert len(await stage.rows("SELECT run_id FROM sync_runs WHERE reply_key <> ''")) == 2


async def test_a_pressed_card_ends_without_buttons_and_names_who_pressed(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    await stage.press(card, AGAIN, by=OPERATOR)
    await stage.settled()
    now = next(each for each in stage.shown() if each.message.message_id == card.message.message_id)
    assert now.buttons == []
    assert "小陈 于" in now.text


async def test_a_card_is_edited_no_sooner_than_half_a_second_after_a_press(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    pressed_at = stage.clock.now()
    await stage.press(card, AGAIN)
    await stage.settled()
    edits = [edit.at for edit in stage.feishu.messages.by_id[card.message.message_id].edits if edit.at > pressed_at]
    assert min((at - pressed_at).total_seconds() for at in edits) >= 0.5


async def test_a_person_without_the_role_is_told_so_and_the_button_stays(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    assert toast(await stage.press(card, AGAIN, by=VIEWER)) == ("warning", "你没有这个权限")
    assert toast(await stage.press(card, AGAIN, by=OPERATOR))[0] == "info"


async def test_an_expired_button_does_nothing(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    stage.clock.move(days=8)
    assert toast(await stage.press(card, AGAIN)) == ("warning", "这个按钮已经失效")


async def test_a_button_of_a_card_that_has_changed_says_so(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    await stage.execute("""UPDATE messages SET card = replace(card, '同步结束', '同步早已结束')""")
    assert toast(await stage.press(card, AGAIN)) == ("warning", "卡片内容已经更新，请看最新的卡片")


async def test_a_button_of_a_card_that_retention_has_emptied_is_dead(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    await stage.execute("UPDATE messages SET card = NULL")
    assert toast(await stage.press(card, AGAIN)) == ("warning", "卡片内容已经更新，请看最新的卡片")


async def test_a_command_that_comes_late_is_not_run_but_offered(stage: Stage) -> None:
    answer = await a_late_sync(stage)
    assert (answer.title, answer.buttons) == ("这条命令来晚了", ["现在执行"])
    assert await stage.rows("SELECT run_id FROM sync_runs WHERE reply_key <> ''") == []


async def test_a_late_command_runs_at_a_tap(stage: Stage) -> None:
    await stage.press(await a_late_sync(stage), "现在执行", by=OPERATOR)
    assert (await stage.first(lambda shown: shown.title == "同步完成，有店铺没有拉取")).tone == "warning"


async def test_only_who_asked_may_run_a_late_command(stage: Stage) -> None:
    answer = await a_late_sync(stage)
    assert toast(await stage.press(answer, "现在执行", by=ADMIN)) == ("warning", "这个按钮只有提问的人能按")


async def test_a_question_that_comes_late_is_answered(stage: Stage) -> None:
    envelope = stage.feishu.envelopes.message(said("店铺"))
    stage.clock.move(minutes=_LATE)
    await stage.push(envelope)
    assert (await stage.first(lambda shown: True)).title == "店铺"


async def test_a_refused_press_leaves_the_button_for_another_try(stage: Stage) -> None:
    card = await a_failed_sync(stage)
    await stage.execute("UPDATE chats SET enabled = 0")
    await stage.press(card, AGAIN)
    await stage.settled()
    await stage.execute("UPDATE chats SET enabled = 1")
    assert toast(await stage.press(card, AGAIN))[0] == "info"
    assert (await stage.first(lambda shown: shown.title == "同步完成，有店铺没有拉取")).tone == "warning"


async def a_late_sync(stage: Stage) -> Shown:
    envelope = stage.feishu.envelopes.message(said("同步"))
    stage.clock.move(minutes=_LATE)
    await stage.push(envelope)
    return await stage.first(lambda shown: shown.title == "这条命令来晚了")


def said(text: str) -> Said:
    return Said(text=text, chat_id="oc_private_operator", sender_id=OPERATOR)
