"""What is queued for mail, WeCom and text messages arrives once, in order, whatever the platforms do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integrations.http.simulation import Weather
from tests.scenarios.messengers import PERSON_MAIL, PHONE, PUBLIC_URL, TARGETS, Messengers, opened
from tests.scenarios.stage import invite_team

EVERY_CHANNEL = pytest.mark.parametrize("channel", sorted(TARGETS))
DONE = {"email": "accepted", "wecom": "accepted", "sms": "delivered"}


@pytest.fixture
async def messengers(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Messengers]:
    async with opened(sqlite_url, tmp_path) as messengers:
        yield messengers


@pytest.fixture
async def without_address(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Messengers]:
    async with opened(sqlite_url, tmp_path, ZHANGGUI_PUBLIC_URL="") as messengers:
        yield messengers


@pytest.fixture
async def on_postgres(postgres_url: str, tmp_path: Path) -> AsyncIterator[Messengers]:
    async with opened(postgres_url, tmp_path) as messengers:
        yield messengers


async def test_on_postgresql_each_arrives_once_too(on_postgres: Messengers) -> None:
    await on_postgres.send("email", "断货 1", "断货 2")
    await on_postgres.send("wecom", "断货 1", "断货 2")
    await on_postgres.send("sms", "断货 1", "断货 2")
    await on_postgres.until_states("email", "accepted", "accepted")
    await on_postgres.until_states("wecom", "accepted", "accepted")
    await on_postgres.until_states("sms", "delivered", "delivered")
    assert [on_postgres.titles(channel) for channel in TARGETS] == [["断货 1", "断货 2"]] * 3


@EVERY_CHANNEL
async def test_a_message_arrives_once_with_the_link_to_its_button(messengers: Messengers, channel: str) -> None:
    await messengers.send(channel, "断货 1")
    await messengers.until_states(channel, DONE[channel])
    (arrived,) = messengers.arrived(channel)
    ((token,),) = await messengers.stage.rows("SELECT token FROM actions")
    assert f"{PUBLIC_URL}/a/{token}" in arrived
    assert "YG-WM-0023-GY-US" in arrived


@EVERY_CHANNEL
async def test_without_a_public_address_there_is_no_link(without_address: Messengers, channel: str) -> None:
    await without_address.send(channel, "断货 1")
    await without_address.until_states(channel, DONE[channel])
    (arrived,) = without_address.arrived(channel)
    assert "/a/" not in arrived


async def test_where_nothing_can_be_pressed_a_card_says_where_it_can(without_address: Messengers) -> None:
    await without_address.send("email", "断货 1")
    await without_address.until_states("email", "accepted")
    assert "请在飞书或 WhatsApp 里处理：我来" in without_address.arrived("email")[0]


async def test_the_three_targets_are_the_ones_that_were_named(messengers: Messengers) -> None:
    await messengers.send("email", "断货 1")
    await messengers.send("sms", "断货 1")
    await messengers.until_states("email", "accepted")
    await messengers.until_states("sms", "delivered")
    assert [each.to for each in messengers.email.mails] == [PERSON_MAIL]
    assert [each.to for each in messengers.sms.messages.values()] == [f"+{PHONE}"]


async def test_messages_beyond_a_robots_rate_arrive_later_and_in_order(messengers: Messengers) -> None:
    messengers.wecom.next_code(45009)
    await messengers.send("wecom", *(f"断货 {number}" for number in range(1, 6)))
    await messengers.until_states("wecom", *["accepted"] * 5)
    assert messengers.titles("wecom") == [f"断货 {number}" for number in range(1, 6)]


async def test_more_than_a_robot_may_say_in_a_minute_is_never_refused(messengers: Messengers) -> None:
    await messengers.send("wecom", *(f"断货 1 · {number}" for number in range(22)))
    await messengers.until_states("wecom", *["accepted"] * 22)
    assert (len(messengers.wecom.messages), messengers.wecom.refusals) == (22, [])


async def test_texts_wait_as_long_as_the_provider_asks_and_stay_in_order(messengers: Messengers) -> None:
    messengers.sms.set_weather(Weather(operation="send", status=429, retry_after=5, times=2))
    await messengers.send("sms", "断货 1", "断货 2", "断货 3")
    await messengers.until_states("sms", "delivered", "delivered", "delivered")
    assert messengers.titles("sms") == ["断货 1", "断货 2", "断货 3"]


async def test_a_mail_that_is_refused_for_now_arrives_later_once(messengers: Messengers) -> None:
    messengers.email.set_weather(Weather(operation="rcpt", status=451, times=2))
    await messengers.send("email", "断货 1")
    await messengers.until_states("email", "accepted")
    assert messengers.titles("email") == ["断货 1"]


async def test_a_refused_recipient_is_a_dead_letter_with_its_code(messengers: Messengers) -> None:
    messengers.email.set_weather(Weather(operation="rcpt", status=550))
    await messengers.send("email", "断货 1")
    await messengers.until_states("email", "failed")
    assert "550" in (await messengers.stage.rows("SELECT error FROM messages WHERE channel = 'email'"))[0][0]
    assert messengers.email.mails == []


@pytest.mark.parametrize("is_taken", [True, False])
@pytest.mark.parametrize("channel", ["email", "wecom"])
async def test_a_lost_answer_leaves_the_outcome_unknown_and_nothing_is_repeated(
    messengers: Messengers, channel: str, is_taken: bool
) -> None:
    simulator = {"email": messengers.email, "wecom": messengers.wecom}[channel]
    simulator.drop_connection({"email": "data", "wecom": "send"}[channel], handled=is_taken)
    await messengers.send(channel, "断货 1", "断货 2")
    await messengers.until_states(channel, "unknown", "accepted")
    assert messengers.titles(channel) == (["断货 1", "断货 2"] if is_taken else ["断货 2"])


async def test_a_text_whose_answer_was_lost_is_handed_over_again_and_arrives_once(messengers: Messengers) -> None:
    messengers.sms.drop_connection("send", handled=True)
    await messengers.send("sms", "断货 1")
    await messengers.until_states("sms", "delivered")
    assert (messengers.titles("sms"), len(messengers.sms.calls_of("send"))) == (["断货 1"], 2)


@EVERY_CHANNEL
async def test_a_crash_between_sending_and_recording_repeats_nothing(messengers: Messengers, channel: str) -> None:
    await messengers.send(channel, "断货 1")
    await messengers.until_states(channel, DONE[channel])
    await messengers.stage.execute(
        f"UPDATE messages SET sent_version = 0, state = 'queued', platform_id = '' WHERE channel = '{channel}'",
        "UPDATE jobs SET state = 0 WHERE task = 'send'",
    )
    await messengers.stage.restart()
    await messengers.until_states(channel, DONE[channel])
    assert messengers.titles(channel) == ["断货 1"]


async def test_a_crash_while_sending_leaves_the_outcome_unknown(messengers: Messengers) -> None:
    await messengers.send("email", "断货 1")
    await messengers.until_states("email", "accepted")
    await messengers.stage.execute(
        "UPDATE messages SET sent_version = 0, state = 'queued', platform_id = '' WHERE channel = 'email'",
        "UPDATE handovers SET state = 'pending'",
        "UPDATE jobs SET state = 0 WHERE task = 'send'",
    )
    await messengers.stage.restart()
    await messengers.until_states("email", "unknown")
    assert messengers.titles("email") == ["断货 1"]


@EVERY_CHANNEL
async def test_a_newer_version_of_what_left_is_not_sent(messengers: Messengers, channel: str) -> None:
    await messengers.send(channel, "断货 1")
    await messengers.until_states(channel, DONE[channel])
    await messengers.send(channel, "断货 1")
    await messengers.until_states(channel, DONE[channel])
    assert messengers.titles(channel) == ["断货 1"]


async def test_a_text_that_did_not_reach_the_phone_is_a_failure_with_the_providers_reason(
    messengers: Messengers,
) -> None:
    messengers.sms.arriving = "failed"
    await messengers.send("sms", "断货 1")
    await messengers.until_states("sms", "failed")
    assert await messengers.stage.rows("SELECT error FROM messages WHERE channel = 'sms'") == [("absent",)]


@pytest.mark.parametrize(
    ("channel", "trouble"),
    [("wecom", "UpstreamAuthError/wecom_key"), ("sms", "UpstreamAuthError")],
)
async def test_wrong_credentials_are_named_and_not_tried_again(
    messengers: Messengers, channel: str, trouble: str
) -> None:
    messengers.wecom.remove_robot()
    messengers.sms.set_weather(Weather(operation="send", status=401, body={"error": {"code": "unknown_key"}}))
    await messengers.send(channel, "断货 1")
    await messengers.until_states(channel, "failed")
    ((error,),) = await messengers.stage.rows(f"SELECT error FROM messages WHERE channel = '{channel}'")
    assert error.startswith(trouble)


async def test_a_message_of_unknown_outcome_can_be_sent_again_by_a_person(messengers: Messengers) -> None:
    await invite_team(messengers.stage)
    messengers.wecom.drop_connection("send")
    await messengers.send("wecom", "断货 1")
    await messengers.until_states("wecom", "unknown")
    ((message_id,),) = await messengers.stage.rows("SELECT id FROM messages WHERE channel = 'wecom'")
    await messengers.stage.ask(f"再发 {message_id}")
    await messengers.until_states("wecom", "resent", "accepted")
    assert messengers.titles("wecom") == ["断货 1"]


async def test_the_test_command_tries_each_of_them_and_sends_nothing(messengers: Messengers) -> None:
    await invite_team(messengers.stage)
    messengers.wecom.remove_robot()
    answer = await messengers.stage.ask("测试")
    shown = f"{answer.text} {answer.rows}"
    assert [name for name in ("邮件", "企业微信", "短信", "93000") if name not in shown] == []
    assert [messengers.arrived(channel) for channel in sorted(TARGETS)] == [[], [], []]


async def test_the_state_of_the_service_names_what_was_refused(messengers: Messengers) -> None:
    await invite_team(messengers.stage)
    messengers.wecom.remove_robot()
    await messengers.send("wecom", "断货 1")
    await messengers.until_states("wecom", "failed")
    assert "WECOM_ROBOT_URL" in (await messengers.stage.ask("状态")).text
