"""When Lingxing says no during 同步: the card ends with what to do, and the figures of the last good pull stay."""

import pytest

from tests.scenarios.stage import OPERATOR, Stage, lines_of

AGES = "SELECT store_id, kind, as_of FROM sync_ages ORDER BY store_id, kind"


@pytest.mark.parametrize(
    ("code", "next_step"),
    [
        ("3001002", "出口 IP 不在领星白名单里。请在「设置 > 业务配置 > 全局 > 开放接口」里加上"),
        ("2001003", "请管理员清除令牌"),
        ("2001005", "同一个 appId 只能由一个程序使用，停掉另一个"),
        ("2001006", "请管理员核对 LINGXING_APP_ID"),
        ("2001007", "请管理员校准时间"),
    ],
)
async def test_a_refusal_ends_the_card_with_the_next_step_and_keeps_the_data(
    stage: Stage, code: str, next_step: str
) -> None:
    before = await stage.rows(AGES)
    stage.lingxing.next_code(code, "sellers", times=50)
    answer = await stage.ask("同步", by=OPERATOR)
    assert (answer.title, answer.tone, answer.buttons) == ("同步结束，有失败", "bad", ["再同步一次"])
    assert next_step in answer.text
    assert await stage.rows(AGES) == before


@pytest.mark.parametrize("code", ["3001008", "2001003", "2001005", "2001007", "103"])
async def test_a_refusal_that_passes_is_overcome_without_a_word(stage: Stage, code: str) -> None:
    stage.lingxing.next_code(code, "sellers")
    answer = await stage.ask("同步", by=OPERATOR)
    assert (answer.title, answer.tone) == ("同步完成，有店铺没有拉取", "warning")


async def test_a_token_that_another_program_replaced_is_renewed(stage: Stage) -> None:
    await stage.ask("同步 日本", by=OPERATOR)
    stage.lingxing.gate.replace_token()
    assert (await stage.ask("同步 日本", by=OPERATOR)).title == "同步完成"


async def test_a_pull_that_fails_in_part_names_the_part(stage: Stage) -> None:
    stage.lingxing.next_code("102", "products")
    answer = await stage.ask("同步", by=OPERATOR)
    assert (answer.title, answer.tone) == ("同步结束，有失败", "warning")
    assert "整个账号 产品资料：领星的答复和文档不一致" in answer.text


async def test_a_failed_pull_shows_in_the_state_with_its_cause(stage: Stage) -> None:
    stage.lingxing.next_code("3001002", "sellers")
    await stage.ask("同步", by=OPERATOR)
    answer = await stage.ask("状态")
    assert "这台机器不在领星白名单里" in answer.lines
    assert "同步" in answer.buttons


async def test_figures_are_still_answered_while_lingxing_refuses_everything(stage: Stage) -> None:
    stage.lingxing.gate.white_listed = False
    await stage.ask("同步", by=OPERATOR)
    assert len((await stage.ask("补货")).rows) > 5


async def test_a_lingxing_that_is_down_ends_the_card_in_time(stage: Stage) -> None:
    stage.lingxing.next_answer("sellers", status=503, times=500)
    heard = await stage.say("同步", by=OPERATOR)
    await stage.until(lambda: len(stage.lingxing.calls_of("sellers")) >= 2)
    stage.clock.move(minutes=5)
    stage.clock.move(minutes=30)
    answer = await stage.answer(heard)
    assert "领星没有回应" in answer.text


async def test_the_same_pull_twice_leaves_identical_tables(stage: Stage) -> None:
    tables = ("stores", "listings", "fba_stock", "sales_windows", "daily_sales", "restock_suggestions", "products")
    before = [await stage.rows(f"SELECT * FROM {table}") for table in tables]
    await stage.ask("同步", by=OPERATOR)
    assert [lines_of(await stage.rows(f"SELECT * FROM {table}")) for table in tables] == [*map(lines_of, before)]
