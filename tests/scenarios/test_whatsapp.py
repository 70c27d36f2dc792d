"""Questions and answers in WhatsApp."""

from integrations.whatsapp.simulator import Said
from tests.scenarios.phone import ADMIN, OPERATOR, STRANGER, ask, choose, seen, states, titles, write
from tests.scenarios.stage import Stage


async def test_a_question_is_answered_in_a_quote_and_marked_as_read(stage: Stage) -> None:
    heard = await write(stage, "店铺")
    await stage.settled()
    (answer,) = seen(stage)
    assert (heard.status, answer.quotes) == (200, heard.message_ids[0])
    assert answer.text.startswith("✅ *店铺*") or "*店铺*" in answer.text
    assert "屿光-US" in answer.text
    assert stage.whatsapp.marked_read == list(heard.message_ids)


async def test_buttons_run_their_commands(stage: Stage) -> None:
    card = await ask(stage, "帮助")
    title = card.choices[0][1]
    answer = await choose(stage, card, title)
    assert title in answer.text


async def test_a_number_stands_for_the_button(stage: Stage) -> None:
    card = await ask(stage, "帮助")
    answer = await ask(stage, "１")
    assert card.choices[0][1] in answer.text
    assert await stage.rows("SELECT kind FROM inbox WHERE channel = 'whatsapp' AND kind <> 'status' ORDER BY id") == [
        ("message",),
        ("action",),
    ]


async def test_sixty_messages_in_one_delivery_are_sixty_events_each_answered_once(stage: Stage) -> None:
    batch = [Said(text="死信", sender_id=f"4477009{number:05}") for number in range(58)]
    heard = await stage.whatsapp.people.say_all([*batch, Said(text="店铺", sender_id=OPERATOR), Said(text="店铺")])
    counted = await stage.rows(
        "SELECT count(*) FROM inbox WHERE channel = 'whatsapp' AND kind = 'message' AND outcome <> ''"
    )
    await stage.settled()
    assert (heard.status, counted) == (200, [(60,)])
    people = [each.person_id for each in stage.whatsapp.messages.values()]
    assert (len(people), len(set(people))) == (60, 60)


async def test_the_same_delivery_again_changes_nothing(stage: Stage) -> None:
    heard = await stage.whatsapp.people.say_all([Said(text="店铺"), Said(text="死信")], copies=3)
    await stage.settled()
    assert (heard.status, len(seen(stage))) == (200, 2)


async def test_what_is_no_text_is_answered_helpfully(stage: Stage) -> None:
    answer = await ask(stage, "", type="location", content={"latitude": 1.5, "longitude": 2.5})
    assert "文字" in answer.text


async def test_a_caption_is_a_command(stage: Stage) -> None:
    answer = await ask(stage, "", type="image", content={"id": "m1", "mime_type": "image/png", "caption": "店铺"})
    assert "屿光-US" in answer.text


async def test_a_stranger_who_floods_gets_one_answer_a_day(stage: Stage) -> None:
    await stage.whatsapp.people.say_all([Said(text=f"你好 {n}", sender_id=STRANGER) for n in range(30)])
    await stage.settled()
    assert len(seen(stage, STRANGER)) == 1
    stage.clock.move(hours=25)
    await write(stage, "还在吗", by=STRANGER)
    await stage.settled()
    assert len(seen(stage, STRANGER)) == 2


async def test_a_person_stays_known_when_the_number_is_hidden(stage: Stage) -> None:
    await write(stage, "店铺", user_id="CN.abc1")
    await stage.settled()
    await write(stage, "店铺", by="CN.abc1")
    await stage.settled()
    assert [each.person_id for each in stage.whatsapp.messages.values()] == ["CN.abc1", "CN.abc1"]
    assert all("屿光-US" in each.text for each in stage.whatsapp.messages.values())


async def test_a_number_with_a_new_owner_is_a_stranger(stage: Stage) -> None:
    await write(stage, "店铺", user_id="CN.abc1")
    await stage.settled()
    await write(stage, "店铺", user_id="CN.other2")
    await stage.settled()
    assert "屿光-US" not in seen(stage, "CN.other2")[-1].text


async def test_a_slow_command_shows_its_beginning_and_its_end_only(stage: Stage) -> None:
    await write(stage, "测试")
    await stage.settled()
    assert [text[0] for text in titles(stage)] == ["⏳", "✅"]


async def test_messages_are_followed_until_they_are_read(stage: Stage) -> None:
    await write(stage, "店铺")
    await stage.until_true(lambda: _all_are(stage, "read"))
    assert await states(stage) == ["read"]


async def _all_are(stage: Stage, state: str) -> bool:
    return set(await states(stage)) == {state}


async def test_a_second_press_is_told_who_was_first(stage: Stage) -> None:
    await stage.execute("UPDATE people SET name = '老林' WHERE name = '林掌柜'")
    card = await ask(stage, "帮助")
    await stage.execute("UPDATE actions SET once = true, claimed_at = expires_at, claimed_name = '小陈'")
    answer = await choose(stage, card, card.choices[0][1])
    assert "小陈" in answer.text
    assert answer.person_id == ADMIN
