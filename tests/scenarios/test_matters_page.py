"""The page of matters in a browser's words: what waits, found and narrowed; one matter, seen to from its page."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from aiohttp import ClientSession, CookieJar
from sqlalchemy import Engine, event, insert

from storage.matters.rows import NewMatter
from storage.matters.tables import matters
from storage.people.store import set_language
from storage.sign_in.store import create_link
from tests.scenarios.stage import Stage
from tests.scenarios.test_matters import OFFLINE, TITLE, open_matter, until_state


@dataclass(slots=True)
class Browser:
    """Somebody signed in on the stage's console."""

    session: ClientSession

    async def read(self, path: str) -> tuple[int, str]:
        async with self.session.get(path) as answer:
            return answer.status, await answer.text()

    async def page(self, path: str = "/matters") -> str:
        status, html = await self.read(path)
        assert status == 200
        return html

    async def press(self, path: str, button: str, **fields: str) -> str:
        """Send the form with this button; where it leads."""
        (form,) = [
            each for each in re.findall(r"<form.*?</form>", await self.page(path), re.S) if f">{button}<" in each
        ]
        body = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)) | fields
        async with self.session.post(path, data=body, allow_redirects=False) as answer:
            return answer.headers["Location"]

    async def answer(self, stage: Stage, address: str) -> str:
        """The page once it shows what was answered."""

        async def is_answered() -> bool:
            return 'class="pending"' not in await self.page(address)

        await stage.until_true(is_answered)
        return await self.page(address)


@asynccontextmanager
async def signed_in(stage: Stage, name: str = "小陈") -> AsyncIterator[Browser]:
    ((person_id,),) = await stage.rows(f"SELECT id FROM people WHERE name = '{name}'")
    async with stage.app.database.begin() as tx:
        await create_link(tx, person_id=person_id, token=f"link-{name}", now=stage.clock.now())
    async with ClientSession(stage.url, cookie_jar=CookieJar(unsafe=True)) as session:
        async with session.post(f"/sign-in/link-{name}") as answer:
            assert answer.status == 200
        yield Browser(session)


def rows(html: str) -> list[str]:
    """The numbers of the matters in the list, in order."""
    return re.findall(r">(#\d+)</a>", html)


def buttons(html: str) -> list[str]:
    """What can be done on a matter's page."""
    return re.findall(r'<button class="action[^"]*">([^<]+)<', html)


async def open_matters(stage: Stage, *store_ids: str) -> None:
    """One of each of these stores, numbered from 1."""
    for number, store_id in enumerate(store_ids):
        await open_matter(stage, replace(OFFLINE, fingerprint=f"f{number}", store_id=store_id))


async def narrow(stage: Stage, store_id: str = "1") -> None:
    await stage.execute(f"UPDATE grants SET store_id = '{store_id}' WHERE role = 'operator'")


async def test_what_waits_is_listed_with_all_that_decides_by_the_cost_of_waiting(stage: Stage) -> None:
    dear = replace(OFFLINE, fingerprint="dear", cost_per_day=Decimal(120), currency="USD", due_at=stage.clock.now())
    await open_matter(stage)
    await open_matter(stage, dear)
    await stage.ask("接手 1")
    async with signed_in(stage) as browser:
        page = await browser.page()
    assert rows(page) == ["#2", "#1"]
    assert all(each in page for each in (TITLE, "外部告警", "等人接手", "处理中", "林掌柜", "120.00 USD", "2026-11-22"))


async def test_without_any_matter_it_says_so(stage: Stage) -> None:
    async with signed_in(stage) as browser:
        page = await browser.page()
    assert (rows(page), "这里没有" in page) == ([], True)


async def test_what_was_put_off_and_what_is_over_have_lists_of_their_own(stage: Stage) -> None:
    await open_matters(stage, "", "", "")
    await stage.ask("稍后 2 2天 等领星")
    await stage.ask("办结 3")
    async with signed_in(stage) as browser:
        assert rows(await browser.page()) == ["#1"]
        assert rows(await browser.page("/matters?view=snoozed")) == ["#2"]
        assert rows(await browser.page("/matters?view=settled")) == ["#3"]
        assert (await browser.read("/matters?view=other"))[0] == 400


async def test_a_matter_is_found_by_number_title_owner_note_and_kind(stage: Stage) -> None:
    await open_matter(stage)
    await open_matter(stage, NewMatter(kind="silent", fingerprint="s", details={"names": "sync.stock"}))
    await stage.ask("接手 1")
    await stage.ask("备注 2 打了电话")
    sought = ("2", "仓库", "林掌柜", "电话", "到点", "sync 到点没跑", "stock 断网", "%", "<b>")
    async with signed_in(stage) as browser:
        found = [rows(await browser.page(f"/matters?q={each}")) for each in sought]
    assert found == [["#2"], ["#1"], ["#1"], ["#2"], ["#2"], ["#2"], [], [], []]


