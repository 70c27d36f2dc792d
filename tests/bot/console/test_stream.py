"""Open pages hear what happens in their chats at once, and are told when they missed something."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import StreamReader

from bot.contracts.cards import Card
from storage.sign_in.store import close_sessions_of
from tests.bot.console.world import Browser, World, next_news, open_world


@pytest.fixture
async def news(browser: Browser) -> AsyncIterator[StreamReader]:
    """王伟's news after "ready"."""
    async with browser.client.get("/live") as response:
        await next_news(response.content)
        yield response.content


@pytest.fixture
async def quick(sqlite_url: str) -> AsyncIterator[World]:
    """A console whose heart beats fast."""
    async with open_world(sqlite_url, heartbeat_seconds=0.01) as world:
        yield world


async def entry(news: StreamReader) -> Any:
    name, data = await next_news(news)
    assert name == "entry"
    return json.loads(data)


async def test_a_page_is_told_when_it_hears_everything(browser: Browser) -> None:
    async with browser.client.get("/live") as response:
        assert await next_news(response.content) == ("ready", '""')
        assert (response.content_type, response.headers["X-Accel-Buffering"]) == ("text/event-stream", "no")


async def test_an_answer_appears_in_the_chat_it_belongs_to(world: World, news: StreamReader) -> None:
    await world.deliver(Card("补货建议"), chat_id="private:wei", id="M7", version=2)
    found = await entry(news)
    assert (found["chat"], found["key"]) == ("me", "")
    assert 'id="e-M7"' in found["html"] and 'data-version="2"' in found["html"] and "补货建议" in found["html"]


async def test_the_writers_page_recognises_its_own_message(browser: Browser, news: StreamReader) -> None:
    await browser.say("补货", chat="team", key="key-12345678")
    found = await entry(news)
    assert (found["chat"], found["key"]) == ("team", "key-12345678")


async def test_another_persons_message_comes_without_its_key(world: World, news: StreamReader) -> None:
    await (await world.browser("ling", "玲")).say("店铺", chat="team")
    found = await entry(news)
    assert (found["key"], "玲" in found["html"]) == ("", True)


async def test_a_repeated_message_is_shown_once(browser: Browser, news: StreamReader) -> None:
    await browser.say("补货")
    await browser.say("补货")
    await browser.say("店铺", key="key-00000002")
    assert ["补货" in (await entry(news))["html"], "店铺" in (await entry(news))["html"]] == [True, True]


async def test_private_news_of_others_do_not_arrive(world: World, news: StreamReader) -> None:
    await world.deliver(Card("只给玲"), chat_id="private:ling")
    await world.deliver(Card("给大家"))
    assert "给大家" in (await entry(news))["html"]


async def test_live_and_history_show_the_same(world: World, browser: Browser, news: StreamReader) -> None:
    card = Card("补货建议", "warning")
    await world.answer(card)
    await world.deliver(card)
    assert (await entry(news))["html"] == await browser.history("team")


async def test_a_page_that_missed_news_is_told_to_read_again(world: World, news: StreamReader) -> None:
    world.flood("team")
    assert await next_news(news) == ("reload", '""')


async def test_silence_is_filled_with_beats(quick: World) -> None:
    browser = await quick.browser()
    async with browser.client.get("/live") as response:
        heard = [await next_news(response.content) for _ in range(3)]
    assert [name for name, _ in heard] == ["ready", "beat", "beat"]


async def test_news_end_with_the_session(quick: World) -> None:
    browser = await quick.browser()
    async with browser.client.get("/live") as response:
        async with quick.database.begin() as tx:
            await close_sessions_of(tx, person_id="wei")
        assert (await response.content.read()).endswith(b'event: over\ndata: ""\n\n')


async def test_news_end_when_the_service_stops(world: World, news: StreamReader) -> None:
    world.live.close()
    assert await news.read() == b""


async def test_a_browser_that_leaves_is_no_longer_served(quick: World) -> None:
    browser = await quick.browser()
    async with browser.client.get("/live") as response:
        await next_news(response.content)
    await quick.nobody_listens()
    assert quick.live.listeners == 0
