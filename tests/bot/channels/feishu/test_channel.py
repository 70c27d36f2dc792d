"""Messages handed to Feishu: sent, quoted, edited, split, replaced by text, never doubled."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from bot.channels.base import Outgoing
from bot.channels.feishu.channel import FeishuChannel
from bot.contracts.cards import Action, Card, Column, Table, Text
from bot.contracts.errors import UpstreamRejected, UpstreamUnavailable, UpstreamUnclear
from integrations.feishu.simulator import FeishuSimulator, SentMessage
from tests.bot.attaching import files_of_nobody
from tests.bot.channels.made_cards import WORDS
from tests.integrations.feishu.clients import opened
from tests.integrations.http.fakes import SteppingClock

Both = tuple[FeishuChannel, FeishuSimulator]


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def both(clock: SteppingClock) -> AsyncIterator[Both]:
    async with opened(clock) as (client, simulator):
        yield FeishuChannel(client, lambda _: WORDS, clock, files=files_of_nobody(clock)), simulator


@pytest.fixture
def channel(both: Both) -> FeishuChannel:
    return both[0]


@pytest.fixture
def simulator(both: Both) -> FeishuSimulator:
    return both[1]


@pytest.fixture
def outgoing(clock: SteppingClock) -> Outgoing:
    return Outgoing(
        id="01ABCDEFGHJKMN", version=1, chat_id="oc_1", card=Card("店铺"), created_at=clock.now(), reply_to="om_x@oc_1"
    )


def a_long_card(title: str = "补货") -> Card:
    rows = tuple((f"SKU-{n}", "长" * 100) for n in range(200))
    return Card(title, blocks=(Table((Column("SKU"), Column("备注")), rows, 200),))


def kept(simulator: FeishuSimulator) -> list[SentMessage]:
    return list(simulator.messages)


def shown(message: SentMessage) -> Any:
    return orjson.loads(message.current)


async def test_a_first_version_quotes_what_it_answers(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing
) -> None:
    handed = await channel.deliver(outgoing)
    (message,) = kept(simulator)
    assert (handed.platform_id, handed.state, handed.refusal) == (message.message_id, "accepted", "")
    assert (message.parent_id, message.msg_type) == ("om_x@oc_1", "interactive")
    assert message.uuid == "01ABCDEFGHJKMN-1-i0"


async def test_a_message_that_answers_nothing_is_sent_to_its_chat(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing
) -> None:
    await channel.deliver(replace(outgoing, reply_to="", chat_id="ou_1"))
    assert [(message.chat_id, message.parent_id) for message in kept(simulator)] == [("ou_1", "")]


async def test_a_repeated_hand_over_makes_no_second_message(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing
) -> None:
    simulator.drop_connection("reply", handled=True)
    with pytest.raises(UpstreamUnavailable):
        await channel.deliver(outgoing)
    handed = await channel.deliver(outgoing)
    assert [message.message_id for message in kept(simulator)] == [handed.platform_id]


async def test_a_recalled_question_is_answered_without_a_quote(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing
) -> None:
    simulator.messages.recall("om_x@oc_1")
    await channel.deliver(outgoing)
    assert [(message.chat_id, message.parent_id) for message in kept(simulator)] == [("oc_1", "")]


async def test_a_word_about_a_matter_stands_in_the_thread_of_its_card(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing
) -> None:
    word = Card("#1 还没人接手", matter="1")
    living = await channel.deliver(replace(outgoing, reply_to="", card=word))
    said = replace(outgoing, card=word, reply_to=living.platform_id)
    await channel.deliver(replace(said, id="01ABCDEFGHJKM1"))
    await channel.deliver(replace(said, id="01ABCDEFGHJKM2", event_id="01EVENT"))
    await channel.deliver(replace(said, id="01ABCDEFGHJKM3", card=Card("店铺")))
    assert [message.thread_id for message in kept(simulator)] == ["", f"omt_{living.platform_id}", "", ""]


async def test_where_there_are_no_threads_the_word_quotes_the_card(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing
) -> None:
    simulator.next_code(230071, "reply")
    await channel.deliver(replace(outgoing, card=Card("#1 还没人接手", matter="1")))
    assert [(message.parent_id, message.thread_id) for message in kept(simulator)] == [("om_x@oc_1", "")]


async def test_a_newer_version_replaces_the_card(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock
) -> None:
    first = await channel.deliver(outgoing)
    newer = newer_version(outgoing, Card("店铺 3"), first.platform_id, clock)
    assert await channel.deliver(newer) == first
    (message,) = kept(simulator)
    assert shown(message)["header"]["title"]["content"] == "店铺 3"


def newer_version(outgoing: Outgoing, card: Card, platform_id: str, clock: SteppingClock) -> Outgoing:
    return replace(
        outgoing, version=outgoing.version + 1, card=card, platform_id=platform_id, platform_sent_at=clock.now()
    )


async def test_a_card_older_than_two_weeks_gets_a_new_one_in_its_thread(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock
) -> None:
    plain = replace(outgoing, reply_to="")
    first = await channel.deliver(plain)
    newer = newer_version(plain, Card("新"), first.platform_id, clock)
    clock.moment += timedelta(days=14)
    second = await channel.deliver(newer)
    assert second.platform_id != first.platform_id
    assert simulator.messages.by_id[second.platform_id].parent_id == first.platform_id


@pytest.mark.parametrize("code", [230011, 230031, 230110, 230012])
async def test_a_card_that_cannot_be_edited_any_more_is_sent_anew(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock, code: int
) -> None:
    first = await channel.deliver(outgoing)
    simulator.next_code(code, "update")
    second = await channel.deliver(newer_version(outgoing, Card("新"), first.platform_id, clock))
    assert (second.refusal, len(kept(simulator))) == ("", 2)


async def test_a_card_too_big_for_one_message_is_several(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing
) -> None:
    handed = await channel.deliver(replace(outgoing, card=a_long_card()))
    messages = kept(simulator)
    assert handed.platform_id == ",".join(message.message_id for message in messages)
    titles = [shown(message)["header"]["title"]["content"] for message in messages]
    assert titles == [f"补货 {n}/{len(messages)}" for n in range(1, len(messages) + 1)]
    assert len(messages) > 1


async def test_pages_that_are_not_needed_any_more_are_emptied(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock
) -> None:
    first = await channel.deliver(replace(outgoing, card=a_long_card()))
    newer = newer_version(outgoing, Card("完成", blocks=(Text("好"),)), first.platform_id, clock)
    second = await channel.deliver(newer)
    bodies = [shown(message)["body"]["elements"][0]["tag"] for message in kept(simulator)]
    assert second == first
    assert bodies == ["markdown", *["hr"] * (len(bodies) - 1)]


async def test_pages_that_are_new_are_sent_behind_the_old_ones(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock
) -> None:
    first = await channel.deliver(outgoing)
    second = await channel.deliver(newer_version(outgoing, a_long_card(), first.platform_id, clock))
    ids = second.platform_id.split(",")
    assert ids == [message.message_id for message in kept(simulator)]
    assert ids[0] == first.platform_id
    assert len(ids) > 1


@pytest.mark.parametrize("code", [230099, 230025, 230001])
async def test_a_refused_card_goes_out_as_text_and_says_why(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, code: int
) -> None:
    simulator.next_code(code, "reply", message="ErrCode: 11310; ErrMsg: table number over limit")
    card = Card("补货", blocks=(Text("**A-1** <at id=all>"),), actions=(Action("批准", "批准 1"),))
    handed = await channel.deliver(replace(outgoing, card=card))
    (message,) = kept(simulator)
    assert shown(message) == {"text": "补货\n\nA-1 ＜at id=all>\n\n- 批准: 批准 1"}
    assert handed.refusal.startswith(f"{code}/11310")


async def test_a_newer_version_of_what_went_out_as_text_is_a_new_card(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock
) -> None:
    simulator.next_code(230099, "reply")
    first = await channel.deliver(outgoing)
    second = await channel.deliver(newer_version(outgoing, Card("新"), first.platform_id, clock))
    assert [message.msg_type for message in kept(simulator)] == ["text", "interactive"]
    assert second.refusal == ""


async def test_a_long_text_is_sent_in_pieces(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing
) -> None:
    simulator.next_code(230099, "reply")
    await channel.deliver(replace(outgoing, card=a_long_card()))
    texts = [shown(message)["text"] for message in kept(simulator)]
    assert len(texts) > 1
    assert all(f"SKU-{n} " in "".join(texts) for n in range(200))


@pytest.mark.parametrize("code", [230002, 230022, 232009])
async def test_a_chat_that_takes_nothing_is_an_error(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, code: int
) -> None:
    simulator.next_code(code, "reply")
    with pytest.raises(UpstreamRejected):
        await channel.deliver(outgoing)
    assert kept(simulator) == []


async def test_an_edit_refused_for_good_is_an_error(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock
) -> None:
    first = await channel.deliver(outgoing)
    simulator.next_code(230002, "update")
    with pytest.raises(UpstreamRejected):
        await channel.deliver(newer_version(outgoing, Card("新"), first.platform_id, clock))


async def test_what_was_first_tried_an_hour_ago_is_not_repeated_blindly(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock
) -> None:
    tried = replace(outgoing, first_tried_at=clock.now() - timedelta(minutes=56))
    with pytest.raises(UpstreamUnclear) as caught:
        await channel.deliver(tried)
    assert caught.value.code == "outcome_unknown"
    assert kept(simulator) == []


async def test_an_edit_may_be_repeated_at_any_time(
    channel: FeishuChannel, simulator: FeishuSimulator, outgoing: Outgoing, clock: SteppingClock
) -> None:
    first = await channel.deliver(outgoing)
    newer = newer_version(outgoing, Card("新"), first.platform_id, clock)
    await channel.deliver(replace(newer, first_tried_at=clock.now() - timedelta(hours=3)))
    assert [len(message.edits) for message in kept(simulator)] == [1]
