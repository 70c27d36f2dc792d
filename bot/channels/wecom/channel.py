"""WeCom's group robots as a channel: outgoing only. A chat is a robot, by its name in the settings."""

from collections.abc import Callable, Sequence

from bot.channels.base import Handed, Outgoing
from bot.channels.markup import sendable
from bot.channels.once import Once, said_enough
from bot.channels.plain import card_as_text
from bot.channels.wecom.render import render, split
from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamRejected
from bot.contracts.feature import Words
from integrations.wecom.client import LONGEST, PLATFORM, Form, WeComClient
from integrations.wecom.errors import CONTENT_REFUSED
from storage.database import Database
from storage.outbox.rows import Handover


class WeComChannel:
    """Has robots say cards, each part once. Links to actions begin with ``public_url``; without it there are none."""

    name = PLATFORM

    def __init__(
        self,
        client: WeComClient,
        database: Database,
        words: Callable[[str], Words],
        clock: Clock,
        *,
        public_url: str,
    ) -> None:
        self._client = client
        self._once = Once(platform=PLATFORM, database=database, clock=clock)
        self._words = words
        self._public_url = public_url

    async def deliver(self, outgoing: Outgoing) -> Handed:
        """Say the card in as many messages as it needs; as plain text if the platform refuses it.

        A card that will be replaced waits for that, and after the first one no newer version goes out.
        Raises: UpstreamError; UpstreamUnclear with code ``outcome_unknown`` if a part may have arrived.
        """
        card, words = outgoing.card, self._words(outgoing.card.language)
        if card.tone == "working":
            return Handed(platform_id="", state="pending")
        earlier = await self._once.earlier(outgoing)
        if said_enough(outgoing, earlier):
            return Handed(platform_id=outgoing.platform_id)
        try:
            parts = render(card, words, self._public_url, longest=LONGEST["markdown"])
            await self._say(outgoing, earlier, "markdown", parts)
        except UpstreamRejected as error:
            if error.platform_code not in CONTENT_REFUSED:
                raise
            text = sendable(card_as_text(card, words, by_number=False))
            await self._say(outgoing, earlier, "text", split(text, LONGEST["text"]))
            return Handed(platform_id="", refusal=error.detail)
        return Handed(platform_id="")

    async def _say(self, outgoing: Outgoing, earlier: Sequence[Handover], form: Form, parts: Sequence[str]) -> None:
        for number, part in enumerate(parts):
            async with self._client.turn(outgoing.chat_id):
                await self._once.hand_over(
                    outgoing,
                    f"{form[0]}{number}",
                    earlier,
                    lambda part=part: self._client.send(outgoing.chat_id, form, part),  # type: ignore[misc]
                )
