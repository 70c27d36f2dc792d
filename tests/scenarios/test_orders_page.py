"""The page of orders in a browser's words: leafed through by view and shop, found, saved; one order with its story."""

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from storage.orders.tables import orders
from storage.people.store import set_language
from tests.scenarios.shop import FILM, ORDER, Shop, open_shop
from tests.scenarios.test_matters_page import buttons, narrow, signed_in
from tests.storage.orders.builders import an_order

OTHER = "1000000000000000002"
CARD = f"/orders/xianyu%2Fshop-a%2F{ORDER}"
OTHER_CARD = f"/orders/xianyu%2Fshop-b%2F{OTHER}"


@pytest.fixture
async def shop(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Shop]:
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    async with open_shop(f"sqlite+aiosqlite:///{path}", tmp_path) as opened:
        yield opened


def listed(html: str) -> list[str]:
    """The numbers of the orders in the list, in order."""
    return re.findall(r">(\d{19})</a>", html)


async def two_shops(shop: Shop) -> None:
    await shop.pays(quantity=2)
    await shop.pays(OTHER, goods=FILM, sku_text="防窥", account_id="shop-b")


async def test_orders_are_listed_with_all_that_decides(shop: Shop) -> None:
    await two_shops(shop)
    await shop.happens("ask_refund", OTHER)
    async with signed_in(shop.stage) as browser:
        page = await browser.page("/orders")
        asked_back = await browser.page("/orders?view=refunding")
        status, _ = await browser.read("/orders?view=other")
    assert listed(page) == [ORDER]
    assert all(
        each in page for each in ("二手手机 成色好 黑色 128G", "2598.00 CNY", "xianyu:shop-a", "还剩", "共 1 行")
    )
    assert (listed(asked_back), "买家申请退款" in asked_back, status) == ([OTHER], True, 400)


async def test_what_was_shipped_has_a_list_of_its_own_and_all_have_one(shop: Shop) -> None:
    await two_shops(shop)
    await shop.happens("ship")
    async with signed_in(shop.stage) as browser:
        views = [listed(await browser.page(f"/orders?view={view}")) for view in ("to_ship", "shipped", "all")]
    assert views == [[OTHER], [ORDER], [OTHER, ORDER]]


async def test_an_order_is_found_by_number_and_title(shop: Shop) -> None:
    await two_shops(shop)
    sought = (ORDER, "手机", "%", "<b>")
    async with signed_in(shop.stage) as browser:
        found = [listed(await browser.page(f"/orders?view=all&q={each}")) for each in sought]
    assert found == [[ORDER], [ORDER], [], []]


async def test_a_narrowed_person_sees_what_the_chat_shows_them(shop: Shop) -> None:
    await two_shops(shop)
    await narrow(shop.stage, "xianyu:shop-b")
    async with signed_in(shop.stage) as browser:
        page = await browser.page("/orders?view=all")
        sought = await browser.page("/orders?view=all&q=10000")
        statuses = [(await browser.read(path))[0] for path in (CARD, OTHER_CARD, "/orders/none")]
        hidden = (await browser.read(CARD))[1]
    assert (listed(page), listed(sought), "共 1 行" in page) == ([OTHER], [OTHER], True)
    assert (statuses, "手机" in hidden) == ([404, 200, 404], False)
    in_chat = await shop.stage.ask("订单", by="ou_demo_operator")
    assert [row["c0"] for row in in_chat.rows] == listed(page)


async def test_an_order_shows_its_story_with_the_buyer_masked_and_leads_to_what_can_be_done(shop: Shop) -> None:
    await shop.pays(buyer_id="buyer-4711")
    said = {"chat_id": f"chat-{ORDER}", "account_id": "shop-a", "from": "buyer-4711", "text": "发到 447700900123 行吗"}
    await shop.post(
        {"type": "message.received", "timestamp": "2026-11-22T08:30:00Z", "data": said}, event_id="msg_chat"
    )
    await shop.told()
    async with signed_in(shop.stage) as browser:
        html = await browser.page("/orders")
        assert CARD in html
        page = await browser.page(CARD)
        assert "买家：发到 447" in page and "447700900123" not in page and "4711" not in page
        assert buttons(page) == ["为什么没发货", "我来处理", "办完了", "需要帮忙", "看 #1", "已寄出", "回复买家"]
        taken = await browser.answer(shop.stage, await browser.press(CARD, "我来处理"))
    assert ("#1 归你了" in taken, buttons(taken)[1]) == (True, "办完了")


async def test_who_may_only_look_has_no_buttons(shop: Shop) -> None:
    await shop.pays()
    async with signed_in(shop.stage, "阿芳") as browser:
        assert buttons(await browser.page(CARD)) == []


@pytest.mark.parametrize("path", ["/orders", CARD])
async def test_an_open_page_hears_of_what_the_platform_tells(shop: Shop, path: str) -> None:
    await shop.pays()
    async with signed_in(shop.stage) as browser:
        address = re.findall(r'data-live="([^"]+)"', await browser.page(path))[0]
        async with browser.session.get(address) as news:
            heard = [(await news.content.readline()).decode() for _ in range(3)]
            await shop.happens("ask_refund")
            heard += [(await news.content.readline()).decode() for _ in range(3)]
    assert [line for line in heard if line.startswith("event")] == ["event: ready\n", "event: reload\n"]


async def test_a_page_is_in_its_readers_language(shop: Shop) -> None:
    await shop.pays()
    async with signed_in(shop.stage) as browser:
        async with shop.stage.app.database.begin() as tx:
            ((person_id,),) = await shop.stage.rows("SELECT id FROM people WHERE name = '小陈'")
            await set_language(tx, person_id=person_id, language="en")
        assert "Time to ship" in await browser.page("/orders")
        assert buttons(await browser.page(CARD))[0] == "Why not shipped"


async def test_of_thousands_one_part_is_read_and_all_are_saved(shop: Shop) -> None:
    now = shop.stage.clock.now()
    many = [asdict(an_order(str(10**18 + number), ship_by=now + timedelta(seconds=number))) for number in range(2500)]
    async with shop.stage.app.database.begin() as tx:
        await tx.execute(insert(orders), many)
    async with signed_in(shop.stage) as browser:
        page = await browser.page("/orders?page=2")
        last = await browser.page("/orders?page=50")
        whole = await browser.session.get("/orders.xlsx")
        content = await whole.read()
    assert (len(listed(page)), listed(page)[0], "第 51–100 行，共 1000 行以上" in page) == (50, str(10**18 + 50), True)
    assert ("第 2451–2500 行，共 2500 行" in last, 'rel="next"' in last) == (True, False)
    assert (whole.status, len(content) > 50_000) == (200, True)
