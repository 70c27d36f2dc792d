"""Alarms from their condition to their end: told once, through whom it reaches, quiet when somebody says so."""

from typing import Any

import pytest

from tests.scenarios import phone
from tests.scenarios.shown import Shown
from tests.scenarios.stage import ADMIN, OPERATOR, TEAM, VIEWER, Stage

IN_GROUP: dict[str, Any] = {"chat_id": TEAM, "is_group": True}
FAILING = "领星拉取失败"


@pytest.fixture
async def loud(stage: Stage) -> Stage:
    """The stage with alarms, told in the group; what is always wrong in the sample world is silenced."""
    for what in ("stockout:", "authorisation:"):
        await stage.ask(f"静音 {what} 300天 样例里总有")
    await stage.execute("DELETE FROM silences WHERE fingerprint = ''")
    await stage.ask("提醒群", **IN_GROUP)
    return stage


def about(stage: Stage, words: str) -> list[Shown]:
    """The living cards of what ``words`` names."""
    return [shown for shown in stage.shown() if words in shown.title and shown.title.startswith("#")]


async def look(stage: Stage, **later: float) -> None:
    """Let the alarms be looked at once more, ``later``."""
    before = await stage.rows("SELECT slot FROM schedule_ticks WHERE schedule = 'alerts.check'")
    stage.clock.move(**(later or {"minutes": 1}))

    async def is_done() -> bool:
        return before != await stage.rows("SELECT slot FROM schedule_ticks WHERE schedule = 'alerts.check'")

    await stage.until_true(is_done)
    await stage.quiet()


async def fail_sync(stage: Stage) -> None:
    stage.lingxing.next_code("102", "products", times=50)
    await stage.ask("同步", by=OPERATOR)
    await look(stage)


async def test_a_failing_platform_is_told_once_and_its_end_with_the_duration(loud: Stage) -> None:
    await fail_sync(loud)
    card = await loud.first(lambda shown: FAILING in shown.title)
    assert (card.message.chat_id, card.tone) == (TEAM, "warning")
    await look(loud)
    assert len(about(loud, FAILING)) == 1
    loud.lingxing.clear()
    await loud.ask("同步", by=OPERATOR)
    await look(loud)
    await look(loud, minutes=16)
    over = await loud.first(lambda shown: "结束了，持续" in shown.title)
    assert (over.quotes, "没人接手，自己恢复了" in over.text) == (card.message.message_id, True)


async def test_what_somebody_settled_stays_quiet_while_it_simply_goes_on(loud: Stage) -> None:
    await fail_sync(loud)
    await loud.first(lambda shown: FAILING in shown.title)
    await loud.ask("办结 1", by=OPERATOR)
    await look(loud)
    assert await loud.rows("SELECT count(*) FROM matters") == [(1,)]
    why = await loud.ask("为什么没提醒 平台故障", by=VIEWER)
    assert "有人办结过" in why.text
    assert "已经结束" in (await loud.ask("why-not 1")).text


async def test_what_is_silenced_says_why_and_sounds_again_when_it_ends(loud: Stage) -> None:
    await loud.ask("静音 platform: 2小时 领星在升级", by=OPERATOR)
    await fail_sync(loud)
    assert about(loud, FAILING) == []
    assert "已静音" in (await loud.ask("为什么没提醒 平台故障")).text
    listed = await loud.ask("告警", by=VIEWER)
    assert "领星在升级" in listed.text
    await loud.ask("静音 platform: 关", by=OPERATOR)
    await look(loud)
    await loud.first(lambda shown: FAILING in shown.title)


async def test_an_open_matter_is_silenced_by_its_number_with_a_reason(loud: Stage) -> None:
    await fail_sync(loud)
    await loud.first(lambda shown: FAILING in shown.title)
    assert (await loud.ask("静音 1 3天", by=OPERATOR)).title == "还缺原因"
    await loud.ask("静音 1 3天 在等领星", by=OPERATOR)
    assert await loud.rows("SELECT state FROM matters") == [("settled",)]
    assert await loud.rows("SELECT DISTINCT state FROM ladder_steps WHERE how <> 'card'") == [("cancelled",)]


async def test_an_alarm_is_silenced_by_the_name_of_its_rule_and_what_has_no_such_name_is_refused(loud: Stage) -> None:
    assert (await loud.ask("静音 领星 2小时 在升级", by=OPERATOR)).title == "没有这条规则"
    await loud.ask("静音 平台故障 2小时 在升级", by=OPERATOR)
    await fail_sync(loud)
    assert about(loud, FAILING) == []
    await loud.ask("静音 平台故障 关", by=OPERATOR)
    await look(loud)
    await loud.first(lambda shown: FAILING in shown.title)


async def test_ending_a_silence_that_is_none_says_so_and_names_the_wider_one(loud: Stage) -> None:
    assert (await loud.ask("静音 平台故障 关", by=OPERATOR)).title == "本来就没有静音"
    await loud.ask("静音 platform: 3天 领星在升级", by=OPERATOR)
    narrower = await loud.ask("静音 platform:lingxing 关", by=OPERATOR)
    assert (narrower.title, "静音 platform: 关" in str(narrower)) == ("本来就没有静音", True)
    assert await loud.rows("SELECT fingerprint FROM silences WHERE reason = '领星在升级'") == [("platform:",)]
    assert (await loud.ask("静音 platform: 关", by=OPERATOR)).title == "已恢复"


