"""A link in a message: opening it does nothing, its button acts once, for whoever got the message."""

from aiohttp import ClientSession

from tests.scenarios.stage import ADMIN, OPERATOR, Stage
from tests.scenarios.test_matters import open_matter, steps, until_state


async def link(stage: Stage, label: str = "我来处理") -> str:
    """The address behind a button of the card that reached the operator alone."""
    await stage.ask("阶梯 0 私聊 运营")
    await open_matter(stage)
    await stage.first(lambda shown: shown.message.chat_id == OPERATOR)
    ((token,),) = await stage.rows(f"SELECT token FROM actions WHERE label = '{label}' AND command LIKE '接手%'")
    return f"{stage.url}/a/{token}"


async def page(method: str, url: str, **headers: str) -> tuple[int, str]:
    async with ClientSession() as session, session.request(method, url, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_a_mail_scanner_that_opens_the_link_acknowledges_nothing(stage: Stage) -> None:
    url = await link(stage)
    await page("HEAD", url)
    status, html = await page("GET", url)
    assert (status, html.count("<button"), "仓库断网" in html) == (200, 1, True)
    assert await stage.rows("SELECT state FROM matters") == [("open",)]
    assert await steps(stage, "pending") == ["remind"]


async def test_the_button_acts_once_and_then_says_who_was_first(stage: Stage) -> None:
    url = await link(stage)
    first, again = await page("POST", url), await page("POST", url)
    assert (first[0], again[0]) == (200, 200)
    await until_state(stage, "taken")
    assert "小陈" in again[1]
    assert (await page("GET", url))[1].count("<button") == 0
    assert await stage.rows("SELECT person_id <> '', channel FROM audit WHERE command = 'take'") == [(1, "web")]
    assert await steps(stage, "pending") == []


async def test_another_site_cannot_press_it(stage: Stage) -> None:
    url = await link(stage)
    status, _ = await page("POST", url, **{"Sec-Fetch-Site": "cross-site"})
    assert status == 403
    assert await stage.rows("SELECT state FROM matters") == [("open",)]


async def test_whoever_has_no_right_any_more_is_told_so_and_nothing_stops(stage: Stage) -> None:
    url = await link(stage)
    await stage.execute("DELETE FROM grants WHERE role = 'operator'")
    _, html = await page("POST", url)
    assert "没有" in html
    assert await stage.rows("SELECT state FROM matters") == [("open",)]


async def test_a_link_that_never_was_or_is_over_leads_nowhere(stage: Stage) -> None:
    url = await link(stage)
    assert (await page("GET", f"{stage.url}/a/nothing"))[0] == 410
    await stage.execute("UPDATE actions SET expires_at = 0")
    assert (await page("POST", url))[0] == 410


async def test_a_link_to_nobody_asks_to_sign_in(stage: Stage) -> None:
    url = await link(stage)
    await stage.execute("DELETE FROM identities WHERE external_id = 'ou_demo_operator'")
    status, html = await page("POST", url)
    assert (status, "登录" in html) == (403, True)
    assert ADMIN not in html
