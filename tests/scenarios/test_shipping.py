"""Orders go out by themselves, by hand, or not at all: once each, and done only when the platform says so."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integrations.feishu.simulator import Press
from tests.scenarios.shop import FILM, MEMBERSHIP, ORDER, PHONE, Shop, open_shop
from tests.scenarios.stage import ADMIN, OPERATOR, VIEWER

NUMBER = "SF100000000001"
SECOND = "1000000000000000002"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        yield opened


@pytest.fixture
async def auto(shop: Shop) -> Shop:
    """Everything goes out by itself after a minute, with numbers for two parcels."""
    await shop.stage.ask("发货设置 默认 方式=自动 延迟=60 公司=顺丰")
    await shop.stage.ask(f"导入单号 顺丰 {NUMBER} SF100000000002 {NUMBER}")
    return shop


def sent(shop: Shop, order_id: str = ORDER) -> list[str]:
    """The numbers with which the marketplace has the order as shipped."""
    return [f"{each.express_code} {each.waybill_no}" for each in shop.market.orders[order_id].shipments]


async def later(shop: Shop, **distance: float) -> None:
    """What is left to do now is done, then time passes."""
    await shop.told()
    shop.stage.clock.move(**distance)
    await shop.told()


async def state(shop: Shop) -> list[tuple[str]]:
    return [(str(value),) for (value,) in await shop.stage.rows("SELECT state FROM shipments ORDER BY order_key")]


async def steps(shop: Shop) -> list[tuple[str]]:
    """How each step that was planned for a matter tells of it."""
    return [(str(how),) for (how,) in await shop.stage.rows("SELECT how FROM ladder_steps ORDER BY matter, position")]


async def test_an_order_goes_out_by_itself_when_its_time_has_come_and_ends_when_it_is_confirmed(auto: Shop) -> None:
    await auto.pays()
    assert sent(auto) == []
    assert "还没到时间" in (await auto.stage.ask(f"为什么没发货 {ORDER}", by=VIEWER)).text
    await later(auto, seconds=70)
    await auto.card("已发货")
    assert sent(auto) == [f"SF {NUMBER}"]
    assert await state(auto) == [("confirmed",)]
    assert "SF" in (await auto.stage.ask(f"订单 {ORDER}")).text


async def test_what_the_platform_only_accepted_waits_for_its_word(auto: Shop) -> None:
    await auto.pays()
    auto.simulator.drop_connection("event")
    await later(auto, minutes=2)
    assert (len(sent(auto)), await state(auto)) == (1, [("marked",)])
    assert await auto.stage.rows("SELECT state FROM matters") == [("open",)]
    await auto.post(auto.market.orders[ORDER].told("ship"), event_id="msg_late")
    await auto.card("已发货")
    assert await state(auto) == [("confirmed",)]


async def test_an_order_that_goes_out_by_itself_calls_nobody_until_it_is_stopped(auto: Shop) -> None:
    await auto.pays()
    card = await auto.card("会自动发货")
    assert await steps(auto) == [("card",)]
    await auto.stage.ask(f"暂停发货 {ORDER}", by=OPERATOR)
    await later(auto, minutes=2)
    await auto.stage.first(
        lambda shown: shown.message.message_id == card.message.message_id and "待发货" in shown.title
    )
    assert ("mention",) in await steps(auto)


async def test_what_the_platform_accepted_and_did_not_do_calls_somebody(auto: Shop) -> None:
    await auto.pays()
    auto.market.forget_next()
    await later(auto, minutes=2)
    assert (sent(auto), await state(auto), await steps(auto)) == ([], [("marked",)], [("card",)])
    await later(auto, minutes=25)
    await auto.card("平台还没确认发货")
    assert ("mention",) in await steps(auto)


async def test_somebody_ships_by_hand_and_a_second_one_ships_nothing(shop: Shop) -> None:
    shop.market.is_slow = True
    await shop.pays()
    heard = [
        await shop.stage.say(f"发货 {ORDER} 顺丰 {NUMBER}", by=OPERATOR),
        await shop.stage.say(f"发货 {ORDER} 圆通 YT1000000000002", by=ADMIN),
    ]
    titles = sorted([(await shop.stage.answer(each)).title for each in heard])
    await shop.told()
    assert len(sent(shop)) == 1
    assert [title for title in titles if title.startswith("正在发货")] != []
    assert len(set(titles)) == 2


async def test_the_card_of_an_order_has_a_form_for_the_number(shop: Shop) -> None:
    await shop.pays()
    shown = await shop.stage.ask(f"订单 {ORDER}", by=OPERATOR)
    assert {"已寄出", "为什么没发货"} <= set(shown.buttons)


async def test_the_living_card_counts_down_and_has_the_form_for_the_number(shop: Shop) -> None:
    await shop.pays()
    card = await shop.card("待发货")
    assert ("还剩 48 小时" in card.text, "已寄出" in card.buttons) == (True, True)
    await later(shop, hours=40)
    await shop.stage.first(lambda shown: shown.message.message_id == card.message.message_id and "还剩 8" in shown.text)
    await later(shop, hours=9)
    await shop.stage.first(lambda shown: shown.message.message_id == card.message.message_id and "已超时" in shown.text)
    filled = {"company": "顺丰", "number": NUMBER}
    press = Press(message_id=card.message.message_id, label="已寄出", sender_id=OPERATOR, form=filled)
    await shop.stage.feishu.people.press(press)
    await shop.card("已发货")
    assert sent(shop) == [f"SF {NUMBER}"]


async def test_what_is_set_to_go_by_hand_says_so_and_at_which_level(shop: Shop) -> None:
    await shop.pays()
    why = await shop.stage.ask(f"why-not-shipped {ORDER}")
    assert ("没有设成自动" in why.text, len(why.rows)) == (True, 13)
    await shop.stage.ask("发货设置 默认 方式=自动 公司=顺丰")
    await shop.stage.ask(f"发货设置 {PHONE.item_id} 方式=手动")
    shown = await shop.stage.ask(f"shipping {PHONE.item_id}")
    assert "商品的设置" in shown.text
    assert "默认设置" in shown.text
    assert await shop.stage.rows("SELECT order_key FROM shipments") == []


async def test_a_variant_that_is_not_set_is_not_guessed(auto: Shop) -> None:
    await auto.stage.ask(f"发货设置 {PHONE.item_id} 规格=白色 256G 方式=自动")
    await auto.pays()
    await later(auto, minutes=5)
    assert sent(auto) == []
    assert "规格没有设置" in (await auto.stage.ask(f"为什么没发货 {ORDER}")).text
    await auto.stage.ask(f"发货设置 {PHONE.item_id} 规格=黑色128g 方式=自动")
    await later(auto, minutes=5)
    assert len(sent(auto)) == 1


async def test_what_is_held_does_not_go_out_before_it_is_released(auto: Shop) -> None:
    await auto.pays()
    await auto.stage.ask("暂停发货 shop-a", by=OPERATOR)
    await later(auto, minutes=5)
    assert sent(auto) == []
    assert "暂停了" in (await auto.stage.ask(f"为什么没发货 {ORDER}")).text
    await auto.stage.ask("hold-shipping shop-a off", by=OPERATOR)
    await later(auto, minutes=5)
    assert len(sent(auto)) == 1


@pytest.mark.parametrize("line", ["暂停发货 shop-a 现在", "hold-shipping shop-a please", "暂停发货 关 shop-z"])
async def test_a_word_that_nobody_knows_lets_nothing_go_that_is_held(auto: Shop, line: str) -> None:
    await auto.pays()
    await auto.stage.ask("暂停发货 shop-a", by=OPERATOR)
    answer = await auto.stage.ask(line, by=OPERATOR)
    assert (answer.tone, await auto.stage.rows("SELECT scope FROM shipping_holds")) == ("warning", [("shop:shop-a",)])


async def test_shadow_says_what_it_would_have_done_and_does_nothing(auto: Shop) -> None:
    await auto.stage.ask("发货设置 默认 方式=影子")
    await auto.pays()
    await later(auto, minutes=5)
    assert (sent(auto), await state(auto)) == ([], [("shadowed",)])
    assert "演练" in (await auto.stage.ask(f"订单 {ORDER}")).text
    await auto.stage.ask(f"发货 {ORDER} 顺丰 {NUMBER}")
    await auto.told()
    assert len(sent(auto)) == 1


async def test_an_order_that_is_cancelled_before_its_time_stays(auto: Shop) -> None:
    await auto.pays()
    await auto.happens("ask_refund")
    await later(auto, minutes=5)
    assert (sent(auto), await state(auto)) == ([], [("cancelled",)])
    assert (await auto.stage.ask(f"发货 {ORDER} 顺丰 {NUMBER}")).title == "买家要退款，不能发货"
    await auto.happens("close_refund")
    await later(auto, minutes=5)
    assert len(sent(auto)) == 1


async def test_a_cancellation_that_nobody_told_yet_is_refused_by_the_platform(auto: Shop) -> None:
    await auto.pays()
    auto.market.change(ORDER, "close")
    await later(auto, minutes=5)
    await auto.card("发货没成功")
    assert (sent(auto), await state(auto)) == ([], [("refused",)])


async def test_a_failure_inside_a_good_answer_is_given_anew_if_it_may_be(auto: Shop) -> None:
    auto.market.refuse_next("busy", is_retryable=True, times=2)
    await auto.pays()
    await later(auto, minutes=2)
    await later(auto, minutes=2)
    await later(auto, minutes=5)
    assert sent(auto) == [f"SF {NUMBER}"]


async def test_a_number_that_is_refused_needs_somebody_who_gives_another(shop: Shop) -> None:
    await shop.pays()
    await shop.stage.ask(f"发货 {ORDER} 顺丰 SF123456")
    await shop.told()
    card = await shop.card("发货没成功")
    assert ("平台不认这个运单号" in card.text, "number_rejected" in card.text) == (True, False)
    assert "平台没有接受发货：平台不认这个运单号" in (await shop.stage.ask(f"订单 {ORDER}")).text
    assert "上次被平台拒绝" in (await shop.stage.ask(f"为什么没发货 {ORDER}")).text
    await shop.stage.ask(f"发货 {ORDER} 顺丰 {NUMBER}")
    await shop.told()
    assert sent(shop) == [f"SF {NUMBER}"]
    await shop.card("已发货")


async def test_a_lost_answer_is_asked_for_again_and_ships_nothing_twice(auto: Shop) -> None:
    auto.simulator.drop_connection("command", handled=True)
    await auto.pays()
    await later(auto, minutes=2)
    await later(auto, minutes=2)
    assert sent(auto) == [f"SF {NUMBER}"]
    await auto.card("已发货")


async def test_a_bridge_that_is_gone_leaves_it_unclear_until_somebody_asks_again(auto: Shop) -> None:
    auto.simulator.next_answer("command", status=503, times=50)
    await auto.pays()

    async def is_unclear() -> bool:
        auto.stage.clock.move(minutes=5)
        await asyncio.sleep(0)
        return await state(auto) == [("unclear",)]

    await auto.stage.until_true(is_unclear)
    await auto.card("不知道发货成没成")
    auto.simulator.clear()
    asked = await auto.stage.ask(f"发货 {ORDER} 顺丰 SF100000000009")
    assert (NUMBER in asked.text, "SF100000000009" in asked.text) == (True, False)
    await auto.told()
    assert sent(auto) == [f"SF {NUMBER}"]


async def test_no_number_left_is_a_matter_and_new_ones_let_orders_go(auto: Shop) -> None:
    await auto.pays()
    await auto.pays(SECOND, goods=FILM, sku_text="高清")
    await auto.pays("1000000000000000003", goods=FILM, sku_text="防窥")
    await later(auto, minutes=5)
    await auto.card("SF 的运单号用完了")
    assert len(await auto.stage.rows("SELECT number FROM waybills WHERE order_key = ''")) == 0
    await auto.stage.ask("add-waybills SF SF100000000003")
    await later(auto, minutes=5)
    assert await state(auto) == [("confirmed",)] * 3


async def test_goods_without_a_parcel_wait_for_somebody(auto: Shop) -> None:
    await auto.pays(goods=MEMBERSHIP, sku_text="月卡")
    await later(auto, minutes=5)
    assert "虚拟商品" in (await auto.stage.ask(f"为什么没发货 {ORDER}")).text
    await auto.stage.ask(f"发货 {ORDER}")
    await auto.told()
    await auto.card("已发货")


async def test_a_service_that_dies_before_its_time_ships_once_after_it(auto: Shop) -> None:
    await auto.pays()
    await auto.stage.restart(minutes=5)
    auto.simulator.sender.webhook_url = f"{auto.stage.url}/webhooks/orders/xianyu"
    await auto.told()
    assert sent(auto) == [f"SF {NUMBER}"]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("发货 {order}", "还缺快递公司和运单号"),
        ("发货 {order} 顺丰 =1+1", "没看懂运单号"),
        ("导入单号 顺丰 =CMD()", "没看懂运单号"),
        ("发货 {order} =x SF100000000001", "没看懂快递公司"),
        ("发货设置 默认 方式=随便", "没看懂发货设置"),
        ("发货 999 顺丰 SF100000000001", "没有这个订单"),
        ("暂停发货 shop-z", "没有这个订单或店铺"),
    ],
)
async def test_what_is_wrong_is_named_and_changes_nothing(shop: Shop, line: str, title: str) -> None:
    await shop.pays()
    assert (await shop.stage.ask(line.format(order=ORDER))).title == title
    assert await shop.stage.rows("SELECT order_key FROM shipments") == []


async def test_how_many_numbers_were_given_is_said_when_some_are_not_new(shop: Shop) -> None:
    lines = ("圆通 YT100000000001 YT100000000002", "圆通 YT100000000002 YT100000000003 yt100000000003")
    told = [(await shop.stage.ask(f"导入单号 {line}")).text.replace("*", "") for line in lines]
    assert ("YTO · 2；" in told[0], "YTO · 1（给了 3 个" in told[1]) == (True, True)
