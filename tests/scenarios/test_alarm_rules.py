"""Rules of the team: a form or a line, tried against what is stored, live only once somebody switches them on."""

from typing import Any

import pytest

from bot.cli.world.remembered import remembered_stock
from integrations.feishu.simulator import Press
from storage.catalog.replacing import chunks, put_rows
from storage.catalog.rows import StockDay
from storage.catalog.series import newest_stock_day
from storage.catalog.store import list_stores
from tests.scenarios import phone
from tests.scenarios.clock import MORNING
from tests.scenarios.shown import Shown
from tests.scenarios.stage import ADMIN, OPERATOR, TEAM, VIEWER, Stage, small_world

IN_GROUP: dict[str, Any] = {"chat_id": TEAM, "is_group": True}
AHEAD = "个 SKU 可售不到 60 天"


@pytest.fixture
async def remembering(stage: Stage) -> Stage:
    """The stage as if it had run for months: yesterday's stock and that of the days before are known.

    The built-in alarms are silenced; cards of matters go to the group.
    """
    world = small_world(MORNING.date())
    async with stage.app.database.begin() as tx:
        for shop in await list_stores(tx):
            today = await newest_stock_day(tx, shop.store_id)
            past = remembered_stock(world, shop.store_id, today) if today else ()
            for part in chunks(list(past)):
                await put_rows(tx, StockDay, part)
    for what in ("stockout:", "authorisation:"):
        await stage.ask(f"静音 {what} 300天 别的故事")
    await stage.execute("DELETE FROM silences WHERE fingerprint = ''")
    await stage.ask("提醒群", **IN_GROUP)
    return stage


def told(stage: Stage, words: str) -> list[Shown]:
    """The living cards of what ``words`` names."""
    return [shown for shown in stage.shown() if words in shown.title and shown.title.startswith("#")]


async def after_press(stage: Stage, card: Shown, label: str, title: str, *, by: str = ADMIN) -> Shown:
    """What a button answers."""
    await stage.press(card, label, by=by)
    return await stage.first(lambda shown: shown.title == title)


async def fill(stage: Stage, card: Shown, label: str, form: dict[str, str], *, by: str = OPERATOR) -> None:
    """Fill in a form and submit it."""
    press = Press(message_id=card.message.message_id, label=label, sender_id=by, form=form)
    await stage.feishu.people.press(press)


async def look(stage: Stage) -> None:
    """Let the stock be looked at once more."""
    ticks = "SELECT slot FROM schedule_ticks WHERE schedule = 'alerts.stock'"
    before = await stage.rows(ticks)
    stage.clock.move(minutes=15)

    async def is_done() -> bool:
        return before != await stage.rows(ticks)

    await stage.until_true(is_done)
    await stage.quiet()


async def test_a_stock_out_alarm_is_tried_against_history_then_live(remembering: Stage) -> None:
    stage = remembering
    listed = await stage.ask("规则", by=OPERATOR)
    await stage.press(listed, "新规则：断货", by=OPERATOR)
    form = await stage.first(lambda shown: shown.title == "新规则：断货")
    filled = {"store": "US", "threshold": "60", "days": "2"}
    await fill(stage, form, "用历史试一试", filled)
    tried = await stage.first(lambda shown: shown.title == "规则 #1：试过，还没启用")
    assert "屿光-US 的每个 SKU，可售库存按前 7 天的日均销量卖不到 60 天，连续 2 天如此，就告警。" in tried.text
    assert "过去 30 天会告警" in tried.text
    assert {"启用", "修改", "放弃"} <= set(tried.buttons)
    await look(stage)
    assert told(stage, AHEAD) == []
    await after_press(stage, tried, "启用", "规则 #1：已启用", by=OPERATOR)
    card = await stage.first(lambda shown: AHEAD in shown.title and shown.title.startswith("#"))
    assert (card.message.chat_id, "按规则 #1" in card.text, "÷" in card.text) == (TEAM, True, True)
    await look(stage)
    assert len(told(stage, AHEAD)) == 1


