"""The service has no pages but its own, unless whoever starts it brings some."""

import pytest

from tests.bot.console.world import Browser


@pytest.mark.parametrize("path", ["/demo/phone", "/demo/feishu", "/demo/phone/entries", "/static/demo.js"])
async def test_the_service_itself_has_no_windows_into_platforms(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).status == 404


async def test_the_navigation_of_the_service_leads_to_its_own_chats_alone(browser: Browser) -> None:
    page = await (await browser.get("/")).text()
    assert page.count('class="place"') == 2
