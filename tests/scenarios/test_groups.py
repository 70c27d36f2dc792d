"""Groups: silence until an administrator enables them, and never a word to what does not concern the bot."""

from tests.scenarios.stage import ADMIN, OPERATOR, STRANGER, TEAM, VIEWER, Stage

NEW_GROUP = "oc_new_group"


async def test_a_stranger_in_a_group_that_is_not_enabled_hears_nothing(stage: Stage) -> None:
    await stage.say("帮助", by=STRANGER, chat_id=NEW_GROUP, is_group=True)
    await stage.settled()
    assert stage.sent() == []


async def test_a_colleague_in_a_group_that_is_not_enabled_is_told_what_to_do(stage: Stage) -> None:
    answer = await stage.ask("店铺", by=OPERATOR, chat_id=NEW_GROUP, is_group=True)
    assert "启用" in answer.title
    assert answer.rows == []


async def test_an_administrator_enables_a_group(stage: Stage) -> None:
    await stage.ask("启用", chat_id=NEW_GROUP, is_group=True)
    assert (await stage.ask("店铺", by=VIEWER, chat_id=NEW_GROUP, is_group=True)).title == "店铺"


async def test_a_viewer_may_not_enable_a_group_and_is_told_who_can(stage: Stage) -> None:
    answer = await stage.ask("启用", by=VIEWER, chat_id=NEW_GROUP, is_group=True)
    assert (answer.title, "管理员" in answer.text) == ("你没有这个权限", True)
    assert "还没有启用" in (await stage.ask("店铺", chat_id=NEW_GROUP, is_group=True)).title


async def test_enabling_belongs_into_a_group(stage: Stage) -> None:
    assert (await stage.ask("启用")).title == "请在群里用"


async def test_talk_among_people_is_ignored(stage: Stage) -> None:
    heard = await stage.say("店铺", chat_id=TEAM, is_group=True, mentions_bot=False)
    await stage.settled()
    assert (heard.status, stage.sent()) == (200, [])


async def test_an_answer_to_a_card_of_the_bot_is_obeyed(stage: Stage) -> None:
    card = await stage.ask("店铺", chat_id=TEAM, is_group=True)
    parent = card.message.message_id
    answer = await stage.ask("补货", chat_id=TEAM, is_group=True, mentions_bot=False, parent_id=parent)
    assert answer.title == "补货：全部店铺"


async def test_people_who_talk_about_a_card_are_left_alone(stage: Stage) -> None:
    card = await stage.ask("店铺", chat_id=TEAM, is_group=True)
    heard = await stage.say(
        "我看看", chat_id=TEAM, is_group=True, mentions_bot=False, parent_id=card.message.message_id
    )
    await stage.settled()
    assert [each for each in stage.shown() if each.quotes == heard.message_id] == []


async def test_an_answer_to_somebody_else_is_ignored(stage: Stage) -> None:
    await stage.say("补货", chat_id=TEAM, is_group=True, mentions_bot=False, parent_id="om_of_somebody")
    await stage.settled()
    assert stage.sent() == []


async def test_a_mention_without_words_is_offered_help(stage: Stage) -> None:
    answer = await stage.ask("", chat_id=TEAM, is_group=True)
    assert answer.buttons == ["帮助"]
    assert "「」" not in answer.text


async def test_a_group_that_the_bot_joins_is_told_how_to_begin(stage: Stage) -> None:
    await stage.joins(NEW_GROUP)
    greeting = await stage.first(lambda shown: shown.message.chat_id == NEW_GROUP)
    assert "启用" in greeting.text


async def test_a_button_in_a_group_that_is_not_enabled_does_nothing_more_than_a_message(stage: Stage) -> None:
    await stage.joins(NEW_GROUP)
    greeting = await stage.first(lambda shown: shown.message.chat_id == NEW_GROUP)
    await stage.press(greeting, "帮助", by=OPERATOR)
    await stage.until(lambda: len(stage.sent()) == 2)
    assert "还没有启用" in stage.shown()[1].title


async def test_opening_the_private_chat_greets_once(stage: Stage) -> None:
    entered = [stage.feishu.envelopes.entered("oc_private", VIEWER) for _ in range(2)]
    assert [await stage.push(each) for each in entered] == [200, 200]
    await stage.settled()
    assert [each.title for each in stage.shown()] == ["你好，我是掌柜"]


async def test_every_group_that_the_bot_joins_is_greeted(stage: Stage) -> None:
    await stage.joins(NEW_GROUP)
    await stage.joins("oc_second_group")
    await stage.settled()
    assert {each.message.chat_id for each in stage.shown()} == {NEW_GROUP, "oc_second_group"}


async def test_a_stranger_who_was_greeted_may_still_ask_for_help(stage: Stage) -> None:
    await stage.push(stage.feishu.envelopes.entered("oc_private_stranger", STRANGER))
    assert (await stage.ask("帮助", by=STRANGER, chat_id="oc_private_stranger")).title == "我能做这些"


async def test_a_menu_entry_runs_its_command_in_the_private_chat(stage: Stage) -> None:
    await stage.push(stage.feishu.envelopes.menu(ADMIN, "状态"))
    answer = await stage.first(lambda shown: shown.message.chat_id == ADMIN)
    assert answer.title == "运行状态"