async def no_more_stock(stage: Stage) -> None:
    """From now on no pull of stock succeeds."""
    await stage.quiet()
    stage.lingxing.next_code("102", "fba_stock", times=5000)


async def switched_on(stage: Stage, line: str, number: int) -> Shown:
    """A rule of an operator, tried and live."""
    await stage.ask(line, by=OPERATOR)
    return await stage.ask(f"规则 启用 {number}", by=OPERATOR)


async def test_a_rule_is_changed_in_a_form_and_takes_the_place_of_the_old_one(remembering: Stage) -> None:
    stage = remembering
    await switched_on(stage, "规则 断货 US 低于 60天", 1)
    await stage.first(lambda shown: AHEAD in shown.title)
    form = await stage.ask("规则 改 1", by=OPERATOR)
    await fill(stage, form, "用历史试一试", {"threshold": "90"})
    tried = await stage.first(lambda shown: shown.title == "规则 #2：试过，还没启用")
    assert ("屿光-US 的每个 SKU" in tried.text, "启用后代替规则 #1" in tried.text) == (True, True)
    await after_press(stage, tried, "启用", "规则 #2：已启用", by=OPERATOR)
    await stage.first(lambda shown: "可售不到 90 天" in shown.title and shown.title.startswith("#"))
    assert await stage.rows("SELECT number, state FROM watches ORDER BY number") == [(1, "ended"), (2, "live")]
    assert await stage.rows("SELECT state FROM matters ORDER BY number") == [("settled",), ("open",)]


async def test_a_form_changes_only_what_is_filled_in_anew(remembering: Stage) -> None:
    stage = remembering
    tried = await stage.ask("规则 积压 屿光 超过 100天 连续3天", by=OPERATOR)
    await stage.press(tried, "修改", by=OPERATOR)
    form = await stage.first(lambda shown: shown.title == "修改规则 #1")
    await fill(stage, form, "用历史试一试", {"threshold": "120"})
    await stage.first(lambda shown: shown.title == "规则 #2：试过，还没启用")
    said = await stage.rows("SELECT store_ids, threshold, days_in_a_row, state FROM watches ORDER BY number")
    assert (said[0][0], said[1][0].count(",")) == (said[1][0], 3)
    assert [row[1:] for row in said] == [(100, 3, "ended"), (120, 3, "tried")]


async def test_an_ended_rule_is_listed_and_can_be_brought_back(remembering: Stage) -> None:
    stage = remembering
    await switched_on(stage, "规则 断货 US 低于 60天", 1)
    await stage.first(lambda shown: AHEAD in shown.title)
    ended = await stage.ask("规则 结束 1", by=OPERATOR)
    assert await stage.rows("SELECT state FROM matters") == [("settled",)]
    listed = await stage.ask("规则", by=VIEWER)
    assert ["已结束" in str(row) for row in listed.rows] == [True]
    await after_press(stage, ended, "启用", "规则 #1：已启用")
    await stage.until_true(lambda: _found(stage, "SELECT 1 FROM matters WHERE number = 2 AND state = 'open'"))
    acts = await stage.rows("SELECT arguments FROM audit WHERE command = 'rules' ORDER BY at")
    assert [row[0] for row in acts] == ["断货 US 低于 60天", "启用 1", "结束 1", "", "启用 1"]


async def test_of_missing_data_nothing_is_said_and_nothing_is_opened_or_closed(stage: Stage) -> None:
    await no_more_stock(stage)
    await stage.execute("DELETE FROM stock_history")
    tried = await stage.ask("规则 断货 US 低于 60天", by=OPERATOR)
    assert "没有能判断的数据，所以说不出会不会告警" in tried.text
    assert "会告警 0 次" not in tried.text
    await stage.ask("规则 启用 1", by=OPERATOR)
    await look(stage)
    listed = await stage.ask("规则", by=OPERATOR)
    assert "没有数据，无法判断、屿光-US 没有新的库存" in str(listed.rows)
    why = await stage.ask("为什么没提醒 规则1", by=VIEWER)
    assert ("没有数据" in why.text, "屿光-US 没有新的库存" in str(why.rows)) == (True, True)
    assert told(stage, AHEAD) == []