async def test_a_narrowed_person_sees_what_the_chat_shows_them(stage: Stage) -> None:
    await open_matters(stage, "", "1", "2")
    await narrow(stage)
    async with signed_in(stage) as browser:
        page = await browser.page()
        statuses = [(await browser.read(f"/matters/{number}"))[0] for number in (1, 2, 3, 99)]
        hidden = (await browser.read("/matters/3"))[1]
    assert (rows(page), "共 1 行" in page) == (["#2"], True)
    assert (statuses, TITLE in hidden) == ([403, 200, 403, 404], False)
    listed = await stage.ask("事项", by="ou_demo_operator")
    assert [row["c0"] for row in listed.rows] == rows(page)


async def test_who_may_only_look_has_no_buttons_and_a_posted_command_is_refused(stage: Stage) -> None:
    await open_matter(stage)
    async with signed_in(stage) as owner:
        body = re.findall(r'name="(page[^"]+)" value="([^"]*)"', await owner.page("/matters/1"))
    async with signed_in(stage, "阿芳") as browser:
        page = await browser.page("/matters/1")
        assert buttons(page) == []
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
        forged: dict[str, Any] = {"csrf_token": token, **dict(body)}
        async with browser.session.post("/matters/1", data=forged, allow_redirects=False) as answer:
            address = answer.headers["Location"]
        assert "你没有这个权限" in await browser.answer(stage, address)
    assert await stage.rows("SELECT state FROM matters") == [("open",)]


async def test_a_matter_is_taken_put_off_and_settled_from_its_page(stage: Stage) -> None:
    await open_matter(stage)
    async with signed_in(stage) as browser:
        assert buttons(await browser.page("/matters/1")) == ["我来处理", "办完了", "先放着", "转交", "记一笔"]
        taken = await browser.answer(stage, await browser.press("/matters/1", "我来处理"))
        assert "#1 归你了" in taken and buttons(taken)[0] == "办完了"
        await browser.press("/matters/1", "记一笔", text="<b>问过</b> 领星")
        day = (stage.clock.now().date()).replace(day=28).isoformat()
        await browser.press("/matters/1", "先放着", until=day, reason="等 领星 回复")
        await until_state(stage, "snoozed")
        page = await browser.page("/matters/1")
        assert "&lt;b&gt;问过&lt;/b&gt; 领星" in page and "等 领星 回复" in page
        over = await browser.answer(stage, await browser.press("/matters/1", "办完了"))
        assert ("办结" in over, buttons(over)) == (True, [])
    assert [each for (each,) in await stage.rows("SELECT command FROM audit WHERE channel = 'web' ORDER BY at")] == [
        "take",
        "note",
        "snooze",
        "settle",
    ]


async def test_what_was_filled_in_wrongly_is_answered_with_the_reason(stage: Stage) -> None:
    await open_matter(stage)
    async with signed_in(stage) as browser:
        address = await browser.press("/matters/1", "转交", to="没有这个同事")
        assert "没有这个人" in await browser.answer(stage, address)


async def test_an_open_page_hears_of_a_change_in_the_chat(stage: Stage) -> None:
    await open_matter(stage)
    await stage.quiet()
    async with signed_in(stage) as browser, browser.session.get("/live/matters") as news:
        heard = [(await news.content.readline()).decode() for _ in range(3)]
        await stage.say("接手 1")
        heard += [(await news.content.readline()).decode() for _ in range(3)]
    assert [line for line in heard if line.startswith("event")] == ["event: ready\n", "event: reload\n"]


async def test_a_page_is_in_its_readers_language(stage: Stage) -> None:
    await open_matter(stage)
    async with signed_in(stage) as browser:
        async with stage.app.database.begin() as tx:
            ((person_id,),) = await stage.rows("SELECT id FROM people WHERE name = '小陈'")
            await set_language(tx, person_id=person_id, language="en")
        assert "Outside alert" in await browser.page()
        assert buttons(await browser.page("/matters/1"))[0] == "I see to it"
        settled = await browser.answer(stage, await browser.press("/matters/1", "Done"))
    assert "#1 is settled" in settled


@contextmanager
def searches() -> Iterator[list[str]]:
    """What is sought among matters meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.extend([statement] if "FROM matters" in statement and " LIKE " in statement else [])

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


async def test_of_thousands_one_part_is_read_and_all_are_saved(stage: Stage) -> None:
    async with stage.app.database.begin() as tx:
        await tx.execute(insert(matters), [many(stage, number) for number in range(1, 3002)])
    async with signed_in(stage) as browser:
        with searches() as asked:
            page = await browser.page("/matters?q=仓库&page=2")
        whole = await browser.session.get("/matters.xlsx?q=仓库")
    assert (rows(page)[0], len(rows(page)), "第 51–100 行，共 3001 行" in page) == ("#51", 50, True)
    assert ["LIMIT" in each for each in asked] == [False, True]
    assert (whole.status, len(await whole.read()) > 50_000) == (200, True)


def many(stage: Stage, number: int) -> dict[str, Any]:
    now = stage.clock.now()
    return {
        "number": number,
        "kind": "alertmanager",
        "fingerprint": f"f{number}",
        "details": {**OFFLINE.details},
        "store_id": "",
        "is_urgent": False,
        "currency": "",
        "state": "open",
        "owner_id": "",
        "opened_at": now,
        "changed_at": now,
        "returns": 0,
        "version": 1,
    }
