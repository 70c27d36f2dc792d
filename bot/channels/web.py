"""The console's chat as a channel: a message is delivered by telling the browsers that look, the outbox keeps it."""

from typing import Final

from bot.channels.base import Handed, Outgoing
from bot.contracts.events import Event
from bot.live import Live

TEAM_CHAT: Final = "team"
"""The one group of the web chat."""

ChatLive = Live[Event | Outgoing]


def private_chat(person_id: str) -> str:
    """The chat id of a person's private web chat."""
    return f"private:{person_id}"


def chat_topic(chat_id: str) -> str:
    """The live topic on which a web chat's messages appear."""
    return f"chat:{chat_id}"


class WebChannel:
    """Delivers to open browsers; the others read the outbox when they come."""

    name = "web"

    def __init__(self, live: ChatLive) -> None:
        self._live = live

    async def deliver(self, outgoing: Outgoing) -> Handed:
        """Show the message, or its newer version, in every browser that has the chat open."""
        self._live.publish(chat_topic(outgoing.chat_id), outgoing)
        return Handed(platform_id=outgoing.id, state="delivered")
