"""A link from the chat signs one browser in, once, and only by its button."""

from datetime import timedelta

import pytest

from bot.console.gate import SESSION_COOKIE
from storage.people.store import find_person
from tests.bot.console.world import Browser, World, open_world


async def test_opening_the_link_shows_one_button_and_signs_nobody_in(world: World) -> None:
    client = await world.stranger()
    page = await client.get(await world.link())
    assert (page.status, (await page.text()).count("<button")) == (200, 1)
    assert SESSION_COOKIE not in page.cookies


async def test_a_link_that_scanners_opened_still_signs_in(world: World) -> None:
    client, link = await world.stranger(), await world.link()
    await client.head(link)
    await client.get(link)
    assert (await client.post(link, allow_redirects=False)).status == 303


async def test_after_signing_in_the_chat_opens(world: World) -> None:
    client = await world.stranger()
    page = await client.post(await world.link())
    assert (page.status, page.url.path) == (200, "/")
    assert "王伟" in await page.text()


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(world: World) -> None:
    client = await world.stranger()
    answer = await client.post(await world.link(), allow_redirects=False)
    cookie = answer.cookies[SESSION_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (True, "Lax", "", "/")


async def test_behind_tls_the_cookie_never_travels_in_the_clear(sqlite_url: str) -> None:
    async with open_world(sqlite_url, public_url="https://zhanggui.example") as world:
        client = await world.stranger()
        answer = await client.post(await world.link(), allow_redirects=False)
        assert answer.cookies[SESSION_COOKIE]["secure"] is True


async def test_a_used_link_says_so_and_how_to_get_another(world: World) -> None:
    client, link = await world.stranger(), await world.link()
    await client.post(link)
    again = await (await world.stranger()).post(link)
    assert (again.status, "登录" in await again.text()) == (410, True)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_link_older_than_ten_minutes_is_over(world: World, method: str) -> None:
    client, link = await world.stranger(), await world.link()
    world.clock.moment += timedelta(minutes=10)
    assert (await client.request(method, link)).status == 410


async def test_an_unknown_link_is_over(world: World) -> None:
    assert (await (await world.stranger()).get("/sign-in/nobody")).status == 410


async def test_guessing_links_is_slowed_down(world: World) -> None:
    client = await world.stranger()
    answers = [await client.get("/sign-in/guess") for _ in range(21)]
    assert [answers[19].status, answers[20].status, answers[20].headers["Retry-After"]] == [410, 429, "60"]


async def test_another_site_cannot_press_the_button(world: World) -> None:
    client, link = await world.stranger(), await world.link()
    foreign = await client.post(link, headers={"Sec-Fetch-Site": "cross-site"})
    assert [foreign.status, (await client.get(link)).status] == [403, 200]


async def test_an_old_browser_names_the_page_by_its_origin(world: World) -> None:
    client, link = await world.stranger(), await world.link()
    own = f"http://{client.host}:{client.port}"
    foreign = await client.post(link, headers={"Origin": "http://elsewhere.example"})
    assert [foreign.status, (await client.post(link, headers={"Origin": own})).status] == [403, 200]


async def test_signing_in_again_ends_the_browsers_earlier_session(world: World) -> None:
    client = await world.stranger()
    first = (await client.post(await world.link(), allow_redirects=False)).cookies[SESSION_COOKIE].value
    await client.post(await world.link())
    client.session.cookie_jar.update_cookies({SESSION_COOKIE: first}, client.make_url("/"))
    assert (await client.get("/")).status == 401


async def test_signing_out_ends_the_session(browser: Browser) -> None:
    answer = await browser.submit("/sign-out")
    assert (answer.status, answer.cookies[SESSION_COOKIE].value) == (303, "")
    assert (await browser.get("/")).status == 401


async def test_another_site_cannot_sign_anybody_out(browser: Browser) -> None:
    refused = await browser.submit("/sign-out", csrf_token="guess")
    assert [refused.status, (await browser.get("/")).status] == [403, 200]


async def test_an_unused_session_ends(world: World, browser: Browser) -> None:
    world.clock.moment += timedelta(days=14)
    assert (await browser.get("/")).status == 401


async def test_a_used_session_goes_on(world: World, browser: Browser) -> None:
    world.clock.moment += timedelta(days=13)
    await browser.get("/")
    world.clock.moment += timedelta(days=13)
    assert (await browser.get("/")).status == 200


async def test_a_person_chooses_the_language_of_the_console(browser: Browser) -> None:
    await browser.submit("/language", language="en")
    assert 'lang="en"' in await (await browser.get("/")).text()


async def test_the_menu_chooses_the_language_of_the_persons_answers_and_of_their_other_browsers(
    world: World, browser: Browser
) -> None:
    await browser.submit("/language", language="en")
    async with world.database.read() as reader:
        assert (await find_person(reader, "web", "wei"))[1] == "en"
    assert 'lang="en"' in await (await (await world.browser()).get("/")).text()


async def test_an_unknown_language_is_refused(browser: Browser) -> None:
    assert (await browser.submit("/language", language="xx")).status == 400


async def test_a_made_up_language_cookie_means_the_default(browser: Browser) -> None:
    browser.client.session.cookie_jar.update_cookies({"zhanggui_language": "xx"}, browser.client.make_url("/"))
    assert 'lang="zh"' in await (await browser.get("/")).text()
