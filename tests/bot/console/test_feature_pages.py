"""A feature's pages: listed, searched, saved, live; whatever is posted from them becomes a command of its reader."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from bot.contracts.cards import Action, Card, Column, Field, Form, Table, Text
from bot.contracts.errors import ConflictError, NotAllowedError, NotFoundError, UserInputError
from bot.contracts.pages import Listing, Looking, Page
from storage.outbox.store import add_message
from tests.bot.console.world import Browser, World, next_news, open_world, stored_message

ERRORS = {"gone": NotFoundError, "hidden": NotAllowedError, "odd": UserInputError, "moved": ConflictError}
COLUMNS = (Column("No."), Column("Title"))


@dataclass(slots=True)
class Shelf:
    """A feature whose things are numbers; what it was asked for is kept."""

    things: int = 120
    title: str = "thing"
    asked: list[Looking] = field(default_factory=list)

    async def list_things(self, looking: Looking) -> Listing:
        self.asked.append(looking)
        numbers = range(self.things)[looking.first : looking.first + looking.most]
        rows = tuple((f"#{number}", f"{self.title} {number}") for number in numbers)
        return Listing(
            table=Table(COLUMNS, rows, self.things),
            links=tuple(f"/things/{number}" for number in numbers),
            views=(("here", "Here"), ("away", "Away")),
        )

    async def show_thing(self, looking: Looking) -> Card:
        self.asked.append(looking)
        name = looking.named["name"]
        if name in ERRORS:
            raise ERRORS[name]()
        form = Form(
            (Field("reason", "Reason", required=True), Field("day", "Day", "date")), Action("Put off", "hide 1")
        )
        return Card(f"Thing {name}", "warning", (Text(self.title), form), (Action("Take", "take 1", "primary"),))

    def pages(self) -> tuple[Page, Page]:
        topics = ("things",)
        return (
            Page(path="/things", title="console.name", template="list.html", load=self.list_things, live_topics=topics),
            Page(
                path="/things/{name}",
                title="console.name",
                template="card.html",
                load=self.show_thing,
                live_topics=topics,
            ),
        )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def world(sqlite_url: str, shelf: Shelf) -> AsyncIterator[World]:
    async with open_world(sqlite_url, *shelf.pages()) as world:
        yield world


async def read(browser: Browser, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status == 200
    return await answer.text()


def hidden(page: str, button: str) -> dict[str, str]:
    """The hidden fields of the form with this button."""
    (form,) = [each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f">{button}<" in each]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))


async def press(browser: Browser, path: str, button: str, **fields: str) -> Any:
    """Fill in the form with this button and send it."""
    body = hidden(await read(browser, path), button) | fields
    return await browser.client.post(path, data=body, allow_redirects=False)


@pytest.mark.parametrize("path", ["/things", "/things/1", "/things.xlsx", "/live/things", "/live/things/1"])
async def test_nobody_sees_a_page_without_a_session(world: World, shelf: Shelf, path: str) -> None:
    assert (await (await world.stranger()).get(path)).status == 401
    assert shelf.asked == []


async def test_a_list_stands_in_the_navigation_and_leads_to_each_thing(browser: Browser) -> None:
    assert '<a href="/things" class="place">' in await read(browser, "/")
    page = await read(browser, "/things")
    assert '<a href="/things" class="place" aria-current="page">' in page
    assert '<a href="/things/49">#49</a>' in page and "/things/50" not in page
    assert "/things/{name}" not in page


async def test_pages_of_a_list_lead_to_those_beside_them(browser: Browser, shelf: Shelf) -> None:
    page = await read(browser, "/things?view=away&q=a%26b&page=3")
    assert (shelf.asked[-1].first, shelf.asked[-1].view, shelf.asked[-1].text) == (100, "away", "a&b")
    assert 'href="/things?view=away&amp;q=a%26b&amp;page=2" rel="prev"' in page and 'rel="next"' not in page
    assert "第 101–120 行，共 120 行" in page
    assert 'rel="prev"' not in await read(browser, "/things")


async def test_a_page_behind_the_last_is_empty_and_leads_back(browser: Browser) -> None:
    page = await read(browser, "/things?page=999999999")
    assert "<tbody>" not in page and 'rel="next"' not in page


async def test_an_empty_list_says_so(browser: Browser, shelf: Shelf) -> None:
    shelf.things = 0
    assert "这里没有" in await read(browser, "/things")
    assert "没有找到" in await read(browser, "/things?q=x")


@pytest.mark.parametrize("number", ["0", "-1", "x", "1e3", "²", ""])
async def test_a_page_number_that_is_none_is_refused(browser: Browser, shelf: Shelf, number: str) -> None:
    assert (await browser.get(f"/things?page={number}")).status == 400
    assert shelf.asked == []


async def test_what_is_sought_is_no_html_no_control_sign_and_not_endless(browser: Browser, shelf: Shelf) -> None:
    page = await read(browser, "/things?q=%3Cscript%3E%00%22" + "x" * 200)
    assert shelf.asked[-1].text == ('<script>"' + "x" * 200)[:80]
    assert "<script>" not in page.partition("</head>")[2]


async def test_what_a_feature_says_is_no_html(browser: Browser, shelf: Shelf) -> None:
    shelf.title = "<img src=x>"
    assert "<img src=x>" not in await read(browser, "/things") + await read(browser, "/things/1")


async def test_the_whole_list_is_a_spreadsheet(browser: Browser, shelf: Shelf) -> None:
    shelf.things = 2500
    answer = await browser.get("/things.xlsx?q=x&view=away&page=2")
    with ZipFile(BytesIO(await answer.read())) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 2501
    assert [(each.first, each.most, each.text) for each in shelf.asked] == [
        (first, 1000, "x") for first in (0, 1000, 2000)
    ]


@pytest.mark.parametrize(("name", "status"), [("gone", 404), ("hidden", 403), ("odd", 400), ("moved", 503)])
async def test_what_cannot_be_shown_is_explained(browser: Browser, name: str, status: int) -> None:
    answer = await browser.get(f"/things/{name}")
    assert (answer.status, "<h1>" in await answer.text()) == (status, True)


async def test_the_reader_has_the_rights_that_count_in_their_own_chat(
    world: World, browser: Browser, shelf: Shelf
) -> None:
    await world.narrow()
    await browser.get("/things")
    assert [(grant.role, grant.store_id) for grant in shelf.asked[-1].person.grants] == [("viewer", "101")]


async def test_a_button_says_its_command_in_the_readers_own_chat(world: World, browser: Browser) -> None:
    answer = await press(browser, "/things/1", "Take")
    event = await world.only_event()
    assert (answer.status, answer.headers["Location"]) == (303, f"/things/1?said={event.id}")
    assert (event.text, event.chat_kind, event.message_id) == ("take 1", "private", event.id)
    assert "take 1" in await browser.history("me")


async def test_a_form_hands_its_fields_over_by_name(world: World, browser: Browser) -> None:
    await press(browser, "/things/1", "Put off", reason=" 等\x00供应商 ", day="2026-03-09")
    event = await world.only_event()
    assert (event.text, dict(event.form)) == ("hide 1", {"reason": "等供应商", "day": "2026-03-09"})


async def test_the_same_form_sent_twice_is_one_command(world: World, browser: Browser) -> None:
    body = hidden(await read(browser, "/things/1"), "Take")
    answers = [await browser.client.post("/things/1", data=body, allow_redirects=False) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(await world.events()) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"csrf_token": "guessed"}, 403),
        ({"page.key": "x"}, 400),
        ({"page.command": " "}, 400),
        ({"page.command": "x" * 5000}, 400),
        ({"reason": "x" * 5000}, 400),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(
    world: World, browser: Browser, change: dict[str, str], status: int
) -> None:
    answer = await press(browser, "/things/1", "Take", **change)
    assert (answer.status, await world.events()) == (status, [])


async def test_another_site_posts_nothing(world: World, browser: Browser) -> None:
    body = hidden(await read(browser, "/things/1"), "Take")
    answer = await browser.client.post("/things/1", data=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status, await world.events()) == (403, [])


async def answered(world: World, event_id: str, chat_id: str) -> None:
    message = stored_message(Card("#1 归你了", "good"), chat_id, f"M{chat_id}", 1, world.clock.now())
    async with world.database.begin() as tx:
        await add_message(tx, replace(message, event_id=event_id))


async def test_the_page_shows_what_was_answered_once_it_is(world: World, browser: Browser) -> None:
    answer = await press(browser, "/things/1", "Take")
    address = answer.headers["Location"]
    assert "处理中" in await read(browser, address)
    await answered(world, address.partition("said=")[2], "private:wei")
    assert "#1 归你了" in await read(browser, address)


async def test_what_others_were_answered_is_not_shown(world: World, browser: Browser) -> None:
    await answered(world, "E1", "private:ling")
    await answered(world, "E1", "team")
    assert "归你了" not in await read(browser, "/things/1?said=E1")


async def test_an_open_page_looks_again_when_its_topic_is_told_or_its_reader_answered(
    world: World, browser: Browser
) -> None:
    world.database.tell = world.live.tell
    async with browser.client.get("/live/things/1") as news:
        assert (await next_news(news.content))[0] == "ready"
        async with world.database.begin() as tx:
            tx.tell("things")
        assert await next_news(news.content) == ("reload", '""')
        await world.deliver(Card("nobody's"), chat_id="private:ling")
        await world.deliver(Card("answer"), chat_id="private:wei")
        assert await next_news(news.content) == ("reload", '""')
        world.live.close()
        assert await news.content.read() == b""


async def test_what_was_not_committed_is_not_told(world: World) -> None:
    told: list[str] = []
    world.database.tell = told.append
    with pytest.raises(ConflictError):
        async with world.database.begin() as tx:
            tx.tell("things")
            raise ConflictError
    assert told == []


async def test_a_page_runs_no_script_of_its_own(browser: Browser) -> None:
    page = await browser.get("/things/1")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert re.findall(r"<script[^>]*>", await page.text()) == ['<script type="module" src="/static/page.js">']
