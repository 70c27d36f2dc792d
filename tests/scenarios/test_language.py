"""Everybody chooses the language of their answers, and an administrator that of a group."""

from tests.scenarios.stage import OPERATOR, TEAM, VIEWER, Stage


async def test_after_choosing_english_a_person_is_answered_in_english(stage: Stage) -> None:
    assert "From now on I answer you in English." in (await stage.ask("语言 en", by=VIEWER)).text
    assert (await stage.ask("店铺", by=VIEWER)).title == "Stores"
    assert (await stage.ask("店铺", by=OPERATOR)).title == "店铺"


async def test_the_present_language_is_shown_and_changed_by_a_button(stage: Stage) -> None:
    shown = await stage.ask("yy", by=VIEWER)
    assert ("中文" in shown.text, shown.buttons) == (True, ["中文", "English"])
    await stage.press(shown, "English", by=VIEWER)
    assert await stage.first(lambda each: each.title == "Language")
    assert (await stage.ask("stores", by=VIEWER)).title == "Stores"


async def test_an_administrator_chooses_for_a_group_and_nobodys_private_chat_changes(stage: Stage) -> None:
    await stage.ask("language English", chat_id=TEAM, is_group=True)
    assert (await stage.ask("店铺", by=VIEWER, chat_id=TEAM, is_group=True)).title == "Stores"
    assert (await stage.ask("店铺", by=VIEWER)).title == "店铺"


async def test_a_viewer_may_not_choose_for_a_group(stage: Stage) -> None:
    assert (await stage.ask("语言 en", by=VIEWER, chat_id=TEAM, is_group=True)).title == "你没有这个权限"
    assert (await stage.ask("店铺", by=VIEWER, chat_id=TEAM, is_group=True)).title == "店铺"


async def test_a_language_without_texts_is_refused_with_the_usage(stage: Stage) -> None:
    answer = await stage.ask("语言 fr", by=VIEWER)
    assert "语言 [zh|en]" in answer.text
    assert (await stage.ask("店铺", by=VIEWER)).title == "店铺"
