"""What is typed or pressed becomes one stored event, however often the browser repeats it."""

from datetime import timedelta

import pytest

from bot.inbox import Press
from tests.bot.console.world import NOW, Browser, World

LONGEST = "货" * 4000


async def test_a_typed_message_is_stored_before_the_answer(world: World, browser: Browser) -> None:
    answer = await browser.say(" 补货 \n")
    event = await world.only_event()
    assert (answer.status, await answer.json()) == (200, {"id": event.id})
    assert (event.kind, event.text, event.sender_id, event.sender_name) == ("message", "补货", "wei", "王伟")


async def test_a_private_message_is_private_and_addressed_to_us(world: World, browser: Browser) -> None:
    await browser.say("补货")
    event = await world.only_event("private:wei")
    assert (event.channel, event.chat_kind, event.addressed, event.message_id) == ("web", "private", True, event.id)


async def test_a_message_to_the_team_belongs_to_the_group(world: World, browser: Browser) -> None:
    await browser.say("补货", chat="team")
    assert (await world.only_event("team")).chat_kind == "group"


async def test_the_same_message_again_is_the_same_event(world: World, browser: Browser) -> None:
    first, again = await browser.say("补货"), await browser.say("补货")
    assert await first.json() == await again.json()
    assert len(await world.events()) == 1


async def test_two_people_may_use_the_same_key(world: World, browser: Browser) -> None:
    await browser.say("补货", chat="team")
    await (await world.browser("ling", "玲")).say("店铺", chat="team")
    assert [event.text for event in await world.events("team")] == ["补货", "店铺"]


async def test_a_message_that_waited_for_the_network_keeps_its_time_of_writing(world: World, browser: Browser) -> None:
    await browser.say("同步", age_ms=660_000)
    event = await world.only_event()
    assert (event.received_at, event.written_at) == (NOW, NOW - timedelta(minutes=11))


async def test_signs_no_platform_takes_are_left_out(world: World, browser: Browser) -> None:
    await browser.say("补\x00货\x07 1\n2")
    assert (await world.only_event()).text == "补货 1\n2"


@pytest.mark.parametrize(("text", "status", "code"), [("  \n", 400, "empty"), (LONGEST + "货", 413, "too_long")])
async def test_empty_and_endless_messages_are_refused_plainly(
    world: World, browser: Browser, text: str, status: int, code: str
) -> None:
    answer = await browser.say(text)
    error = (await answer.json())["error"]
    assert (answer.status, error["code"], bool(error["message"]), await world.events()) == (status, code, True, [])


async def test_the_longest_message_is_taken(world: World, browser: Browser) -> None:
    await browser.say(LONGEST)
    assert (await world.only_event()).text == LONGEST


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"key": "short", "text": "补货"},
        {"key": "key with spaces", "text": "补货"},
        {"key": "key-00000001"},
        {"key": "key-00000001", "text": 7},
        {"key": "key-00000001", "text": "补货", "sender_id": "ling"},
        {"key": "key-00000001", "text": "补货", "age_ms": -1},
        {"key": "key-00000001", "text": "补货", "age_ms": 10**30},
        {"key": "key-00000001", "text": "补货", "age_ms": True},
    ],
)
async def test_a_body_of_another_shape_is_refused(world: World, browser: Browser, body: object) -> None:
    answer = await browser.post("/chat/me/messages", body)
    assert (answer.status, await world.events()) == (400, [])


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"key":"key-00000001","text":"\\ud800"}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b" " * 65_537, "application/json", 413),
        (b"{}", "text/plain", 415),
    ],
)
async def test_unreadable_bodies_are_refused(browser: Browser, raw: bytes, content_type: str, status: int) -> None:
    headers = {"X-CSRF-Token": browser.csrf_token, "Content-Type": content_type}
    assert (await browser.client.post("/chat/me/messages", data=raw, headers=headers)).status == status


async def test_a_chat_that_is_not_yours_takes_nothing(browser: Browser) -> None:
    assert (await browser.say("补货", chat="private:ling")).status == 404


async def test_a_press_carries_its_token_form_and_card(world: World, browser: Browser) -> None:
    world.presses["T1"] = Press("accepted", label="重新计算")
    answer = await browser.press("T1", form={"days": " 45 "})
    event = await world.only_event("team")
    assert await answer.json() == {"accepted": True, "notice": "收到：重新计算"}
    assert (event.kind, event.action_token, event.form, event.message_id) == ("action", "T1", {"days": "45"}, "M1")


async def test_the_second_presser_is_told_who_was_first(world: World, browser: Browser) -> None:
    world.presses["T1"] = Press("taken", by="玲", label="同步")
    assert await (await browser.press("T1")).json() == {"accepted": False, "notice": "玲 已经按过了"}


async def test_a_press_sent_twice_by_a_bad_network_is_one_press(world: World, browser: Browser) -> None:
    world.presses["T1"] = Press("accepted", label="同步")
    await browser.press("T1")
    again = await (await browser.press("T1")).json()
    assert (again["accepted"], len(await world.events("team"))) == (True, 1)


@pytest.mark.parametrize(
    "more",
    [
        {"token": "x" * 101},
        {"form": {"a": 1}},
        {"form": {"a": "x" * 4001}},
        {"form": {str(number): "" for number in range(51)}},
        {"form": "days=45"},
    ],
)
async def test_an_absurd_press_is_refused(world: World, browser: Browser, more: dict[str, object]) -> None:
    body = {"key": "press-000001", "token": "T1", "message_id": "M1", **more}
    answer = await browser.post("/chat/team/press", body)
    assert (answer.status, await world.events("team")) == (400, [])
