"""Commands that run on a schedule: once per slot, as the person who subscribed, quiet where somebody wants quiet."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios import phone
from tests.scenarios.shown import Shown
from tests.scenarios.stage import ADMIN, OPERATOR, TEAM, VIEWER, Stage

IN_GROUP: dict[str, Any] = {"chat_id": TEAM, "is_group": True}
UNTIL_NINE = {"hours": 16, "minutes": 35}  # the stories begin at 16:26


def fired(stage: Stage, note: str = "订阅 #1 · ") -> list[Shown]:
    """What was sent because of a subscription."""
    return [shown for shown in stage.shown() if any(line.startswith(note) for line in shown.lines)]


async def until_rows(stage: Stage, query: str, wanted: Callable[[list[tuple[object, ...]]], bool]) -> None:
    async def found() -> bool:
        return wanted(await stage.rows(query))

    await stage.until_true(found)


async def until_fired(stage: Stage, outcome: str) -> None:
    """Returns once the subscription fired with this outcome and its messages have left."""
    is_it = (outcome,)
    await until_rows(stage, "SELECT last_outcome FROM subscriptions", lambda rows: is_it in rows)
    await until_rows(stage, "SELECT id FROM messages WHERE state = 'queued'", lambda rows: not rows)


async def test_a_subscription_in_a_group_answers_the_next_morning_once(stage: Stage) -> None:
    said = await stage.ask("订阅 每天９点店铺", by=OPERATOR, **IN_GROUP)
    assert "好，每天 9:00 在这里跑「店铺」。" in said.lines
    assert "下一次：2026-11-23 09:00" in said.lines
    await stage.restart(**UNTIL_NINE)
    await until_fired(stage, "answered")
    (answer,) = fired(stage)
    assert (answer.title, answer.quotes, answer.message.chat_id) == ("店铺", "", TEAM)
    assert "订阅 #1 · 每天 9:00 · 小陈 订的" in answer.lines
    listed = await stage.ask("订阅", by=VIEWER, **IN_GROUP)
    assert (listed.rows[0]["c3"], "已发出" in str(listed.rows[0])) == ("2026-11-24 09:00", True)
    acts = await stage.rows("SELECT command, outcome, event_id FROM audit WHERE command IN ('stores', 'subscribe')")
    assert ("stores", "answered", "") in acts


async def test_mornings_missed_in_a_downtime_are_made_up_for_once(stage: Stage) -> None:
    await stage.ask("subscribe daily 9:00 stores", **IN_GROUP)
    await stage.restart(days=2, hours=20)
    await until_fired(stage, "answered")
    assert [shown.title for shown in fired(stage)] == ["店铺"]
    assert "订阅 #1 · 每天 9:00 · 林掌柜 订的 · 本该 2026-11-23 09:00 发，晚了" in fired(stage)[0].lines
    ((next_at,),) = await stage.rows("SELECT strftime('%d %H:%M', next_at / 1000000, 'unixepoch') FROM subscriptions")
    assert next_at == "26 01:00"


async def test_a_subscription_is_run_now_paused_resumed_and_ended_by_buttons(stage: Stage) -> None:
    made = await stage.ask("订阅 每5分钟 店铺", **IN_GROUP)
    await stage.press(made, "现在跑 #1")
    await until_fired(stage, "answered")
    running = await stage.first(lambda shown: shown.title == "#1 马上跑一次")
    await stage.press(running, "暂停 #1")
    paused = await stage.first(lambda shown: shown.title == "#1 已暂停")
    sent = len(fired(stage))
    stage.clock.move(hours=1)
    await stage.press(paused, "继续 #1")
    resumed = await stage.first(lambda shown: shown.title == "#1 继续")
    assert len(fired(stage)) == sent
    await stage.press(resumed, "退订 #1")
    await stage.first(lambda shown: shown.title == "#1 已退订")
    assert "这里还没有订阅" in (await stage.ask("订阅", **IN_GROUP)).text


async def test_only_the_subscriber_and_administrators_may_change_a_subscription(stage: Stage) -> None:
    await stage.ask("订阅 每天 9:00 店铺", by=OPERATOR, **IN_GROUP)
    refused = await stage.ask("退订 1", by=VIEWER, **IN_GROUP)
    assert (refused.title, "请 小陈 或管理员来改。" in refused.lines) == ("这是 小陈 的订阅", True)
    assert (await stage.ask("订阅 1", by=VIEWER)).title == "没有这个订阅"
    assert "飞书群" in str((await stage.ask("订阅", by=OPERATOR)).rows)
    assert (await stage.ask("退订 #1", by=ADMIN)).title == "#1 已退订"


async def test_who_lost_the_right_is_named_once_and_the_subscription_waits(stage: Stage) -> None:
    await stage.ask("订阅 每天 9:00 店铺", by=VIEWER, **IN_GROUP)
    await stage.execute("DELETE FROM grants WHERE role = 'viewer'")
    stage.clock.move(**UNTIL_NINE)
    told = await stage.first(lambda shown: shown.title == "订阅 #1 已暂停")
    assert "谁能帮：请 林掌柜 授权后点「继续」；或者有权限的同事重新订一个。" in told.lines
    assert (told.message.chat_id, fired(stage)) == (TEAM, [])
    assert await stage.rows("SELECT state, last_outcome, next_at FROM subscriptions") == [
        ("paused", "not_allowed", None)
    ]


async def test_a_command_that_breaks_is_told_with_a_reference_and_the_next_slot_comes(stage: Stage) -> None:
    await stage.ask("订阅 每小时 店铺", **IN_GROUP)
    await stage.execute("ALTER TABLE stores RENAME TO stores_gone")
    stage.clock.move(minutes=35)
    await until_fired(stage, "failed")
    (told,) = fired(stage)
    assert (told.title, any(line.startswith("编号 ") for line in told.lines)) == ("我们这边出错了", True)
    assert "到点还会再试；还是这样就不再重复提醒，好了照常发。" in told.text
    (first,) = await stage.rows("SELECT last_at FROM subscriptions")
    stage.clock.move(hours=1)
    await until_rows(stage, "SELECT last_at FROM subscriptions", lambda rows: rows != [first])
    await until_fired(stage, "failed")
    assert len(fired(stage)) == 1
    await stage.execute("ALTER TABLE stores_gone RENAME TO stores")
    stage.clock.move(hours=1)
    await until_fired(stage, "answered")


async def test_what_comes_in_quiet_hours_is_in_the_morning_digest(stage: Stage) -> None:
    await stage.ask("免打扰 22：00－8点", by=OPERATOR)
    await stage.ask("订阅 每天 23:00 店铺", by=OPERATOR)
    stage.clock.move(hours=6, minutes=40)
    await until_fired(stage, "held")
    assert fired(stage) == []
    stage.clock.move(hours=9)
    digest = await stage.first(lambda shown: shown.title == "早报")
    assert "店铺（2026-11-22 23:0" in digest.text
    await stage.press(digest, "看 店铺", by=OPERATOR)
    await stage.first(lambda shown: shown.title == "店铺")
    assert await stage.rows("SELECT count FROM held_messages") == []


async def test_an_answer_is_in_the_language_of_its_chat(stage: Stage) -> None:
    await stage.ask("语言 en", **IN_GROUP)
    said = await stage.ask("subscribe mon wed 9:00 stores", by=VIEWER, **IN_GROUP)
    assert "“stores” runs here mon wed 9:00." in said.lines
    stage.clock.move(**UNTIL_NINE)
    await until_fired(stage, "answered")
    (answer,) = fired(stage, "Subscription #1 · mon wed 9:00 · by ")
    assert answer.title == "Stores"


async def test_a_viewer_is_told_that_only_questions_can_be_subscribed(stage: Stage) -> None:
    assert (await stage.ask("订阅 每5分钟 同步", by=VIEWER)).title == "只能订阅查询"


async def test_in_whatsapp_a_subscription_comes_as_a_template_after_a_silent_day(stage: Stage) -> None:
    await phone.write(stage, "订阅 每周一 17:00 店铺")
    await stage.until(lambda: len(phone.seen(stage)) == 1)
    stage.clock.move(hours=24, minutes=40)
    await stage.until(lambda: len(phone.seen(stage)) == 2)
    assert phone.seen(stage)[1].kind == "template"


@pytest.mark.parametrize(
    ("text", "title", "buttons"),
    [
        ("订阅 每天 9:00 同步", "只能订阅查询", []),
        ("订阅 每天 9:00 登录", "只能订阅查询", []),
        ("订阅 每天 9:00 补伙 US", "没有这个命令", ["订阅 每天 9:00 补货 US"]),
        ("订阅 每天 9:00 库存", "还缺一个参数", []),
        ("订阅 每天 9:00 库存 SKU-NONE", "没有这个 SKU", []),
        ("订阅 每分钟 状态", "间隔不行", []),
        ("免打扰 晚上", "没看懂时间", []),
        ("退订 三", "没看懂编号", []),
        ("订阅 暂停 abc", "还缺编号", []),
    ],
)
async def test_what_cannot_be_subscribed_is_said_at_once(
    stage: Stage, text: str, title: str, buttons: list[str]
) -> None:
    answer = await stage.ask(text)
    assert (answer.title, answer.buttons[:1]) == (title, buttons)
    assert await stage.rows("SELECT number FROM subscriptions") == []
