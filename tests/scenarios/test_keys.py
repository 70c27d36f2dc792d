"""Virtual goods: as many keys as were bought, each to one buyer, also after a crash or a restored backup."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.shop import MEMBERSHIP, ORDER, Shop, open_shop
from tests.scenarios.stage import ADMIN, OPERATOR, VIEWER

ITEM = MEMBERSHIP.item_id
SECOND, THIRD = "1000000000000000002", "1000000000000000003"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        await opened.stage.ask("发货设置 默认 方式=自动 延迟=60")
        yield opened


async def put(shop: Shop, *keys: str, delivered: bool = False, variant: str = "") -> Any:
    """Import keys as the owner of the process does."""
    place = {"item": ITEM, "variant": variant, "account": ""}
    return await shop.stage.app.administration.act(
        {"do": "add keys", **place, "keys": list(keys), "delivered": delivered, "about": ITEM}
    )


def names(count: int) -> list[str]:
    return [f"CARD-{number:04}-SECRET" for number in range(count)]


async def buys(shop: Shop, order_id: str = ORDER, *, quantity: int = 1, variant: str = "月卡") -> None:
    await shop.pays(order_id, goods=MEMBERSHIP, sku_text=variant, quantity=quantity)


async def later(shop: Shop, **distance: float) -> None:
    """What is left to do now is done, then time passes."""
    await shop.told()
    shop.stage.clock.move(**distance)
    await shop.told()


def got(shop: Shop, order_id: str = ORDER) -> list[str]:
    """What the buyer was handed, by command."""
    return [each.content for each in shop.market.orders[order_id].shipments]


async def states(shop: Shop) -> dict[str, int]:
    counted = await shop.stage.rows("SELECT state, count(*) FROM card_keys GROUP BY state")
    return {str(state): int(count) for state, count in counted}


async def test_three_bought_are_three_keys_in_one_command(shop: Shop) -> None:
    assert await put(shop, *names(5)) == {"new": 5, "known": []}
    await buys(shop, quantity=3)
    assert (got(shop), await states(shop)) == ([], {"free": 2, "reserved": 3})
    await later(shop, seconds=70)
    assert got(shop) == ["\n".join(names(3))]
    await shop.card("已发货")
    assert await states(shop) == {"free": 2, "confirmed": 3}
    shown = (await shop.stage.ask(f"订单 {ORDER}", by=VIEWER)).text
    assert "••••CRET" in shown
    assert "CARD-0000" not in shown


async def test_three_are_three_keys_though_the_payment_was_told_first_and_without_them(shop: Shop) -> None:
    await put(shop, *names(5))
    order = shop.order(goods=MEMBERSHIP, sku_text="月卡", quantity=3)
    bought = order.told("create")
    shop.stage.clock.move(seconds=1)
    paid = shop.market.change(ORDER, "pay")
    assert paid is not None
    shop.simulator.send(paid.told("pay", is_thin=True))
    await later(shop, seconds=70)
    shop.simulator.send(bought)
    await shop.told()
    await later(shop, seconds=70)
    assert got(shop) == ["\n".join(names(3))]


async def test_a_template_says_it_in_the_words_of_the_shop(shop: Shop) -> None:
    await put(shop, *names(2))
    shown = await shop.stage.ask(f"发货设置 {ITEM} 模板=订单 {{order}} 的卡密\\n{{keys}} 谢谢 低库存=1")
    assert "谢谢" in shown.text
    await buys(shop)
    await later(shop, seconds=70)
    assert got(shop) == [f"订单 {ORDER} 的卡密\nCARD-0000-SECRET 谢谢"]


@pytest.mark.parametrize("template", ["谢谢", "{keys} {buyer}", "{keys", "{keys!r}", "{} {keys}"])
async def test_a_template_that_cannot_be_filled_is_refused_when_it_is_set(shop: Shop, template: str) -> None:
    assert (await shop.stage.ask(f"发货设置 {ITEM} 模板={template}")).title == "没看懂发货模板"
    assert await shop.stage.rows(f"SELECT template FROM shipping_settings WHERE item_id = '{ITEM}'") == []


async def test_too_few_keys_send_none_and_new_ones_let_the_order_go(shop: Shop) -> None:
    await put(shop, *names(4))
    await buys(shop, quantity=2)
    await buys(shop, SECOND, quantity=3)
    await later(shop, seconds=70)
    assert (len(got(shop)), got(shop, SECOND)) == (1, [])
    assert await states(shop) == {"free": 2, "confirmed": 2}
    await shop.card("卡密不够")
    why = (await shop.stage.ask(f"why-not-shipped {SECOND}")).text
    assert "有 2，要 3" in why
    assert (await shop.stage.ask(f"发货 {SECOND}")).title == "卡密不够"
    assert await put(shop, "CARD-0001-SECRET", "NEW-1", "NEW-2") == {"new": 2, "known": [0]}
    await later(shop, seconds=70)
    assert got(shop, SECOND) == ["CARD-0002-SECRET\nCARD-0003-SECRET\nNEW-1"]
    assert await shop.stage.rows("SELECT state FROM matters WHERE kind = 'keys_empty'") == [("settled",)]


async def test_few_keys_left_are_told_once_and_settled_by_an_import(shop: Shop) -> None:
    await put(shop, *names(4))
    await shop.stage.ask(f"发货设置 {ITEM} 低库存=3")
    await buys(shop)
    await buys(shop, SECOND)
    await later(shop, seconds=70)
    assert await shop.stage.rows("SELECT kind, state FROM matters WHERE kind LIKE 'keys%'") == [("keys_low", "open")]
    await put(shop, "NEW-1")
    await shop.told()
    assert await shop.stage.rows("SELECT kind, state FROM matters WHERE kind LIKE 'keys%'") == [("keys_low", "settled")]


async def test_goods_without_a_pool_wait_for_somebody_and_are_only_marked(shop: Shop) -> None:
    await buys(shop)
    await later(shop, seconds=70)
    assert "虚拟商品" in (await shop.stage.ask(f"为什么没发货 {ORDER}")).text
    await shop.stage.ask(f"发货 {ORDER}")
    await shop.told()
    assert got(shop) == [""]


async def test_somebody_who_ships_sends_keys_of_the_pool_or_says_that_they_were_sent(shop: Shop) -> None:
    await shop.stage.ask("发货设置 默认 方式=手动")
    await put(shop, *names(2))
    await buys(shop)
    await buys(shop, SECOND)
    await shop.stage.ask(f"发货 {ORDER}", by=OPERATOR)
    await shop.stage.ask(f"发货 {SECOND} 自发", by=OPERATOR)
    await shop.told()
    assert (got(shop), got(shop, SECOND)) == (["CARD-0000-SECRET"], [""])
    assert await states(shop) == {"free": 1, "confirmed": 1}


async def test_two_who_ship_at_once_send_one_lot(shop: Shop) -> None:
    await shop.stage.ask("发货设置 默认 方式=手动")
    await put(shop, *names(4))
    await buys(shop, quantity=2)
    shop.market.is_slow = True
    heard = [await shop.stage.say(f"发货 {ORDER}", by=by) for by in (OPERATOR, ADMIN)]
    titles = {(await shop.stage.answer(each)).title for each in heard}
    await shop.told()
    assert len(titles) == 2
    assert got(shop) == ["CARD-0000-SECRET\nCARD-0001-SECRET"]
    assert (await states(shop))["free"] == 2


async def test_a_refund_before_the_command_frees_the_keys_and_one_after_it_does_not(shop: Shop) -> None:
    await put(shop, *names(2))
    await buys(shop, quantity=2)
    await shop.happens("ask_refund")
    assert await states(shop) == {"free": 2}
    await shop.happens("close_refund")
    await later(shop, seconds=70)
    assert got(shop) == ["\n".join(names(2))]
    await shop.happens("ask_refund")
    await shop.happens("refund")
    assert await states(shop) == {"confirmed": 2}


async def test_a_key_that_comes_back_goes_to_who_waits_for_one_and_wakes_nobody_else(shop: Shop) -> None:
    await put(shop, *names(1))
    await buys(shop)
    await buys(shop, SECOND)
    await shop.happens("ask_refund")
    await later(shop, seconds=70)
    assert got(shop, SECOND) == names(1)
    looked = "SELECT count(*) FROM jobs WHERE task = 'orders.replan'"
    before = await shop.stage.rows(looked)
    await put(shop, *names(3)[1:])
    await buys(shop, "1000000000000000003")
    await shop.happens("ask_refund", "1000000000000000003")
    await later(shop, seconds=70)
    assert await shop.stage.rows(looked) == [(before[0][0] + 1,)]  # for what was put into the pool


async def test_a_refusal_leaves_the_order_its_keys_and_its_end_frees_them(shop: Shop) -> None:
    await put(shop, *names(2))
    shop.market.refuse_next("busy", is_retryable=True)
    await buys(shop)
    shop.market.refuse_next("closed_for_today")
    await later(shop, seconds=70)
    await later(shop, seconds=70)
    await shop.card("发货没成功")
    assert await states(shop) == {"free": 1, "reserved": 1}
    await shop.happens("close")
    assert await states(shop) == {"free": 2}


async def test_a_lost_answer_is_asked_for_with_the_same_keys(shop: Shop) -> None:
    await put(shop, *names(6))
    shop.simulator.drop_connection("command", handled=True)
    await buys(shop, quantity=3)
    await later(shop, minutes=2)
    await shop.stage.ask(f"发货设置 {ITEM} 模板=换了：{{keys}}")
    await later(shop, minutes=2)
    assert got(shop) == ["\n".join(names(3))]
    await shop.card("已发货")
    assert await states(shop) == {"free": 3, "confirmed": 3}


async def test_a_service_that_dies_before_its_command_went_out_gives_the_same_keys(shop: Shop) -> None:
    await put(shop, *names(6))
    shop.simulator.next_answer("command", status=503, times=50)
    await buys(shop, quantity=3)
    await later(shop, seconds=70)
    assert (got(shop), await states(shop)) == ([], {"free": 3, "sent": 3})
    await shop.stage.restart(seconds=30)
    shop.simulator.sender.webhook_url = f"{shop.stage.url}/webhooks/orders/xianyu"
    shop.simulator.clear()
    await buys(shop, SECOND)
    await later(shop, minutes=2)
    assert (got(shop), got(shop, SECOND)) == (["\n".join(names(3))], ["CARD-0003-SECRET"])


async def test_what_may_have_been_sent_is_never_given_to_another(shop: Shop) -> None:
    await put(shop, *names(2))
    shop.simulator.next_answer("command", status=503, times=50)
    await buys(shop)

    async def is_unclear() -> bool:
        shop.stage.clock.move(minutes=5)
        await asyncio.sleep(0)
        return await shop.stage.rows("SELECT state FROM shipments") == [("unclear",)]

    await shop.stage.until_true(is_unclear)
    shop.simulator.clear()
    await shop.happens("ask_refund")
    await buys(shop, SECOND)
    await later(shop, minutes=2)
    assert await states(shop) == {"sent": 1, "confirmed": 1}
    assert got(shop, SECOND) == ["CARD-0001-SECRET"]


async def test_variants_have_pools_of_their_own_and_none_is_guessed(shop: Shop) -> None:
    await put(shop, "MONTH-1", variant="月卡")
    await buys(shop, variant="季卡")
    await buys(shop, SECOND, variant="月 卡")
    await later(shop, seconds=70)
    assert (got(shop), got(shop, SECOND)) == ([], ["MONTH-1"])


async def test_pools_are_shown_by_number_and_never_by_key(shop: Shop) -> None:
    assert "还没有导入过" in (await shop.stage.ask("km")).text
    await put(shop, *names(3))
    await buys(shop)
    shown = await shop.stage.ask(f"keys {ITEM}")
    assert [str(each) for each in shown.rows[0].values()][:6] == [ITEM, "全部", "2", "1", "0", "0"]
    assert "CARD" not in shown.text
    assert (await shop.stage.ask("卡密 404")).title == "没有这个商品的卡密池"
    assert (await shop.stage.ask(f"reconcile-keys {ITEM}")).title == "没有要对账的卡密"


async def test_an_older_database_sends_no_key_before_somebody_reconciled_it(shop: Shop, tmp_path: Path) -> None:
    await put(shop, *names(6))
    await buys(shop)
    await shop.stage.app.stop()
    shutil.copy(tmp_path / "zhanggui.db", tmp_path / "backup.db")
    await shop.stage.restart()
    shop.simulator.sender.webhook_url = f"{shop.stage.url}/webhooks/orders/xianyu"
    await later(shop, seconds=70)
    await buys(shop, SECOND)
    await later(shop, seconds=70)
    assert (got(shop), got(shop, SECOND)) == (["CARD-0000-SECRET"], ["CARD-0001-SECRET"])

    await shop.stage.app.stop()
    shutil.copy(tmp_path / "backup.db", tmp_path / "zhanggui.db")
    await shop.stage.restart()
    shop.simulator.sender.webhook_url = f"{shop.stage.url}/webhooks/orders/xianyu"
    await buys(shop, THIRD)
    await later(shop, minutes=5)
    assert got(shop, THIRD) == []
    await shop.card("要先对账")
    assert "卡密等对账" in (await shop.stage.ask(f"为什么没发货 {THIRD}")).text
    assert (await shop.stage.ask(f"发货 {THIRD}")).title == "卡密还没对账，不能发"
    assert (await shop.stage.ask(f"对账卡密 {ITEM} 随便")).title == "没看懂怎么对账"
    assert "剩下的没发过" in (await shop.stage.ask(f"对账卡密 {ITEM}")).buttons

    assert await put(shop, "CARD-0000-SECRET", "CARD-0001-SECRET", delivered=True) == {"new": 0, "known": [0, 1]}
    assert got(shop, THIRD) == []
    await shop.stage.ask(f"对账卡密 {ITEM} 未用")
    await later(shop, minutes=5)
    assert len(got(shop, THIRD)) == 1
    every = [content for order in (ORDER, SECOND, THIRD) for content in got(shop, order)]
    assert len(every) == len(set(every))


async def test_what_nobody_can_tell_is_discarded(shop: Shop) -> None:
    await put(shop, *names(2))
    await shop.stage.execute("UPDATE key_pools SET held_since = 1")
    await buys(shop)
    await later(shop, minutes=2)
    await shop.stage.ask(f"对账卡密 {ITEM} 弃用")
    await later(shop, minutes=2)
    assert (got(shop), await states(shop)) == ([], {"set_aside": 2})
    await put(shop, "NEW-1")
    await later(shop, minutes=2)
    assert got(shop) == ["NEW-1"]
