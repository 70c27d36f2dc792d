"""A matter from its opening to its end: one card per chat, a ladder that climbs, one answer that stops it all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from storage.matters import store
from storage.matters.rows import NewMatter
from tests.scenarios import phone
from tests.scenarios.shown import Shown
from tests.scenarios.stage import ADMIN, OPERATOR, TEAM, VIEWER, Stage

IN_GROUP: dict[str, Any] = {"chat_id": TEAM, "is_group": True}
TITLE = "仓库断网"
DETAILS = {"name": TITLE, "summary": "打不了单", "labels": "site=warehouse"}
OFFLINE = NewMatter(kind="alertmanager", fingerprint="offline", details=DETAILS)


async def open_matter(stage: Stage, new: NewMatter = OFFLINE) -> None:
    async with stage.app.database.begin() as tx:
        assert await store.open_matter(tx, new, now=stage.clock.now())


def about(stage: Stage, number: int = 1) -> list[Shown]:
    """The bot's own messages about a matter, replies to people left out."""
    return [shown for shown in stage.shown() if shown.title.startswith(f"#{number} ") and "归你了" not in shown.title]


async def living(stage: Stage) -> Shown:
    return await stage.first(lambda shown: shown.title == f"#1 {TITLE}")


async def steps(stage: Stage, state: str) -> list[str]:
    rows = await stage.rows(f"SELECT how FROM ladder_steps WHERE state = '{state}' ORDER BY position")
    return [how for (how,) in rows]


async def until_state(stage: Stage, state: str) -> None:
    async def is_so() -> bool:
        return (state,) in await stage.rows("SELECT state FROM matters")

    await stage.until_true(is_so)


async def test_a_matter_has_one_card_in_its_chat_that_tells_who_took_it(stage: Stage) -> None:
    await stage.ask("提醒群", **IN_GROUP)
    await open_matter(stage)
    card = await living(stage)
    assert (card.message.chat_id, card.tone, "等人接手" in card.text) == (TEAM, "warning", True)
    await stage.press(card, "我来处理", by=OPERATOR)
    await stage.until(lambda: "小陈 接手" in about(stage)[0].text and "办完了" in about(stage)[0].buttons)
    assert len(about(stage)) == 1
    assert await steps(stage, "pending") == []


async def test_nobody_answers_so_it_climbs_until_somebody_does(stage: Stage) -> None:
    await stage.ask("提醒群", **IN_GROUP)
    await open_matter(stage)
    card = await living(stage)
    stage.clock.move(minutes=11)
    mention = await stage.first(lambda shown: shown.title == "#1 请看一下")
    assert mention.quotes == card.message.message_id
    assert mention.message.thread_id == f"omt_{card.message.message_id}"
    assert "<at id=ou_demo_operator></at>" in str(mention.content)
    stage.clock.move(minutes=10)
    private = await stage.first(lambda shown: shown.message.chat_id == OPERATOR and shown.title == f"#1 {TITLE}")
    stage.clock.move(minutes=10)
    await phone.first(stage, lambda message: message.person_id == phone.OPERATOR)
    await stage.press(private, "我来处理", by=OPERATOR)
    await until_state(stage, "taken")
    assert "private" not in await steps(stage, "pending")
    sent = len(about(stage))
    stage.clock.move(hours=9)
    await stage.quiet()
    assert len(about(stage)) == sent


async def test_a_matter_that_is_settled_says_so_once_in_its_thread_with_its_duration(stage: Stage) -> None:
    await stage.ask("提醒群", **IN_GROUP)
    await open_matter(stage)
    card = await living(stage)
    stage.clock.move(minutes=5)
    await stage.ask("办结 1 重放了", by=OPERATOR)
    over = await stage.first(lambda shown: shown.title.startswith("#1 结束了，持续 "))
    assert (over.quotes, over.tone) == (card.message.message_id, "good")
    await stage.ask("备注 1 记一下原因", by=OPERATOR)
    await stage.quiet()
    assert len([shown for shown in about(stage) if "结束了" in shown.title]) == 1


async def test_without_a_chat_and_a_roster_it_falls_through_to_people_at_once(stage: Stage) -> None:
    await stage.ask("值班 每天 无")
    await stage.ask("值班 周一 小陈")
    await open_matter(stage)
    told = await stage.first(lambda shown: shown.title == f"#1 {TITLE}")
    assert told.message.chat_id == ADMIN
    assert "没有人可通知（值班）" in told.text


async def test_a_person_who_left_is_skipped(stage: Stage) -> None:
    await stage.ask("值班 每天 阿芳")
    await stage.execute("DELETE FROM grants WHERE role = 'viewer'")
    await open_matter(stage)
    told = await stage.first(lambda shown: shown.title == f"#1 {TITLE}")
    assert told.message.chat_id == ADMIN


async def test_who_may_not_see_the_store_is_told_nothing_of_it(stage: Stage) -> None:
    await stage.execute("UPDATE grants SET store_id = '1' WHERE role = 'operator'")
    await stage.ask("阶梯 0 私聊 运营 1 私聊 管理员")
    await open_matter(stage, replace(OFFLINE, store_id="2"))
    told = await stage.first(lambda shown: shown.title == f"#1 {TITLE}")
    assert told.message.chat_id == ADMIN
    assert (await stage.ask("事项 1", by=OPERATOR)).title == "你看不到这个事项"


async def test_an_answer_from_somebody_without_the_right_changes_nothing(stage: Stage) -> None:
    await stage.ask("提醒群", **IN_GROUP)
    await open_matter(stage)
    card = await living(stage)
    await stage.press(card, "我来处理", by=VIEWER)
    refused = await stage.ask("接手 1", by=VIEWER)
    assert refused.title == "你没有这个权限"
    assert len(await steps(stage, "pending")) > 3
    assert await stage.rows("SELECT state FROM matters") == [("open",)]


