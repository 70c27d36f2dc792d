"""E-mail as a channel: outgoing only. A chat is a mail address; a card is one mail, and stays as it was sent."""

from collections.abc import Callable
from typing import Final

from bot.channels.base import Files, Handed, NoFile, Outgoing
from bot.channels.email.render import html, subject, text
from bot.channels.once import Once, said_enough
from bot.contracts.cards import Chart, Table
from bot.contracts.clock import Clock
from bot.contracts.feature import Words
from integrations.email.client import PLATFORM, EmailClient
from integrations.email.mail import Mail
from integrations.http.multipart import Media
from storage.database import Database

_PART: Final = "m"


class EmailChannel:
    """Hands mails over, each once. Links to actions begin with ``public_url``; without it there are none."""

    name = PLATFORM

    def __init__(
        self,
        client: EmailClient,
        database: Database,
        words: Callable[[str], Words],
        clock: Clock,
        *,
        files: Files,
        public_url: str,
    ) -> None:
        self._client = client
        self._once = Once(platform=PLATFORM, database=database, clock=clock)
        self._words = words
        self._files = files
        self._public_url = public_url

    async def deliver(self, outgoing: Outgoing) -> Handed:
        """Send the card, with its charts as pictures and its long lists as spreadsheets.

        A card that will be replaced waits for that, and after the first one no newer version goes out.
        Raises: UpstreamError; UpstreamUnclear with code ``outcome_unknown`` if the mail may have been taken.
        """
        if outgoing.card.tone == "working":
            return Handed(platform_id="", state="pending")
        earlier = await self._once.earlier(outgoing)
        if said_enough(outgoing, earlier):
            return Handed(platform_id=outgoing.platform_id)
        mail = await self._mail(outgoing)
        async with self._client.turn():
            await self._once.hand_over(outgoing, _PART, earlier, lambda: self._client.send(mail))
        return Handed(platform_id=mail.id)

    async def _mail(self, outgoing: Outgoing) -> Mail:
        card, words = outgoing.card, self._words(outgoing.card.language)
        pictures: list[Media] = []
        numbers: list[int | None] = []
        sheets: list[Media] = []
        for block in card.blocks:
            if isinstance(block, Chart):
                picture = await self._files.picture(outgoing, block, words)
                numbers.append(None if isinstance(picture, NoFile) else len(pictures))
                pictures += [] if isinstance(picture, NoFile) else [picture]
            elif isinstance(block, Table) and block.total > len(block.rows):
                sheet = await self._files.sheet(PLATFORM, outgoing, block, words)
                sheets += [] if isinstance(sheet, NoFile) else [sheet]
        return Mail(
            id=f"{outgoing.id}-{outgoing.version}",
            to=outgoing.chat_id,
            subject=subject(card),
            text=text(card, words, self._public_url),
            html=html(card, words, self._public_url, numbers),
            thread=card.matter,
            pictures=tuple(pictures),
            attachments=tuple(sheets),
        )
