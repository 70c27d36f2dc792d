"""Whatever WhatsApp does: nothing twice, nothing forgotten, and every state only forwards."""

import pytest

from integrations.http.simulation import Weather
from tests.scenarios.phone import ADMIN, OPERATOR, ask, seen, states, write
from tests.scenarios.stage import Stage


async def lose_the_answer(stage: Stage, *, statuses: tuple[str, ...]) -> None:
    """Ask something whose answer WhatsApp takes without saying so; ``statuses`` follow all the same."""
    stage.whatsapp.statuses = statuses
    stage.whatsapp.drop_connection("messages", handled=True)
    await write(stage, "店铺")
    await stage.settled()


async def until_states(stage: Stage, *wanted: str) -> None:
    async def are() -> bool:
        return await states(stage) == list(wanted)

    await stage.until_true(are)


async def doubt(stage: Stage) -> None:
    """Five minutes later."""
    stage.clock.move(minutes=6)
    await stage.app.statuses.doubt()


@pytest.mark.parametrize(
    "weather",
    [
        Weather(operation="messages", status=429, retry_after=2, times=2),
        Weather(operation="messages", status=400, body={"error": {"code": 130429, "message": "busy"}}, times=2),
        Weather(operation="messages", status=400, body={"error": {"code": 131056, "message": "pair"}}, times=2),
    ],
    ids=["429", "130429", "131056"],
)
async def test_a_pause_that_is_asked_for_is_kept_and_the_answer_comes_once(stage: Stage, weather: Weather) -> None:
    stage.whatsapp.set_weather(weather)
    await write(stage, "店铺")
    await stage.settled()
    await until_states(stage, "read")
    assert len(seen(stage)) == 1


async def test_an_answer_that_got_lost_is_found_again_by_its_statuses(stage: Stage) -> None:
    await lose_the_answer(stage, statuses=("sent", "delivered"))
    await until_states(stage, "delivered")
    assert len(seen(stage)) == 1


async def test_without_a_status_in_five_minutes_the_outcome_is_unknown_and_nothing_is_repeated(stage: Stage) -> None:
    await lose_the_answer(stage, statuses=())
    assert await states(stage) == ["pending"]
    await doubt(stage)
    assert (await states(stage), len(seen(stage))) == (["unknown"], 1)
    assert "1 条消息不知道是否送达" in (await stage.ask("状态")).text


async def test_a_late_status_ends_the_doubt(stage: Stage) -> None:
    await lose_the_answer(stage, statuses=())
    await doubt(stage)
    (message,) = seen(stage)
    await stage.whatsapp.people.push(stage.whatsapp.told(message.message_id, "read"))
    assert await states(stage) == ["read"]


async def test_a_crash_between_sending_and_recording_repeats_nothing(stage: Stage) -> None:
    await lose_the_answer(stage, statuses=())
    await stage.execute("UPDATE messages SET sent_version = 0, state = 'queued' WHERE channel = 'whatsapp'")
    await stage.execute("UPDATE jobs SET state = 0 WHERE task = 'send'")
    await stage.restart()
    await stage.settled()
    await doubt(stage)
    assert (await states(stage), len(seen(stage))) == (["unknown"], 1)


async def test_statuses_move_a_message_only_forwards_in_any_order(stage: Stage) -> None:
    stage.whatsapp.set_weather(Weather(operation="status", out_of_order=True, duplicate=2))
    await write(stage, "店铺")
    await stage.settled()
    await stage.until(lambda: len(seen(stage)[0].statuses) == 9)
    await until_states(stage, "read")
    ((count,),) = await stage.rows("SELECT count(*) FROM inbox WHERE kind = 'status'")
    assert count == 3


@pytest.mark.parametrize("code", [131026, 131049, 368])
async def test_a_late_failure_is_kept_with_its_reason(stage: Stage, code: int) -> None:
    stage.whatsapp.fail_late(code)
    await write(stage, "店铺")
    await until_states(stage, "failed")
    assert str(code) in (await stage.ask("死信")).text


@pytest.mark.parametrize("code", [131026, 190, 368])
async def test_a_refusal_for_good_is_a_dead_letter(stage: Stage, code: int) -> None:
    stage.whatsapp.next_code(code, "messages")
    await write(stage, "店铺")
    await stage.settled()
    assert (await states(stage), seen(stage)) == (["failed"], [])
    assert str(code) in (await stage.ask("死信")).text


async def test_a_window_that_closes_between_check_and_send_is_bridged_by_a_template(stage: Stage) -> None:
    stage.whatsapp.next_code(131047, "messages")
    answer = await ask(stage, "店铺")
    assert (answer.kind, "店铺" in answer.text) == ("template", True)


async def test_a_window_that_was_closed_already_is_told_late_and_bridged_by_a_template(stage: Stage) -> None:
    stage.whatsapp.fail_late(131047)
    await write(stage, "店铺")
    await stage.until(lambda: len(seen(stage)) == 2)
    await until_states(stage, "read")
    assert [each.kind for each in seen(stage)][1] == "template"


async def test_a_message_after_a_day_goes_out_as_a_template(stage: Stage) -> None:
    await lose_the_answer(stage, statuses=())
    stage.clock.move(hours=24)
    await doubt(stage)
    ((message_id,),) = await stage.rows("SELECT id FROM messages WHERE channel = 'whatsapp'")
    await stage.ask(f"再发 {message_id}")
    await stage.until(lambda: len(seen(stage)) == 2)
    assert seen(stage)[1].kind == "template"


async def test_a_template_that_is_refused_is_a_failure_with_its_reason(stage: Stage) -> None:
    stage.whatsapp.templates.clear()
    stage.whatsapp.next_code(131047, "messages")
    await write(stage, "店铺")
    await stage.settled()
    assert await states(stage) == ["failed"]
    assert "132001" in (await stage.ask("死信")).text


async def test_a_card_that_is_refused_goes_out_as_text(stage: Stage) -> None:
    stage.whatsapp.next_code(131009, "messages")
    answer = await ask(stage, "帮助", by=OPERATOR)
    assert (answer.kind, "补货" in answer.text) == ("text", True)


async def test_the_service_tells_whatsapp_to_come_again_when_it_cannot_store(stage: Stage) -> None:
    await stage.execute("ALTER TABLE inbox RENAME TO gone")
    heard = await write(stage, "店铺")
    await stage.execute("ALTER TABLE gone RENAME TO inbox")
    assert heard.status == 503
    assert seen(stage, ADMIN) == []


async def test_the_state_of_the_service_shows_whose_window_closes_soon(stage: Stage) -> None:
    await ask(stage, "帮助", by=OPERATOR)
    stage.clock.move(hours=20)
    rows = [list(row.values()) for row in (await stage.ask("状态")).rows]
    assert any("还剩" in str(row) for row in rows)