async def test_a_matter_that_nobody_took_is_told_again_every_four_hours(stage: Stage) -> None:
    await stage.ask("阶梯 0 群")
    await stage.ask("提醒群", **IN_GROUP)
    await open_matter(stage)
    card = await living(stage)
    stage.clock.move(hours=4)
    again = await stage.first(lambda shown: shown.title.startswith("#1 还没人接手，4"))
    assert again.quotes == card.message.message_id


async def test_a_ladder_that_found_nobody_climbs_again_until_somebody_is_there(stage: Stage) -> None:
    await stage.ask("阶梯 0 群")
    await open_matter(stage)

    async def is_skipped() -> bool:
        return await steps(stage, "skipped") == ["card"]

    await stage.until_true(is_skipped)
    await stage.ask("提醒群", **IN_GROUP)
    stage.clock.move(hours=4)
    assert (await living(stage)).message.chat_id == TEAM


async def test_whoever_takes_it_twice_took_it_once(stage: Stage) -> None:
    await open_matter(stage)
    titles = [(await stage.ask("接手 1", by=OPERATOR)).title for _ in "ab"]
    assert ["归你了" in title for title in titles] == [True, True]
    assert len(await stage.rows("SELECT 1 FROM matter_entries WHERE kind = 'taken'")) == 1


async def test_a_card_that_a_user_deleted_is_sent_again_with_the_next_change(stage: Stage) -> None:
    await stage.ask("提醒群", **IN_GROUP)
    await open_matter(stage)
    card = await living(stage)
    stage.feishu.messages.recall(card.message.message_id)
    await stage.ask("接手 1", by=OPERATOR)
    again = await stage.first(lambda shown: shown.title == f"#1 {TITLE}" and "处理中" in shown.text)
    assert again.message.message_id != card.message.message_id


async def test_what_is_put_off_is_silent_until_its_day_and_then_climbs_again(stage: Stage) -> None:
    await stage.ask("阶梯 0 群")
    await stage.ask("提醒群", **IN_GROUP)
    await open_matter(stage)
    await living(stage)
    put_off = await stage.ask("稍后 1 2天 等领星", by=OPERATOR)
    assert put_off.title == "#1 先放着"
    stage.clock.move(days=1, hours=23)
    assert len(about(stage)) == 1 + len([shown for shown in about(stage) if shown.title == "#1 先放着"])
    stage.clock.move(hours=1)
    await until_state(stage, "open")
    await stage.first(lambda shown: shown.title.startswith("#1 还没人接手"))


async def test_a_matter_handed_over_reaches_its_new_owner_alone(stage: Stage) -> None:
    await open_matter(stage)
    assert (await stage.ask("转交 1 小成")).title == "没有这个人"
    assert (await stage.ask("转交 1 阿芳")).title == "对方处理不了"
    assert (await stage.ask("转交 1 小陈")).title == "#1 已转交"
    told = await stage.first(lambda shown: shown.message.chat_id == OPERATOR and "转交给 小陈" in shown.text)
    assert "处理中" in told.text


async def test_what_came_in_quiet_hours_is_in_the_digest_but_not_what_is_urgent(stage: Stage) -> None:
    await stage.ask("免打扰 16:00-8:00", by=OPERATOR)
    await stage.ask("阶梯 0 私聊 运营")
    await open_matter(stage)
    await stage.until_true(lambda: _has_rows(stage, "SELECT title FROM held_messages"))
    urgent = replace(OFFLINE, fingerprint="other", is_urgent=True)
    await open_matter(stage, urgent)
    await stage.first(lambda shown: shown.title.startswith("#2 ") and shown.message.chat_id == OPERATOR)
    stage.clock.move(hours=16)
    digest = await stage.first(lambda shown: shown.title == "早报")
    assert f"#1 {TITLE}" in digest.text
    await stage.press(digest, "看 事项 1", by=OPERATOR)
    await stage.first(lambda shown: shown.title == f"#1 {TITLE}" and "放到哪天" in str(shown.content))


async def _has_rows(stage: Stage, query: str) -> bool:
    return bool(await stage.rows(query))


async def test_the_metrics_count_what_is_not_settled(stage: Stage) -> None:
    await open_matter(stage)
    assert 'zhanggui_matters_open{kind="alertmanager"} 1.0' in (await stage.get("/metrics"))[1]


async def test_what_costs_most_to_leave_is_listed_first(stage: Stage) -> None:
    due_at = stage.clock.now() + timedelta(days=1)
    await open_matter(stage, replace(OFFLINE, fingerprint="due", due_at=due_at))
    await open_matter(stage)
    listed = await stage.ask("待办", by=VIEWER)
    assert [row["c0"] for row in listed.rows] == ["#1", "#2"]
    assert (await stage.ask("事项 99")).title == "没有这个事项"
    assert (await stage.ask("note 2 in English", by=OPERATOR)).title == "#2 记下了"
    found = await stage.ask("事项 english")
    assert [row["c0"] for row in found.rows] == ["#2"]


async def test_on_postgresql_a_matter_climbs_and_stops_too(postgres_stage: Stage) -> None:
    stage = postgres_stage
    await stage.ask("提醒群", **IN_GROUP)
    await open_matter(stage)
    card = await living(stage)
    stage.clock.move(minutes=11)
    await stage.first(lambda shown: shown.title == "#1 请看一下")
    await stage.press(card, "我来处理", by=OPERATOR)
    await until_state(stage, "taken")
    assert await steps(stage, "pending") == []
    assert "告警规则" in (await stage.ask("告警")).title
