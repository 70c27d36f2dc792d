"""Whatever Feishu does, each question gets exactly one answer in the end."""

from datetime import timedelta

import pytest

from integrations.http.simulation import Weather
from tests.scenarios.shown import Shown
from tests.scenarios.stage import OPERATOR, TEAM, Stage

SAID = "不知道是否送达"


@pytest.mark.parametrize(
    "weather",
    [
        Weather(operation="reply", delay_seconds=40),
        Weather(operation="reply", drop=True, times=2),
        Weather(operation="reply", drop=True, handled=True, times=2),
        Weather(operation="reply", status=429, retry_after=3, times=3),
        Weather(operation="reply", status=500, times=2),
        Weather(operation="reply", status=503, handled=True),
        Weather(operation="reply", status=502, html=True, times=2),
        Weather(operation="reply", html=True, handled=True),
        Weather(operation="reply", expire_token=True),
        Weather(operation="reply", status=400, body={"code": 99991400, "msg": "frequency limit"}, times=2),
        Weather(operation="reply", status=400, body={"code": 230020, "msg": "frequency limit"}, times=2),
        Weather(operation="reply", status=400, body={"code": 230049, "msg": "still sending"}, times=2),
        Weather(operation="token", status=503, times=2),
    ],
    ids=lambda weather: f"{weather.operation} {weather.status or weather.drop or weather.html or 'late'}",
)
async def test_each_question_gets_exactly_one_answer(stage: Stage, weather: Weather) -> None:
    stage.feishu.expire_tokens()
    stage.feishu.set_weather(weather)
    await stage.say("店铺")
    await stage.settled()
    assert [shown.title for shown in stage.shown()] == ["店铺"]


async def test_a_card_that_feishu_refuses_goes_out_as_text_and_the_refusal_is_kept(stage: Stage) -> None:
    stage.feishu.next_code(230099, "reply", message="Failed to create card content, ext=ErrCode: 11310;")
    answer = await stage.ask("店铺")
    await stage.settled()
    assert (answer.is_card, "屿光-US" in answer.text, len(stage.sent())) == (False, True, 1)
    ((state, refusal),) = await stage.rows("SELECT state, refusal FROM messages")
    assert (state, "11310" in refusal) == ("accepted", True)
    assert 'zhanggui_refused_cards_total{channel="feishu"} 1.0' in (await stage.get("/metrics"))[1]


async def test_a_question_that_was_withdrawn_is_answered_without_a_quote(stage: Stage) -> None:
    stage.feishu.delay("reply", seconds=4)
    heard = await stage.say("店铺", chat_id=TEAM, is_group=True)
    stage.feishu.messages.recall(heard.message_id)
    assert (await stage.first(lambda shown: shown.title == "店铺")).quotes == ""


async def test_a_message_that_feishu_will_not_take_is_a_dead_letter_and_may_be_sent_again(stage: Stage) -> None:
    stage.feishu.next_code(230002, "reply", message="The bot can not be outside the group.")
    await stage.say("店铺")
    await stage.settled()
    assert "1 条消息没有送出" in (await stage.ask("状态")).text
    card = await stage.ask("死信")
    ((message_id,),) = await stage.rows("SELECT id FROM messages WHERE state = 'failed'")
    about = await stage.ask(f"死信 {message_id}")
    assert "The bot can not be outside the group." in card.text
    await stage.press(about, "再发一次", by=OPERATOR)
    assert await stage.first(lambda shown: shown.title == "店铺")
    await stage.settled()
    assert "死信" not in (await stage.ask("状态")).text


async def lose_an_answer(stage: Stage) -> Shown:
    """Feishu gives no answer for an hour; the state afterwards."""
    stage.feishu.next_answer("reply", status=503, times=1000)
    await stage.say("店铺")
    await stage.until(lambda: len(stage.feishu.calls_of("reply")) >= 2)
    stage.clock.move(minutes=56)
    await stage.settled()
    stage.feishu.clear()
    return await stage.ask("状态")


async def test_after_an_hour_without_an_answer_the_outcome_is_unknown_and_not_tried_blindly(stage: Stage) -> None:
    assert "1 条消息不知道是否送达" in (await lose_an_answer(stage)).text
    stage.clock.move(hours=2)
    await stage.settled()
    assert [shown.title for shown in stage.shown()] == ["运行状态"]


async def test_a_message_of_unknown_outcome_is_sent_again_at_one_tap_from_the_state(stage: Stage) -> None:
    state = await lose_an_answer(stage)
    (again,) = [label for label in state.buttons if label.startswith("再发")]
    await stage.press(state, again, by=OPERATOR)
    await stage.first(lambda shown: shown.title == "店铺")
    await stage.settled()
    assert [shown.title for shown in stage.shown()].count("店铺") == 1
    assert "不知道是否送达" not in (await stage.ask("状态")).text


async def test_the_service_stopped_for_an_hour_does_not_repeat_what_may_have_arrived(stage: Stage) -> None:
    stage.feishu.next_answer("reply", status=503, times=1000)
    await stage.say("店铺")
    await stage.until(lambda: len(stage.feishu.calls_of("reply")) >= 2)
    stage.feishu.clear()
    stage.clock.move(minutes=59)
    await stage.restart()
    await stage.settled()
    assert await stage.rows("SELECT state FROM messages") == [("unknown",)]
    assert stage.sent() == []


async def test_answers_are_paced_within_what_a_chat_takes(stage: Stage) -> None:
    began = stage.clock.now()
    await stage.say("店铺", copies=1)
    for_each = [await stage.say("死信") for _ in range(11)]
    await stage.settled()
    assert len(stage.sent()) == len(for_each) + 1
    assert stage.feishu.gate.refusals == {}
    assert stage.clock.now() - began >= timedelta(seconds=2)