async def test_a_matter_stays_open_while_its_data_are_too_old(remembering: Stage) -> None:
    stage = remembering
    await switched_on(stage, "规则 断货 US 低于 60天", 1)
    await stage.first(lambda shown: AHEAD in shown.title)
    await no_more_stock(stage)
    await stage.execute("UPDATE sync_ages SET as_of = as_of - 14400000000 WHERE kind = 'stock'")
    await look(stage)
    await look(stage)
    assert await stage.rows("SELECT state, clear_since FROM matters WHERE kind = 'watch_stockout'") == [("open", None)]
    assert "没有新的库存" in (await stage.ask("规则 1", by=VIEWER)).text


async def test_only_who_works_on_its_stores_changes_a_rule(remembering: Stage) -> None:
    stage = remembering
    assert (await stage.ask("规则 断货 US 低于 60天", by=VIEWER)).title == "你没有这个权限"
    await stage.ask("规则 断货 低于 60天", by=ADMIN)
    await stage.ask("撤权 小陈 operator")
    await stage.ask("授权 小陈 operator 店铺=US")
    assert (await stage.ask("规则 启用 1", by=OPERATOR)).title == "这个店铺不在你的权限里"
    assert (await stage.ask("规则 断货 UK 60天", by=OPERATOR)).title == "这个店铺不在你的权限里"
    own = await stage.ask("规则 断货 60天", by=OPERATOR)
    assert ("屿光-US 的每个 SKU" in own.text, "屿光-DE" in own.text) == (True, False)
    assert (await stage.ask("规则 启用 2", by=OPERATOR)).title == "规则 #2：已启用"
    assert await stage.rows("SELECT state FROM watches ORDER BY number") == [("tried",), ("live",)]


async def test_a_rule_is_silenced_by_its_name_and_says_so(remembering: Stage) -> None:
    stage = remembering
    assert (await stage.ask("静音 规则1 3天 在清仓", by=OPERATOR)).title == "没有这条规则"
    await stage.ask("规则 断货 US 低于 60天", by=OPERATOR)
    await stage.ask("静音 规则1 3天 在清仓", by=OPERATOR)
    await switched_on(stage, "规则 断货 US 低于 60天", 1)
    await look(stage)
    assert told(stage, AHEAD) == []
    assert "满足了，已静音" in str((await stage.ask("规则", by=VIEWER)).rows)
    assert "已静音" in (await stage.ask("为什么没提醒 规则1", by=VIEWER)).text


async def test_a_rule_is_typed_in_english_on_whatsapp_and_answered_with_its_buttons(remembering: Stage) -> None:
    stage = remembering
    await phone.write(stage, "language en")
    await phone.write(stage, "rules sales-drop US 30% for 2 days")
    tried = await phone.first(stage, lambda message: "Rule #1: tried, not switched on" in message.text)
    assert "the last 7 days sold 30% or more below the 7 days before them for 2 days in a row" in tried.text
    await phone.write(stage, "rules on 1")
    await phone.first(stage, lambda message: "Rule #1 is on" in message.text)


async def test_one_sku_is_watched_in_every_store_that_sells_it(remembering: Stage) -> None:
    stage = remembering
    ((code,),) = await stage.rows("SELECT min(local_sku) FROM listings WHERE local_sku <> ''")
    tried = await stage.ask(f"规则 积压 {code} 30天", by=OPERATOR)
    assert f"所有店铺的 {code}" in tried.text
    assert (await stage.ask(f"规则 积压 {code} 30天", by=OPERATOR)).title == tried.title
    assert (await stage.ask("规则 积压 没有这个 30天", by=OPERATOR)).title == "没有这个店铺或 SKU"
    assert await stage.rows("SELECT count(*) FROM watches") == [(1,)]


async def _found(stage: Stage, query: str) -> bool:
    return bool(await stage.rows(query))
