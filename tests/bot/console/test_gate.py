"""Nobody passes without a session, and every answer tells the browser to trust only our own page."""

import pytest

from bot.console.gate import SECURITY_HEADERS
from tests.bot.console.world import Browser, World

DATA = [
    ("GET", "/chat/me/messages"),
    ("POST", "/chat/me/messages"),
    ("POST", "/chat/me/press"),
    ("GET", "/live"),
]
PAGES = [("GET", "/"), ("POST", "/sign-out"), ("POST", "/language")]


@pytest.mark.parametrize(("method", "path"), DATA)
async def test_without_a_session_data_are_refused_as_json(world: World, method: str, path: str) -> None:
    answer = await (await world.stranger()).request(method, path)
    assert (answer.status, (await answer.json())["error"]["code"]) == (401, "signed_out")


@pytest.mark.parametrize(("method", "path"), PAGES)
async def test_without_a_session_a_page_says_how_to_sign_in(world: World, method: str, path: str) -> None:
    answer = await (await world.stranger()).request(method, path)
    assert (answer.status, "私聊我发「登录」" in await answer.text()) == (401, True)


async def test_a_made_up_cookie_is_no_session(world: World) -> None:
    client = await world.stranger()
    answer = await client.get("/", cookies={"zhanggui_session": "guess"})
    assert answer.status == 401


@pytest.mark.parametrize("path", ["/", "/chat/me/messages", "/chat/nowhere/messages", "/sign-in/x", "/static/chat.js"])
async def test_every_answer_carries_the_security_headers(browser: Browser, path: str) -> None:
    headers = (await browser.get(path)).headers
    kept = {name: value for name, value in SECURITY_HEADERS.items() if name != "Cache-Control"}
    assert {name: headers[name] for name in kept} == kept


def test_the_policy_allows_no_inline_script_and_no_foreign_source() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy and "http" not in policy


async def test_the_page_itself_needs_nothing_the_policy_forbids(browser: Browser) -> None:
    page = await (await browser.get("/")).text()
    assert [word for word in ("style=", "onclick=", "<style", "javascript:", "//") if word in page] == []


async def test_what_is_private_is_not_kept_by_browsers(browser: Browser) -> None:
    assert (await browser.get("/")).headers["Cache-Control"] == "no-store"


async def test_a_browser_keeps_static_files_until_they_change(browser: Browser) -> None:
    first = await browser.get("/static/console.css")
    again = await browser.client.get("/static/console.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.content_type, again.status, await again.read()) == ("text/css", 304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fgate.py", "%2e%2e%2fgate.py"])
async def test_only_static_files_are_served(browser: Browser, name: str) -> None:
    assert (await browser.get(f"/static/{name}")).status == 404


@pytest.mark.parametrize("headers", [{"X-CSRF-Token": ""}, {"X-CSRF-Token": "guess"}, {"X-CSRF-Token": "密"}])
async def test_a_post_without_the_sessions_token_does_nothing(
    world: World, browser: Browser, headers: dict[str, str]
) -> None:
    body = {"key": "key-00000001", "text": "补货"}
    answer = await browser.client.post("/chat/me/messages", json=body, headers=headers)
    assert (answer.status, await world.events()) == (403, [])


async def test_the_token_of_another_person_does_not_help(world: World, browser: Browser) -> None:
    ling = await world.browser("ling", "玲")
    answer = await browser.post("/chat/me/messages", {}, **{"X-CSRF-Token": ling.csrf_token})
    assert answer.status == 403


async def test_a_post_from_another_site_does_nothing_even_with_the_token(world: World, browser: Browser) -> None:
    body = {"key": "key-00000001", "text": "补货"}
    answer = await browser.post("/chat/me/messages", body, **{"Sec-Fetch-Site": "same-site"})
    assert (answer.status, await world.events()) == (403, [])
