"""A chat shows what was said and answered, in order, to those it belongs to."""

import re
from datetime import timedelta

import pytest

from bot.contracts.cards import Card, Note
from bot.inbox import Press
from storage.inbox.store import forget_bodies
from tests.bot.console.world import Browser, World


def shown(html: str) -> list[str]:
    """Bubbles and card titles, top to bottom."""
    return [said or title for said, title in re.findall(r'<div class="bubble">(.*?)</div>|<h2>(.*?)<', html)]


async def test_messages_and_answers_stand_in_order_of_time(world: World, browser: Browser) -> None:
    await browser.say("补货", chat="team")
    world.clock.moment += timedelta(seconds=1)
    await world.answer(Card("补货建议"))
    world.clock.moment += timedelta(seconds=1)
    await browser.say("店铺", chat="team", key="key-00000002")
    assert shown(await browser.history("team")) == ["补货", "补货建议", "店铺"]


async def test_everybody_sees_the_team_chat(world: World, browser: Browser) -> None:
    await browser.say("补货", chat="team")
    ling = await world.browser("ling", "玲")
    assert "王伟" in await ling.history("team")


async def test_nobody_sees_anothers_private_chat(world: World, browser: Browser) -> None:
    await browser.say("补货", chat="me")
    await world.answer(Card("只给王伟"), chat_id="private:wei")
    ling = await world.browser("ling", "玲")
    assert [await ling.history("me"), (await ling.get("/chat/private:wei/messages")).status] == ["", 404]


async def test_the_newest_entries_are_kept_when_there_are_more(world: World, browser: Browser) -> None:
    await world.answer(Card("旧"), id="M1")
    world.clock.moment += timedelta(seconds=1)
    await world.answer(Card("新"), id="M2")
    answer = await (await browser.get("/chat/team/messages?limit=1")).json()
    assert (shown(answer["html"]), answer["is_all"]) == (["新"], False)


async def test_a_short_history_says_that_it_is_all(browser: Browser) -> None:
    await browser.say("补货")
    assert (await (await browser.get("/chat/me/messages")).json())["is_all"] is True


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "９", "1" * 5000])
async def test_an_absurd_limit_is_refused(browser: Browser, limit: str) -> None:
    assert (await browser.get(f"/chat/me/messages?limit={limit}")).status in (400, 414)


async def test_pressed_buttons_are_no_entries(world: World, browser: Browser) -> None:
    world.presses["T1"] = Press("accepted")
    await browser.press("T1")
    assert await browser.history("team") == ""


async def test_a_message_whose_text_was_forgotten_is_left_out(world: World, browser: Browser) -> None:
    await browser.say("补货")
    async with world.database.begin() as tx:
        await forget_bodies(tx, before=world.clock.now() + timedelta(days=31), limit=10)
    assert await browser.history() == ""


async def test_own_and_others_messages_look_different(world: World, browser: Browser) -> None:
    await browser.say("补货", chat="team")
    ling = await world.browser("ling", "玲")
    assert ['class="entry said own"' in await each.history("team") for each in (browser, ling)] == [True, False]


async def test_times_are_the_teams(browser: Browser) -> None:
    await browser.say("补货")
    assert ">16:00</time>" in await browser.history()


async def test_what_people_write_is_never_markup(browser: Browser) -> None:
    await browser.say("<script>alert(1)</script>")
    assert "&lt;script&gt;" in await browser.history()


async def test_a_card_speaks_its_own_language_in_every_browser(world: World, browser: Browser) -> None:
    await world.answer(Card("Syncing", "working", (Note("…"),), language="en"))
    assert ">working</span>" in await browser.history("team")
