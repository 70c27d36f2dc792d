"""Text messages as a channel: outgoing only. A chat is a telephone number with its country, such as 447700900100."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.channels.base import Handed, Outgoing
from bot.channels.sms.render import render
from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamUnclear
from bot.contracts.feature import Words
from integrations.sms.provider import LONGEST, PLATFORM, SmsProvider

_KEY_PROTECTS: Final = timedelta(hours=23)


class SmsChannel:
    """Hands texts over; the provider sends one once, however often it is handed over."""

    name = PLATFORM

    def __init__(self, provider: SmsProvider, words: Callable[[str], Words], clock: Clock, *, public_url: str) -> None:
        self._provider = provider
        self._words = words
        self._clock = clock
        self._public_url = public_url

    async def deliver(self, outgoing: Outgoing) -> Handed:
        """Send what of the card fits into three parts. ``accepted`` until the provider reports more.

        A card that will be replaced waits for that, and after the first one no newer version goes out.
        Raises: UpstreamError; UpstreamUnclear with code ``outcome_unknown`` if the first try is so long ago that
        the provider would no longer notice a repeat.
        """
        if outgoing.card.tone == "working":
            return Handed(platform_id="", state="pending")
        if outgoing.platform_id:
            return Handed(platform_id=outgoing.platform_id)
        first = outgoing.first_tried_at
        if first is not None and self._clock.now() - first > _KEY_PROTECTS:
            raise UpstreamUnclear(
                f"first tried at {first:%H:%M}", platform=PLATFORM, operation="send", code="outcome_unknown"
            )
        text = render(outgoing.card, self._words(outgoing.card.language), self._public_url, longest=LONGEST)
        key = f"{outgoing.id}-{outgoing.version}"
        return Handed(platform_id=await self._provider.send(outgoing.chat_id, text, key=key))
