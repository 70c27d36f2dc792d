"""Whatever people type, they are told what was wrong and shown how it is written."""

import pytest

from integrations.feishu.simulator import Said
from tests.scenarios.stage import ADMIN, VIEWER, Stage

SKU = "YG-KT-0004-WH-US"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (f"补货 {SKU} -5", "数字超出范围"),
        (f"补货 {SKU} 0", "数字超出范围"),
        (f"补货 {SKU} 366", "数字超出范围"),
        (f"补货 {SKU} 999999999999999999999", "需要一个整数"),
        (f"补货 {SKU} 三十", "需要一个整数"),
        (f"补货 {SKU} 30 40", "多了一个参数"),
        (f"补货 {SKU} 30 days=40", "多了一个参数"),
        ("为什么", "还缺一个参数"),
        ("库存 " + "长" * 200, "参数太长"),
        ("追踪 " + "A" * 500, "参数太长"),
        ("补货 " + " ".join(["词"] * 10_000), "多了一个参数"),
    ],
)
async def test_absurd_arguments_are_answered_with_usage_and_an_example(stage: Stage, line: str, title: str) -> None:
    answer = await stage.ask(line)
    assert (answer.title, answer.tone) == (title, "warning")
    assert {"用法", "例子"} <= {part.split("  ")[0] for part in answer.lines}


@pytest.mark.parametrize(
    "line",
    [
        "补货 😀😀😀",
        "库存 ' OR 1=1 --",
        "库存 '; DROP TABLE people; --",
        "为什么 %_%",
        "补货 <at user_id=all></at>",
        "追踪 ../../etc/passwd",
        "追踪 \u202e\u0007\u200b",
        "死信 *",
        "同步 火星",
    ],
)
async def test_what_does_not_exist_is_not_found(stage: Stage, line: str) -> None:
    answer = await stage.ask(line)
    assert answer.tone == "warning"
    assert "<at" not in answer.text
    assert len(await stage.rows("SELECT id FROM people")) == 3


@pytest.mark.parametrize(
    ("line", "suggested"),
    [("补或", "补货"), ("店部", "店铺"), ("状况", "状态"), ("restok", "补货"), ("stor", "店铺"), ("同歩", "同步")],
)
async def test_an_unknown_command_is_answered_with_what_may_have_been_meant(
    stage: Stage, line: str, suggested: str
) -> None:
    assert suggested in (await stage.ask(line)).buttons


async def test_a_suggestion_runs_at_a_tap_with_the_words_behind_it(stage: Stage) -> None:
    answer = await stage.ask(f"补或 {SKU} 30")
    await stage.press(answer, f"补货 {SKU} 30")
    await stage.first(lambda shown: shown.title == f"补货：{SKU}")
    await stage.settled()
    assert len(stage.sent()) == 2


async def test_what_resembles_nothing_is_offered_help(stage: Stage) -> None:
    answer = await stage.ask("今天天气怎么样呀")
    assert (answer.title, answer.buttons) == ("没听懂", ["帮助"])


async def test_a_near_miss_of_a_sku_is_offered_at_a_tap(stage: Stage) -> None:
    answer = await stage.ask("为什么 YG-KT-0004-WH-UX")
    assert f"为什么 {SKU}" in answer.buttons


async def test_without_the_right_one_is_told_who_can(stage: Stage) -> None:
    answer = await stage.ask("同步", by=VIEWER)
    assert (answer.title, "运营" in answer.text) == ("你没有这个权限", True)
    await stage.settled()
    assert await stage.rows("SELECT run_id FROM sync_runs WHERE reply_key <> ''") == []


async def test_help_for_what_a_person_may_not_run_is_not_found(stage: Stage) -> None:
    assert (await stage.ask("帮助 同步", by=VIEWER)).title == "没有这个命令"


async def test_a_refused_command_is_in_the_audit_log(stage: Stage) -> None:
    await stage.ask("同步 日本", by=VIEWER)
    found = await stage.rows("SELECT command, arguments, outcome, reason FROM audit WHERE event_id != ''")
    assert found == [("sync", "日本", "refused", "role_missing")]


async def test_a_picture_is_answered_in_words(stage: Stage) -> None:
    envelope = stage.feishu.envelopes.message(a_picture())
    envelope["event"]["message"] |= {"message_type": "image", "content": '{"image_key": "img_1"}'}
    await stage.push(envelope)
    await stage.settled()
    assert ["只看得懂文字" in shown.text for shown in stage.shown()] == [True]


def a_picture() -> Said:
    return Said(text="", chat_id="oc_demo_private", sender_id=ADMIN)
