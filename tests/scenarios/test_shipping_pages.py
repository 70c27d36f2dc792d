"""The pages of shipping in a browser's words: what runs when, how far it is, and one shipment with its log."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.shop import FILM, ORDER, Shop, open_shop
from tests.scenarios.test_matters_page import buttons, narrow, signed_in
from tests.scenarios.test_shipping import later

OTHER = "1000000000000000002"
TASK = f"/shipping/xianyu%2Fshop-a%2F{ORDER}"
NUMBERS = "SF100000000001 SF100000000002"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    """Everything goes out by itself after a minute."""
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        await opened.stage.ask("发货设置 默认 方式=自动 延迟=60 公司=顺丰")
        await opened.stage.ask(f"导入单号 顺丰 {NUMBERS}")
        yield opened


def listed(html: str) -> list[str]:
    return re.findall(r">(\d{19})</a>", html)


async def test_what_waits_for_its_time_is_listed_and_then_what_became_of_it(shop: Shop) -> None:
    await shop.pays()
    async with signed_in(shop.stage) as browser:
        planned = await browser.page("/shipping")
        await later(shop, seconds=70)
        await shop.card("已发货")
        gone, whole = await browser.page("/shipping"), await browser.page("/shipping?view=all")
        found = [
            listed(await browser.page(f"/shipping?view=all&q={each}")) for each in (ORDER, "SF100000000001", "SF9")
        ]
        status, _ = await browser.read("/shipping?view=other")
    assert (listed(planned), "等着发" in planned, "2026-11-22" in planned) == ([ORDER], True, True)
    assert (listed(gone), listed(whole), "SF100000000001" in whole, "自动" in whole) == ([], [ORDER], True, True)
    assert (found, status) == ([[ORDER], [ORDER], []], 400)


async def test_one_shipment_shows_its_log_and_can_be_held(shop: Shop) -> None:
    await shop.pays()
    async with signed_in(shop.stage) as browser:
        assert buttons(await browser.page(TASK)) == ["为什么没发货", "先别发", "已寄出"]
        held = await browser.answer(shop.stage, await browser.press(TASK, "先别发"))
        await later(shop, minutes=2)
        page = await browser.page(TASK)
    assert ("先不自动发货" in held, "没有自动发货" in page, "拦住它的" in page) == (True, True, True)
    assert shop.market.orders[ORDER].shipments == ()


async def test_a_refused_shipment_says_what_the_platform_said(shop: Shop) -> None:
    await shop.pays()
    shop.market.change(ORDER, "close")
    await later(shop, minutes=2)
    await shop.card("发货没成功")
    async with signed_in(shop.stage) as browser:
        page = await browser.page("/shipping?view=refused")
        card = await browser.page(TASK)
    said = "交易已关闭"
    assert (listed(page), said in page, said in card) == ([ORDER], True, True)


async def test_a_refused_shipment_waits_for_nobody_once_its_order_is_closed(shop: Shop) -> None:
    shop.market.refuse_next("not_today")
    await shop.pays()
    await later(shop, minutes=2)
    async with signed_in(shop.stage) as browser:
        before = await browser.page("/shipping?view=refused")
        await shop.happens("close")
        after, whole = [await browser.page(f"/shipping?view={view}") for view in ("refused", "all")]
        card = await browser.page(TASK)
    why = await shop.stage.ask(f"为什么没发货 {ORDER}")
    assert (listed(before), listed(after), listed(whole)) == ([ORDER], [], [ORDER])
    assert ("取消了" in card, buttons(card), "不是待发货" in why.text) == (True, [], True)


async def test_who_sees_one_shop_sees_its_shipments_and_who_may_look_presses_nothing(shop: Shop) -> None:
    await shop.pays()
    await shop.pays(OTHER, goods=FILM, sku_text="防窥", account_id="shop-b")
    await narrow(shop.stage, "xianyu:shop-b")
    async with signed_in(shop.stage) as browser, signed_in(shop.stage, "阿芳") as viewer:
        assert listed(await browser.page("/shipping")) == [OTHER]
        assert (await browser.read(TASK))[0] == 404
        assert buttons(await viewer.page(TASK)) == []


async def test_an_open_page_hears_of_shipments_and_all_of_them_are_saved(shop: Shop) -> None:
    await shop.pays()
    async with signed_in(shop.stage) as browser:
        async with browser.session.get("/live/shipping") as news:
            heard = [(await news.content.readline()).decode() for _ in range(3)]
            await later(shop, minutes=2)
            heard += [(await news.content.readline()).decode() for _ in range(3)]
        whole = await browser.session.get("/shipping.xlsx?view=all")
        content = await whole.read()
    assert [line for line in heard if line.startswith("event")] == ["event: ready\n", "event: reload\n"]
    assert (whole.status, content[:2]) == (200, b"PK")
