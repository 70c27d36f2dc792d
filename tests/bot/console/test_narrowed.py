"""Who does not see all stores does not read what others are answered in the team's chat."""

from collections.abc import AsyncIterator

import pytest

from bot.contracts.cards import Card, Column, Table
from tests.bot.console.world import Browser, World, next_news, open_world

STOCK = Card("库存", blocks=(Table((Column("SKU"),), (("A-1",),), total=1),))


@pytest.fixture
async def narrowed(world: World, browser: Browser) -> Browser:
    """王伟, who sees one store, and a card in the team's chat."""
    await world.narrow()
    await world.answer(STOCK)
    return browser


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[World]:
    """A console whose heart beats fast."""
    async with open_world(sqlite_url, heartbeat_seconds=0.01) as world:
        yield world


async def test_the_page_has_the_private_chat_alone(narrowed: Browser) -> None:
    page = await (await narrowed.get("/")).text()
    assert ('data-chat="team"' in page, 'data-chat="me"' in page) == (False, True)
    assert ('data-place="team"' in page, 'data-place="me"' in page) == (False, True)


async def test_the_team_chat_cannot_be_read_nor_its_files_be_taken(narrowed: Browser) -> None:
    paths = ("/chat/team/messages?limit=50", "/messages/M1/0.xlsx")
    assert [(await narrowed.get(path)).status for path in paths] == [404, 404]


async def test_nothing_is_posted_or_pressed_in_the_team_chat(world: World, narrowed: Browser) -> None:
    answers = [await narrowed.say("补货", chat="team"), await narrowed.press("T1")]
    assert ([answer.status for answer in answers], await world.events("team")) == ([404, 404], [])


async def test_the_private_chat_goes_on(world: World, narrowed: Browser) -> None:
    await world.answer(STOCK, chat_id="private:wei", id="M2")
    assert (await narrowed.say("补货")).status == 200
    assert "库存" in await narrowed.history("me")
    assert (await narrowed.get("/messages/M2/0.xlsx")).status == 200


async def test_news_of_the_team_chat_do_not_arrive(world: World, narrowed: Browser) -> None:
    async with narrowed.client.get("/live") as response:
        await next_news(response.content)
        await world.deliver(Card("给大家"))
        await world.deliver(Card("给王伟"), chat_id="private:wei", id="M7")
        assert "给王伟" in (await next_news(response.content))[1]


async def test_an_open_page_is_over_once_its_reader_is_narrowed(quick: World) -> None:
    browser = await quick.browser()
    async with browser.client.get("/live") as response:
        await quick.narrow()
        assert (await response.content.read()).endswith(b'event: over\ndata: ""\n\n')
