"""The demo's WhatsApp phone and Feishu chats, in a real browser: what is typed and tapped travels signed, both ways."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Demo, Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")  # one browser for all


async def look(visit: Visit, demo: Demo, window: str) -> Locator:
    """Open a window, and give its thread."""
    await visit.page.goto(f"{demo.address}/demo/{window}")
    await visit.page.locator("[data-window][data-listening]").wait_for()
    return visit.page.locator("#thread")


async def test_the_navigation_leads_to_the_phone_and_to_feishu(desk: Visit) -> None:
    await desk.page.get_by_role("link", name="WhatsApp").click()
    await expect(desk.page.locator(".phone header")).to_contain_text("掌柜")
    await desk.page.get_by_role("link", name="飞书").click()
    await expect(desk.page.locator(".room header")).to_have_text("运营群")


async def test_what_only_arrives_has_a_window_without_a_place_to_write(desk: Visit) -> None:
    await desk.page.get_by_role("link", name="邮件与短信").click()
    await desk.page.locator("[data-window][data-listening]").wait_for()
    await expect(desk.page.locator(".letterbox #thread > *").first).to_be_visible()
    await expect(desk.page.get_by_role("textbox")).to_have_count(0)


async def test_what_is_typed_on_the_phone_is_read_and_answered(desk: Visit, demo: Demo) -> None:
    thread = await look(desk, demo, "phone")
    await desk.say("店铺")
    await expect(thread.locator(".mine").last.locator(".ticks.read")).to_be_visible()
    await expect(thread.locator("article:not(.mine)").last).to_contain_text("屿光-JP")
    await expect(thread.locator("article:not(.mine)").last.locator(".ticks.read")).to_be_visible()


async def test_a_button_on_the_phone_runs_its_command(desk: Visit, demo: Demo) -> None:
    thread = await look(desk, demo, "phone")
    await desk.say("补火")
    await thread.get_by_role("button", name="补货", exact=True).last.click()
    await expect(thread.locator(".mine").last).to_contain_text("补货")
    await expect(thread.locator("article:not(.mine)").last).not_to_contain_text("补火")


async def test_feishu_shows_the_card_with_its_table_and_chart(desk: Visit, demo: Demo) -> None:
    thread = await look(desk, demo, "feishu")
    await desk.say("补货")
    card = thread.locator(".slip:has(table)").last
    await expect(card.locator("h2")).to_contain_text("补货")
    await expect(card.locator("svg.plot").first).to_be_visible()
    rows = card.locator("tbody tr:not([hidden])")
    await expect(rows).to_have_count(10)
    first = await rows.first.inner_text()
    await card.get_by_role("button", name="›").first.click()
    await expect(rows.first).not_to_have_text(first)


async def test_a_button_in_feishu_is_told_to_have_been_pressed(desk: Visit, demo: Demo) -> None:
    thread = await look(desk, demo, "feishu?chat=private")
    await desk.say("补火")
    await thread.get_by_role("button", name="补货", exact=True).last.click()
    await expect(desk.page.locator("#toast")).to_have_text(re.compile("收到"))
    await expect(thread.locator(".slip:has(table)").last.locator("tbody tr").first).to_be_visible()


@pytest.mark.parametrize("window", ["phone", "feishu"])
async def test_a_window_fits_a_real_phone(phone: Visit, demo: Demo, window: str) -> None:
    thread = await look(phone, demo, window)
    await phone.say("店铺")
    await expect(thread.get_by_text("屿光-JP").last).to_be_visible()
    assert await phone.page.evaluate("document.documentElement.scrollWidth") == 390
