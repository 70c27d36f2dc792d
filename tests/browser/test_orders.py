"""The demo's orders, as people see them: one goes out by itself, one by a form, one waits, one is stopped and says why.

The service's clock is moved, so nobody waits for delays. Pictures are written anew as in ``test_pictures``.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.cli.world.shop import (
    BY_HAND,
    BY_ITSELF,
    KEYS,
    NOT_SET,
    SALES,
    VIRTUAL,
    WAITING,
    Sale,
    keys_to_import,
    sell,
    stock_shop,
)
from bot.contracts.clock import id_source
from tests.browser.story import Story, told
from tests.browser.test_matters import CARDS, LAPTOP, PHONE, look, say
from tests.browser.test_pictures import LATEST, expect_picture, place

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]  # one browser for all

NUMBER = "SF100000000999"


@pytest_asyncio.fixture(loop_scope="session")
async def story(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    """The demo's shop on the stage; nobody has bought anything yet."""
    async with told(sqlite_url, tmp_path) as story:
        clock, by = story.stage.clock, story.people["林掌柜"]
        await stock_shop(story.stage.app.database, clock, id_source(clock), by=by, delay_seconds=7200)
        await story.stage.app.administration.act(keys_to_import())
        yield story


async def until_told(story: Story) -> None:
    await story.market.settled()
    await story.stage.quiet()


async def width_of(page: Page, path: str, story: Story) -> int:
    """How wide the page is laid out."""
    await look(page, path, story)
    width: int = await page.evaluate("document.documentElement.scrollWidth")
    return width


def card_of(chat: Page, sale: Sale) -> Locator:
    """The living card of an order, as it stands."""
    return chat.locator(".answered", has_text=sale.variant).filter(has=chat.locator("h2", has_text="#")).first


async def test_orders_come_into_the_team_s_chat_and_each_goes_its_way(
    story: Story, chromium: Browser, tmp_path: Path
) -> None:
    boss = await story.sign_in(chromium, "林掌柜", **LAPTOP)
    chat, shipping = await boss.new_page(), await boss.new_page()
    await look(chat, "/#team", story)
    await look(shipping, "/shipping?view=all", story)
    sell(story.market, *SALES)
    await expect(chat.locator(".answered h2", has_text="发货：")).to_have_count(len(SALES))
    await expect(card_of(chat, BY_ITSELF).locator("h2")).to_contain_text("会自动发货")

    story.stage.clock.move(hours=2)
    await until_told(story)
    await expect(card_of(chat, BY_ITSELF).locator("h2")).to_contain_text("已发货")
    await expect(shipping.locator("tbody tr", has_text=BY_ITSELF.order_id)).to_contain_text("SF1000000001")

    await expect(card_of(chat, VIRTUAL).locator("h2")).to_contain_text("已发货")
    (handed,) = story.market.market.orders[VIRTUAL.order_id].shipments
    assert len([key for key in KEYS if key in handed.content]) == VIRTUAL.quantity

    waiting = card_of(chat, WAITING)
    await expect(waiting).to_contain_text("还剩")
    await expect_picture(chat, waiting, place(tmp_path, "order-card"))
    story.stage.clock.move(hours=38)
    await until_told(story)
    await expect(waiting).to_contain_text("还剩 8")

    by_hand = card_of(chat, BY_HAND)
    await by_hand.get_by_label("快递公司").fill("顺丰")
    await by_hand.get_by_label("运单号").fill(NUMBER)
    await by_hand.get_by_role("button", name="已寄出").click()
    await expect(by_hand.locator("h2")).to_contain_text("已发货")
    assert [each.waybill_no for each in story.market.market.orders[BY_HAND.order_id].shipments] == [NUMBER]

    await say(chat, f"为什么没发货 {NOT_SET.order_id}")
    await expect(chat.locator(LATEST)).to_contain_text("规格没有设置")
    await expect_picture(chat, chat.locator(LATEST), place(tmp_path, "order-why"))
    assert story.market.market.orders[NOT_SET.order_id].shipments == ()


async def test_the_page_of_shipping_shows_each_with_its_log(story: Story, chromium: Browser, tmp_path: Path) -> None:
    page = await (await story.sign_in(chromium, "小陈", viewport={"width": 1180, "height": 520})).new_page()
    sell(story.market, *SALES)
    await until_told(story)
    await look(page, "/shipping", story)
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.locator("tbody a", has_text=BY_ITSELF.order_id).click()
    await page.locator("[data-listening]").wait_for()
    await page.get_by_role("button", name="先别发").click()
    await expect(page.locator("#answer")).to_contain_text("先不自动发货")
    await expect(page.locator("#card")).to_contain_text(BY_ITSELF.variant)


async def test_settings_are_looked_at_saved_for_several_and_taken_back(
    story: Story, chromium: Browser, tmp_path: Path
) -> None:
    page = await (await story.sign_in(chromium, "小陈", viewport={"width": 1180, "height": 760})).new_page()
    sell(story.market, *SALES)
    await until_told(story)
    await look(page, "/shipping-settings", story)
    await expect(page.locator("tbody tr")).to_have_count(4)
    await page.locator("tbody input").nth(2).check()
    await page.locator("tbody input").nth(3).check()
    await page.get_by_label("方式").select_option("manual")
    await page.get_by_role("button", name="看会怎样").click()
    await expect(page.locator("#answer")).to_contain_text("1 个会停下")
    await expect_picture(page, page.locator(".console"), place(tmp_path, "shipping-settings"))
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("#answer")).to_contain_text("手动发货")
    await expect(page.locator("tbody .level.good")).to_have_count(1)
    await page.get_by_role("link", name="改动").click()
    await page.locator("[data-listening]").wait_for()
    await page.locator("tbody input").first.check()
    await page.get_by_role("button", name="撤销").click()
    await expect(page.locator("#answer")).to_contain_text("已撤销")
    await look(page, "/shipping-settings", story)
    await expect(page.locator("tbody .level.good")).to_have_count(3)


async def test_orders_shipping_and_settings_fit_a_phone(story: Story, chromium: Browser, tmp_path: Path) -> None:
    sell(story.market, *SALES)
    await until_told(story)
    page = await (await story.sign_in(chromium, "小陈", **PHONE)).new_page()
    paths = ("/orders", "/shipping", "/shipping-settings", "/shipping-settings?view=changes", "/keys")
    assert [await width_of(page, path, story) for path in paths] == [390] * 5
    await look(page, "/orders", story)
    await expect_picture(page, page.locator(".console"), place(tmp_path, "orders-page-phone"))
    await page.locator("tbody a").first.click()
    await page.locator("[data-listening]").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert set(await page.evaluate(f"{CARDS}.map(card => card.scrollHeight - card.clientHeight)")) == {0}
