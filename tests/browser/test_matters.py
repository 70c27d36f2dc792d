"""A platform that fails: one matter, from its card to its end, as people see it.

The service's clock is moved, so nobody waits for the ladder. Pictures are written anew as in ``test_pictures``.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from storage.matters.rows import NewMatter
from storage.matters.store import change_matter, load_matter, open_matter
from tests.browser.story import Story, told
from tests.browser.test_pictures import LATEST, expect_picture, place
from tests.scenarios.clock import MORNING

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]  # one browser for all

FAILING = "领星拉取失败"
LAPTOP: dict[str, Any] = {"viewport": {"width": 1180, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
CARDS = "[...document.querySelectorAll('.page > .card')]"

STOCKOUT = NewMatter(kind="stockout", fingerprint="", currency="USD")
SAMPLES = (
    replace(
        STOCKOUT,
        details={"store": "屿光-US", "count": "3", "skus": "YG-WM-0023-GY-US、YG-WM-0022-WH-US"},
        cost_per_day=Decimal(1260),
        due_at=MORNING + timedelta(days=2),
    ),
    replace(
        STOCKOUT,
        details={"store": "屿光-DE", "count": "1", "skus": "YG-KT-0007-BK-DE"},
        cost_per_day=Decimal("184.5"),
        due_at=MORNING + timedelta(days=6),
    ),
    NewMatter(kind="authorisation", fingerprint="", details={"what": "屿光-UK"}, is_urgent=True),
    NewMatter(kind="dead_letters", fingerprint="", details={"count": "2"}),
    NewMatter(kind="silent", fingerprint="", details={"names": "sync.stock"}),
)


async def open_samples(story: Story) -> None:
    """Of every kind of waiting one; the second is taken."""
    async with story.stage.app.database.begin() as tx:
        for number, sample in enumerate(SAMPLES):
            opened_at = MORNING - timedelta(hours=3 * number + 1)
            await open_matter(tx, replace(sample, fingerprint=f"sample:{number}"), now=opened_at)
        second = await load_matter(tx, 2)
        assert second is not None
        boss = story.people["林掌柜"]
        values = {"state": "taken", "owner_id": boss}
        await change_matter(tx, second, "taken", now=MORNING, person_id=boss, text="在问工厂", **values)


@pytest_asyncio.fixture(loop_scope="session")
async def story(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with told(sqlite_url, tmp_path) as story:
        yield story


async def say(page: Page, text: str) -> None:
    await page.locator("[name=text]").last.fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(f'.own[id] .bubble:text-is("{text}")').last).to_be_visible()


async def answered(page: Page, title: str) -> None:
    await expect(page.locator(LATEST).locator("h2")).to_contain_text(title)


async def look(page: Page, path: str, story: Story) -> None:
    await page.goto(story.stage.url + path)
    await page.locator("[data-listening]").wait_for()


async def test_a_failing_platform_is_told_climbs_to_a_mail_stops_on_one_tap_and_ends_by_itself(
    story: Story, chromium: Browser, tmp_path: Path
) -> None:
    clock = story.stage.clock
    boss = await story.sign_in(chromium, "林掌柜", **LAPTOP)
    chat, matters, letters = await boss.new_page(), await boss.new_page(), await boss.new_page()
    await look(chat, "/#team", story)
    await say(chat, "阶梯 0 群 5 短信 运营 10 邮件 运营")
    await answered(chat, "没人接手时，依次通知")
    await look(matters, "/matters", story)
    await story.control("weather", {"operation": "products", "status": 503, "times": 500})
    await say(chat, "同步")
    clock.move(minutes=1)
    row = matters.locator("tbody tr", has_text=FAILING)
    await expect(row.locator("span.level")).to_have_text("等人接手", timeout=60_000)  # after the last try of the pull
    card = chat.locator(".answered", has=chat.locator("h2", has_text=f"#1 {FAILING}"))
    await expect(card).to_be_visible()
    await expect_picture(chat, card, place(tmp_path, "matter-card"))

    await look(letters, "/demo/letters", story)
    clock.move(minutes=5)
    await expect(letters.locator(".letter.sms")).to_contain_text(FAILING)
    clock.move(minutes=5)
    mail = letters.locator(".letter.email")
    await expect(mail).to_contain_text(f"#1 {FAILING}")
    await expect_picture(letters, mail, place(tmp_path, "matter-mail"))

    link = mail.locator("a").first
    operator = await (await chromium.new_context(**PHONE, device_scale_factor=1.5)).new_page()
    await operator.goto(await link.get_attribute("href") or "")
    await expect(operator.get_by_role("button")).to_have_count(1)
    await expect_picture(operator, operator.locator(".act"), place(tmp_path, "matter-one-button"))
    await operator.get_by_role("button", name="我来处理").click()
    await expect(operator.get_by_role("button")).to_have_count(0)
    await expect(row).to_contain_text("处理中")
    await expect(row).to_contain_text("小陈")
    await expect(card).to_contain_text("小陈 接手")
    assert await story.stage.rows("SELECT 1 FROM ladder_steps WHERE state = 'pending'") == []

    await story.control("clear", {})
    await say(chat, "同步")
    await story.until_calm()
    clock.move(minutes=16)
    await expect(row).to_have_count(0)
    over = chat.locator(".answered h2", has_text=re.compile(r"#1 结束了，持续 \d+ "))
    await expect(over).to_be_visible()
    await expect(letters.locator(".letter", has_text="#1 结束了，持续")).to_have_count(2)
    await expect(letters.locator(".letter")).to_have_count(4)


async def test_the_page_of_matters_lists_finds_and_sees_to_them(
    story: Story, chromium: Browser, tmp_path: Path
) -> None:
    await open_samples(story)
    page = await (await story.sign_in(chromium, "小陈", viewport={"width": 1180, "height": 520})).new_page()
    await look(page, "/matters", story)
    await expect(page.locator("tbody tr")).to_have_count(len(SAMPLES))
    await expect(page.locator("tbody tr").first).to_contain_text("1,260.00 USD")
    await expect_picture(page, page.locator(".console"), place(tmp_path, "matters-page"))
    await page.get_by_role("searchbox").fill("US 断货")
    await page.keyboard.press("Enter")
    await expect(page.locator("tbody tr")).to_have_count(1)

    await page.locator("tbody a").first.click()
    await page.locator("[data-listening]").wait_for()
    await page.get_by_role("button", name="我来处理").click()
    await expect(page.locator("#answer")).to_contain_text("归你了")
    await expect(page.locator("#card")).to_contain_text("小陈 接手")
    await page.get_by_label("内容").fill("打了电话")
    await story.note(1, "工厂在排产")
    await expect(page.locator("#card")).to_contain_text("工厂在排产")
    await expect(page.get_by_label("内容")).to_have_value("打了电话")
    await page.get_by_role("button", name="记一笔").click()
    await expect(page.locator("#card")).to_contain_text("小陈：打了电话")
    await page.get_by_role("button", name="办完了").click()
    await expect(page.locator("#card button")).to_have_count(0)


async def test_the_page_of_matters_fits_a_phone(story: Story, chromium: Browser, tmp_path: Path) -> None:
    await open_samples(story)
    page = await (await story.sign_in(chromium, "小陈", **PHONE)).new_page()
    await look(page, "/matters", story)
    await expect(page.locator("tbody tr")).to_have_count(len(SAMPLES))
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await expect_picture(page, page.locator(".console"), place(tmp_path, "matters-page-phone"))
    await look(page, "/matters/1", story)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert await page.evaluate(f"{CARDS}.map(card => card.scrollHeight - card.clientHeight)") == [0, 0, 0, 0]
