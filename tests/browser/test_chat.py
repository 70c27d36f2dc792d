"""What a person does in the web chat of ``zhanggui demo``, in a real browser."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Demo, Visit, open_chat

pytestmark = pytest.mark.asyncio(loop_scope="session")  # one browser for all

# The answer to what was said last: alarms come into the team's chat too.
LATEST = ".timeline:not([hidden]) .own:not(:has(~ .own)) ~ .answered:not([data-reply='']) >> nth=-1"


async def width_needed(page: Page) -> int:
    width: int = await page.evaluate("document.documentElement.scrollWidth")
    return width


async def test_help_lists_commands(desk: Visit) -> None:
    await desk.say("帮助")
    await expect(desk.page.locator(LATEST)).to_contain_text("补货")


async def test_stores_are_answered_with_a_table(desk: Visit) -> None:
    await desk.say("店铺")
    rows = desk.page.locator(LATEST).locator("tbody tr")
    await expect(rows.nth(2)).to_be_visible()


async def test_restock_shows_urgency_in_colour(desk: Visit) -> None:
    await desk.say("补货")
    await expect(desk.page.locator(LATEST).locator("td .level").first).to_be_visible()


async def test_a_chart_tells_the_values_under_the_pointer(desk: Visit) -> None:
    await desk.say("补货")
    sku = await desk.page.locator(LATEST).locator("tbody td").first.inner_text()
    await desk.say(f"库存 {sku}")
    await expect(desk.page.locator(LATEST).locator("h2")).to_contain_text(f"库存：{sku}")
    slot = desk.page.locator(LATEST).locator("svg.plot").first.locator(".slot").last
    await expect(slot.locator(".reading")).to_be_hidden()
    await slot.locator(".hit").hover()
    await expect(slot.locator(".reading")).to_have_text(re.compile(r"^\d\d-\d\d  .*\d+  件$"))


async def test_a_figure_explains_itself(desk: Visit) -> None:
    await desk.say("补货")
    sku = await desk.page.locator(LATEST).locator("tbody td").first.inner_text()
    await desk.say(f"为什么 {sku}")
    await expect(desk.page.locator(LATEST).locator("h2")).to_contain_text(sku)
    await expect(desk.page.locator(LATEST)).to_contain_text("领星")


async def test_a_pull_shows_how_far_it_is_on_one_card_until_it_is_done(desk: Visit) -> None:
    cards = desk.page.locator(".timeline:not([hidden]) .answered:not([data-reply=''])")
    before = await cards.count()
    await desk.say("同步")
    await expect(cards.last.locator("h2")).to_contain_text("同步完成", timeout=30_000)
    assert await cards.count() == before + 1


async def test_a_table_is_saved_as_a_spreadsheet(desk: Visit) -> None:
    await desk.say("店铺")
    async with desk.page.expect_download() as saving:
        await desk.page.locator(LATEST).get_by_role("link", name="xlsx").first.click()
    download = await saving.value
    assert download.suggested_filename.endswith(".xlsx")
    assert (await download.path()).read_bytes()[:2] == b"PK"


async def test_a_typo_offers_the_command_and_its_button_runs_it(desk: Visit) -> None:
    await desk.say("补火")
    await desk.page.locator(LATEST).get_by_role("button", name="补货", exact=True).click()
    await expect(desk.page.locator(LATEST).locator("tbody tr").first).to_be_visible()


async def test_a_quick_command_is_one_tap(phone: Visit) -> None:
    await phone.page.locator(".quick").get_by_text("状态").tap()
    await expect(phone.page.locator(LATEST).locator("h2")).to_contain_text("状态")


async def test_each_row_of_a_wide_table_is_a_small_card_on_a_phone(phone: Visit) -> None:
    await phone.say("补货")
    row = phone.page.locator(LATEST).locator("tbody tr").first
    await expect(row.locator("span.level")).to_be_in_viewport()
    await expect(row.locator('[data-label="建议"]')).to_be_visible()
    assert await width_needed(phone.page) == 390
    assert await row.evaluate("row => row.scrollWidth <= row.clientWidth && row.clientWidth < 390")


async def test_a_long_table_is_folded_until_all_its_rows_are_asked_for(desk: Visit) -> None:
    await desk.say("补货")
    table = desk.page.locator(LATEST).locator(".scroll")
    await expect(table.locator("tbody tr").first).to_be_visible()
    rows = await table.locator("tbody tr").count()
    assert await table.evaluate("element => element.scrollHeight > element.clientHeight")
    await desk.page.locator(LATEST).get_by_role("button", name=f"显示全部 {rows} 行").click()
    assert await table.evaluate("element => element.scrollHeight === element.clientHeight")


async def test_a_wide_table_uses_the_free_width_of_a_laptop(desk: Visit) -> None:
    await desk.page.set_viewport_size({"width": 1280, "height": 900})
    await desk.say("店铺")
    table = desk.page.locator(LATEST).locator(".scroll")
    await expect(table.locator("tbody tr").last).to_be_visible()
    assert await table.evaluate("element => element.scrollWidth === element.clientWidth")


async def test_a_column_sorts_by_its_title(desk: Visit) -> None:
    await desk.say("补货")
    table = desk.page.locator(LATEST).locator("table")
    await table.locator("th.number button").first.click()
    values = await table.locator("td.number:nth-child(n)").evaluate_all("cells => cells.map(c => c.cellIndex)")
    first = min(values)
    shown = await table.locator("tbody tr").evaluate_all(f"rows => rows.map(r => r.cells[{first}].dataset.value)")
    known = [float(value) for value in shown if value]
    assert known == sorted(known) and "" not in shown[: len(known)]


async def test_another_browser_hears_it_at_once_and_counts_what_is_unread(
    desk: Visit, demo: Demo, chromium: Browser
) -> None:
    other = await open_chat(
        await chromium.new_context(storage_state=await desk.page.context.storage_state()), demo, "me"
    )
    await desk.say("店铺")
    await expect(other.page.locator('[data-place="team"] .unread')).to_have_text(re.compile("[1-9]"))
    await expect(other.page).to_have_title(re.compile(r"^\([1-9]\d*\)"))
    await other.page.locator('[data-place="team"]').click()
    await expect(other.page.locator('[data-place="team"] .unread')).to_be_hidden()


async def test_what_was_typed_offline_arrives_once_when_the_network_is_back(desk: Visit) -> None:
    await desk.page.context.set_offline(True)
    await desk.say("帮助 店铺")
    await expect(desk.page.locator("#offline")).to_be_visible()
    await desk.page.context.set_offline(False)
    await expect(desk.page.locator("#offline")).to_be_hidden(timeout=20_000)
    await expect(desk.page.locator(LATEST)).to_contain_text("店铺", timeout=20_000)
    await expect(desk.page.locator('.own[id] .bubble:text-is("帮助 店铺")')).to_have_count(1)
    desk.complaints.clear()  # the browser tells of every request that found no network


async def test_the_page_comes_back_with_everything_after_a_reload(desk: Visit) -> None:
    await desk.say("帮助 补货")
    await expect(desk.page.locator(LATEST)).to_contain_text("补货")
    await desk.page.reload()
    await expect(desk.page.locator('.own .bubble:text-is("帮助 补货")').last).to_be_visible()


async def test_a_link_from_the_chat_signs_another_browser_in_and_out(
    desk: Visit, demo: Demo, chromium: Browser
) -> None:
    private = await open_chat(desk.page.context, demo, "me")
    await private.say("登录")
    link = await private.page.locator(LATEST).locator('a[href*="/sign-in/"]').get_attribute("href")
    other = await chromium.new_page()
    await other.goto(link or "")
    await other.get_by_role("button", name="登录").click()
    await other.locator(".person summary").click()
    await other.get_by_role("button", name="退出登录").click()
    await expect(other.locator(".door")).to_contain_text("你还没有登录")