async def test_who_works_on_some_stores_only_silences_nothing_else(loud: Stage) -> None:
    await fail_sync(loud)
    await loud.first(lambda shown: FAILING in shown.title)
    await loud.ask("规则 断货 低于 3天")
    await loud.ask("授权 小陈 运营 店铺=US")
    lines = [f"静音 {what} 3天 太吵" for what in ("1", "规则1", "平台故障", "platform:")]
    answers = [await loud.ask(line, by=OPERATOR) for line in (*lines, "静音 stockout: 关")]
    assert {answer.title for answer in answers} == {"你看不到这个事项", "这个店铺不在你的权限里"}
    assert (await loud.ask("为什么没提醒 1", by=OPERATOR)).title == "你看不到这个事项"
    assert await loud.rows("SELECT count(*), min(state) FROM matters") == [(1, "open")]
    assert await loud.rows("SELECT count(*) FROM silences WHERE reason = '太吵'") == [(0,)]


async def test_a_lost_authorisation_is_urgent_and_names_who_can_mend_it(stage: Stage) -> None:
    await stage.ask("静音 stockout: 3天 别的故事", by=OPERATOR)
    await stage.ask("提醒群", **IN_GROUP)
    await stage.execute("DELETE FROM silences WHERE fingerprint = ''")
    await look(stage)
    card = await stage.first(lambda shown: "授权失效" in shown.title)
    assert (card.tone, "在领星里重新授权" in card.text) == ("bad", True)
    assert "没有问题" in (await stage.ask("为什么没提醒 死信")).text


async def test_a_stockout_ahead_is_told_per_store(stage: Stage) -> None:
    await stage.ask("静音 authorisation: 3天 别的故事", by=OPERATOR)
    await stage.ask("提醒群", **IN_GROUP)
    await stage.execute("DELETE FROM silences WHERE fingerprint = ''")
    await look(stage, minutes=15)
    card = await stage.first(lambda shown: "个 SKU 将断货" in shown.title)
    assert "现在下单也赶不上" in card.text


async def test_a_rule_whose_data_are_missing_says_so_and_closes_nothing(loud: Stage) -> None:
    await fail_sync(loud)
    await loud.first(lambda shown: FAILING in shown.title)
    await loud.execute("DELETE FROM sync_ages")
    await look(loud)
    await look(loud, minutes=20)
    assert await loud.rows("SELECT state FROM matters WHERE kind = 'platform'") == [("open",)]
    assert "提醒过了" in (await loud.ask("为什么没提醒 1")).text


async def test_a_channel_that_fails_is_told_through_another_and_gets_its_cards_when_it_is_back(loud: Stage) -> None:
    await loud.execute("DELETE FROM alarm_chats")
    await phone.write(loud, "帮助")
    await loud.until(lambda: len(phone.seen(loud)) == 1)
    loud.whatsapp.next_answer("messages", status=503, times=500)
    await loud.ask("阶梯 0 whatsapp 管理员")
    await fail_sync(loud)
    await loud.ask("阶梯 0 私聊 管理员")
    await look(loud, minutes=11)
    told = await loud.first(lambda shown: "消息发不出去：whatsapp" in shown.title)
    assert told.message.chat_id == ADMIN
    loud.whatsapp.clear()
    await phone.write(loud, "帮助")
    await loud.until_true(lambda: _count(loud, "SELECT 1 FROM messages WHERE channel = 'whatsapp' AND state = 'read'"))
    await look(loud)
    await loud.until_true(lambda: _count(loud, "SELECT 1 FROM matters WHERE clear_since > 0"))
    await look(loud, minutes=16)
    await phone.first(loud, lambda message: FAILING in message.text)


async def test_every_channel_down_at_once_keeps_everything_and_says_it_when_they_are_back(loud: Stage) -> None:
    loud.feishu.next_answer("send", status=503, times=5000)
    loud.feishu.next_answer("reply", status=503, times=5000)
    loud.whatsapp.next_answer("messages", status=503, times=5000)
    loud.lingxing.next_code("102", "products", times=50)
    await loud.say("同步", by=OPERATOR)
    await loud.until(lambda: bool(loud.lingxing.calls_of("products")))
    await loud.until_true(lambda: _count(loud, "SELECT 1 FROM sync_ages WHERE last_error_code <> ''"))
    loud.clock.move(minutes=12)
    await loud.until_true(lambda: _count(loud, "SELECT 1 FROM matters WHERE kind = 'broken_channel'"))
    assert loud.shown() == [shown for shown in loud.shown() if "领星" not in shown.title]
    loud.feishu.clear()
    loud.whatsapp.clear()
    loud.clock.move(minutes=6)
    await loud.first(lambda shown: FAILING in shown.title)


async def _count(stage: Stage, query: str) -> bool:
    return bool(await stage.rows(query))
