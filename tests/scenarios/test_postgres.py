"""The main stories again on PostgreSQL."""

from integrations.feishu.simulator import Said
from tests.scenarios.stage import ADMIN, OPERATOR, TEAM, Stage


async def test_figures_are_pulled_and_answered(postgres_stage: Stage) -> None:
    assert (await postgres_stage.ask("同步", by=OPERATOR)).title in ("同步完成", "已经在同步了")
    await postgres_stage.settled()
    assert {row["c1"] for row in (await postgres_stage.ask("补货")).rows} >= {"屿光-US"}


async def test_a_delivery_repeated_after_a_restart_is_answered_once(postgres_stage: Stage) -> None:
    envelope = postgres_stage.feishu.envelopes.message(Said(text="店铺", chat_id="oc_private", sender_id=ADMIN))
    assert await postgres_stage.push(envelope) == 200
    await postgres_stage.settled()
    await postgres_stage.restart()
    assert await postgres_stage.push(envelope) == 200
    await postgres_stage.settled()
    assert len(postgres_stage.sent()) == 1


async def test_a_button_pressed_twice_acts_once(postgres_stage: Stage) -> None:
    await postgres_stage.settled()
    postgres_stage.lingxing.next_code("3001002", "sellers")
    card = await postgres_stage.ask("同步", chat_id=TEAM, is_group=True)
    await postgres_stage.press(card, "再同步一次", by=OPERATOR, copies=2)
    await postgres_stage.settled()
    assert len(await postgres_stage.rows("SELECT run_id FROM sync_runs WHERE reply_key <> ''")) == 2


async def test_a_bug_ends_in_a_dead_letter_that_can_be_replayed(postgres_stage: Stage) -> None:
    await postgres_stage.settled()
    await postgres_stage.execute("ALTER TABLE stores RENAME TO stores_gone")
    assert (await postgres_stage.ask("店铺")).title == "我们这边出错了"
    await postgres_stage.execute("ALTER TABLE stores_gone RENAME TO stores")
    ((event_id,),) = await postgres_stage.rows("SELECT id FROM jobs WHERE state = 3")
    await postgres_stage.ask(f"重放 {event_id}", by=OPERATOR)
    assert await postgres_stage.first(lambda shown: shown.title == "店铺")


async def test_a_subscription_answers_and_is_ended_on_postgres_too(postgres_stage: Stage) -> None:
    made = await postgres_stage.ask("订阅 每天 9:00 状态", chat_id=TEAM, is_group=True)
    await postgres_stage.press(made, "现在跑 #1")
    answer = await postgres_stage.first(lambda shown: "订阅 #1 · 每天 9:00 · 林掌柜 订的" in shown.lines)
    assert answer.title == "运行状态"
    assert (await postgres_stage.ask("退订 1")).title == "#1 已退订"
