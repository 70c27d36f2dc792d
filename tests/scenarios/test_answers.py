"""A signed message comes in, the right card goes out, quoting it."""

import pytest

from tests.scenarios.stage import TEAM, Stage

SKU = "YG-KT-0004-WH-US"


async def test_stores_are_listed_in_a_card_that_quotes_the_question(stage: Stage) -> None:
    heard = await stage.say("店铺")
    answer = await stage.answer(heard)
    assert (heard.status, answer.quotes, answer.is_card) == (200, heard.message_id, True)
    assert {"屿光-US", "屿光-DE", "屿光-JP", "屿光-UK"} <= set(answer.lines)


async def test_the_restock_list_ranks_by_urgency_and_marks_its_assumptions(stage: Stage) -> None:
    answer = await stage.ask("补货")
    urgency = [row["c8"][0]["text"] for row in answer.rows]
    rank = ["断货", "来不及", "该补", "缺数据", "充足", "无销量"]
    assert urgency == sorted(urgency, key=rank.index)
    assert "运输 30 天（默认）" in answer.text
    assert "销量截至 2026-11-21" in answer.text


async def test_a_sku_with_days_is_planned_for_those_days(stage: Stage) -> None:
    answer = await stage.ask(f"补货 {SKU} 30")
    assert answer.title == f"补货：{SKU}"
    assert "备货周期 30 天（你指定）" in answer.text
    assert answer.buttons == [f"为什么 {SKU}", "库存"]


async def test_why_lists_the_inputs_with_source_and_age(stage: Stage) -> None:
    answer = await stage.ask(f"为什么 {SKU}")
    assert "近 90 天销量（件）" in answer.text
    assert "领星 FBA 库存，" in answer.text
    assert "建议补货（件）" in answer.text


async def test_stock_shows_every_state(stage: Stage) -> None:
    answer = await stage.ask(f"库存 {SKU}")
    assert {"可售", "待调仓", "计划入库", "在途", "不可售"} <= set(answer.lines)


async def test_help_lists_what_this_person_may_run_here(stage: Stage) -> None:
    answer = await stage.ask("帮助")
    assert {"店铺", "补货", "同步", "登录", "重放"} <= set(answer.lines)
    assert "启用" not in answer.lines


async def test_help_in_a_group_lists_what_belongs_there(stage: Stage) -> None:
    answer = await stage.ask("帮助", chat_id=TEAM, is_group=True)
    assert "启用" in answer.lines
    assert "登录" not in answer.lines


async def test_help_for_a_command_shows_usage_and_an_example_to_tap(stage: Stage) -> None:
    answer = await stage.ask("帮助 补货")
    assert "用法  补货 [店铺|SKU] [天数]" in answer.text
    assert answer.buttons == ["补货 美国 60"]


async def test_the_state_says_what_runs_and_what_somebody_must_do(stage: Stage) -> None:
    answer = await stage.ask("状态")
    assert "已接通  飞书、WhatsApp、领星" in answer.text
    assert "1 家店铺的领星授权失效" in answer.text


async def test_the_round_trip_times_every_leg_on_one_living_card(stage: Stage) -> None:
    answer = await stage.ask("测试")
    assert {"聊天渠道 → 这里", "排队", "数据库", "飞书", "领星"} <= set(answer.lines)
    assert (answer.tone, len(answer.message.edits)) == ("good", 1)


async def test_a_message_is_traced_from_receipt_to_delivery(stage: Stage) -> None:
    await stage.ask("补货 没有这个")
    ((event_id,),) = await stage.rows("SELECT id FROM inbox WHERE kind = 'message'")
    answer = await stage.ask(f"追踪 {event_id}")
    assert {"收到并存盘", "处理", "发送"} <= set(answer.lines)
    assert {"飞书", "已拒绝", "平台已收"} <= set(answer.lines)


async def test_without_dead_letters_everything_is_well(stage: Stage) -> None:
    answer = await stage.ask("死信")
    assert (answer.tone, answer.text.count("没有死信")) == ("good", 1)


async def test_a_sync_is_one_living_card_edited_to_its_end(stage: Stage) -> None:
    heard = await stage.say("同步 美国")
    answer = await stage.answer(heard)
    await stage.settled()
    assert (answer.title, answer.tone) == ("同步完成", "good")
    assert [each.quotes for each in stage.shown()] == [heard.message_id]


async def test_a_second_sync_meanwhile_is_told_who_began(stage: Stage) -> None:
    stage.lingxing.delay("sellers", seconds=20)
    await stage.say("同步")
    assert "林掌柜" in (await stage.ask("同步")).text


async def test_a_sign_in_link_is_given_in_private_only(stage: Stage) -> None:
    private = await stage.ask("登录")
    group = await stage.ask("登录", chat_id=TEAM, is_group=True)
    assert "/sign-in/" in private.text
    assert (group.title, "/sign-in/" in group.text) == ("请在私聊里用", False)


@pytest.mark.parametrize("line", ["bh", "restock", "/补货", "／补货", "RESTOCK", "补货，", "　补货　"])
async def test_a_command_is_found_under_all_its_names(stage: Stage, line: str) -> None:
    assert (await stage.ask(line)).title == "补货：全部店铺"


@pytest.mark.parametrize("line", ["补货美国", "补货US", "补货　美国", "bh us", "补货 10136", "restock 屿光-us"])
async def test_a_store_is_found_however_it_is_written(stage: Stage, line: str) -> None:
    assert (await stage.ask(line)).title == "补货：屿光-US"


async def test_full_width_digits_are_numbers(stage: Stage) -> None:
    assert "备货周期 30 天（你指定）" in (await stage.ask(f"补货 {SKU} ３０")).text
