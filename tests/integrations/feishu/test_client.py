"""What the client does on a good day, and how it keeps to the platform's rates."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from bot.contracts.errors import UpstreamAuthError
from integrations.feishu.client import Bot, FeishuClient, Pace
from integrations.feishu.simulator import FeishuSimulator, Limits
from tests.integrations.feishu.clients import opened
from tests.integrations.feishu.contents import a_card, a_text
from tests.integrations.http.fakes import HurriedClock, SteppingClock


async def test_a_message_to_a_chat_is_there_afterwards(client: FeishuClient, simulator: FeishuSimulator) -> None:
    message_id = await client.send("oc_1", a_text())
    kept = simulator.messages.by_id[message_id]
    assert (kept.chat_id, kept.msg_type, kept.parent_id) == ("oc_1", "text", "")
    assert orjson.loads(kept.content) == {"text": "库存不足"}


async def test_a_person_is_written_to_by_open_id(client: FeishuClient, simulator: FeishuSimulator) -> None:
    await client.send("ou_1", a_text())
    assert simulator.calls_of("send")[0].query == {"receive_id_type": "open_id"}


async def test_a_reply_quotes_its_parent(client: FeishuClient, simulator: FeishuSimulator) -> None:
    message_id = await client.reply("om_x@oc_1", "oc_1", a_card())
    kept = simulator.messages.by_id[message_id]
    assert (kept.chat_id, kept.parent_id) == ("oc_1", "om_x@oc_1")


async def test_an_update_replaces_the_card(client: FeishuClient, simulator: FeishuSimulator) -> None:
    message_id = await client.send("oc_1", a_card(title="同步中"))
    await client.update(message_id, a_card(title="已同步").body)
    kept = simulator.messages.by_id[message_id]
    assert "同步中" in kept.content
    assert "已同步" in kept.current


async def test_the_bot_knows_who_it_is(client: FeishuClient) -> None:
    assert await client.bot_info() == Bot("ou_demo_bot", "掌柜")


async def test_the_same_uuid_is_one_message(client: FeishuClient, simulator: FeishuSimulator) -> None:
    first, second = await client.send("oc_1", a_text("same")), await client.send("oc_1", a_text("same"))
    assert first == second
    assert [message.repeats for message in simulator.messages] == [1]


async def test_one_token_serves_many_calls_at_once(client: FeishuClient, simulator: FeishuSimulator) -> None:
    await asyncio.gather(*(client.send(f"oc_{n}", a_text(f"u{n}")) for n in range(20)))
    assert simulator.counts == {"token": 1, "send": 20}


async def test_a_token_is_renewed_before_it_ends(
    client: FeishuClient, simulator: FeishuSimulator, clock: SteppingClock
) -> None:
    await client.bot_info()
    clock.moment += timedelta(minutes=111)
    await client.bot_info()
    assert simulator.counts["token"] == 2
    assert [call.status for call in simulator.calls_of("bot_info")] == [200, 200]


async def test_a_token_taken_back_in_mid_call_is_replaced_once(
    client: FeishuClient, simulator: FeishuSimulator
) -> None:
    await client.bot_info()
    simulator.expire_tokens()
    await client.send("oc_1", a_text())
    assert simulator.counts == {"token": 2, "bot_info": 1, "send": 2}
    assert len(simulator.messages.by_id) == 1


async def test_a_token_that_is_never_accepted_is_an_error_after_one_repeat(
    client: FeishuClient, simulator: FeishuSimulator
) -> None:
    simulator.next_code(99991663, "bot_info", times=2)
    with pytest.raises(UpstreamAuthError):
        await client.bot_info()
    assert simulator.counts == {"token": 2, "bot_info": 2}


async def test_a_wrong_secret_is_said_as_such(clock: SteppingClock) -> None:
    async with opened(clock, secret="wrong") as (client, _):
        with pytest.raises(UpstreamAuthError) as caught:
            await client.bot_info()
    assert caught.value.values["platform_code"] == "10015"
    assert "wrong" not in str(caught.value)


async def test_a_busy_chat_is_paced_without_one_refusal() -> None:
    clock = HurriedClock()
    async with opened(clock) as (client, simulator):
        started = clock.now()
        await asyncio.gather(*(client.send("oc_1", a_text(f"u{n}")) for n in range(21)))
        assert not simulator.gate.refusals
        assert (clock.now() - started).total_seconds() >= 4


async def test_replies_and_messages_of_a_chat_share_its_pace() -> None:
    async with opened(HurriedClock()) as (client, simulator):
        replies = [client.reply("om_1@oc_1", "oc_1", a_text(f"r{n}")) for n in range(8)]
        await asyncio.gather(*replies, *(client.send("oc_1", a_text(f"s{n}")) for n in range(8)))
        assert not simulator.gate.refusals
        assert len(simulator.messages.by_id) == 16


async def test_the_limit_of_a_minute_is_kept_over_many_chats() -> None:
    clock = HurriedClock()
    async with opened(clock, limits=Limits(per_minute=40), pace=Pace(per_minute=40)) as (client, simulator):
        started = clock.now()
        await asyncio.gather(*(client.send(f"oc_{n}", a_text(f"u{n}")) for n in range(60)))
        assert not simulator.gate.refusals
        assert (clock.now() - started).total_seconds() >= 60


async def test_edits_of_one_card_are_paced() -> None:
    clock = HurriedClock()
    async with opened(clock) as (client, simulator):
        message_id = await client.send("oc_1", a_card())
        started = clock.now()
        await asyncio.gather(*(client.update(message_id, a_card(title=f"{n}").body) for n in range(11)))
        assert not simulator.gate.refusals
        assert (clock.now() - started).total_seconds() >= 2


async def test_the_pace_can_be_raised_together_with_the_limits(clock: SteppingClock) -> None:
    raised = Limits(per_second=500, per_minute=5000), Pace(per_second=500, per_minute=5000)
    async with opened(clock, limits=raised[0], pace=raised[1]) as (client, simulator):
        await asyncio.gather(*(client.send(f"oc_{n}", a_text(f"u{n}")) for n in range(300)))
        assert not simulator.gate.refusals
    assert clock.slept == []
