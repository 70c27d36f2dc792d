"""A web message is delivered to whoever has its chat open."""

from datetime import UTC, datetime

from bot.channels.base import Handed, Outgoing
from bot.channels.web import ChatLive, WebChannel, chat_topic, private_chat
from bot.contracts.cards import Card

ANSWER = Outgoing(
    id="M1",
    version=2,
    chat_id=private_chat("wei"),
    card=Card("库存"),
    created_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
)


async def test_a_message_appears_in_its_chat_only() -> None:
    live = ChatLive()
    with live.listen(chat_topic("private:wei")) as wei, live.listen(chat_topic("team")) as team:
        await WebChannel(live).deliver(ANSWER)
        assert (wei.get_nowait(), team.empty()) == (ANSWER, True)


async def test_it_counts_as_delivered_because_the_outbox_keeps_it() -> None:
    assert await WebChannel(ChatLive()).deliver(ANSWER) == Handed(platform_id="M1", state="delivered")
