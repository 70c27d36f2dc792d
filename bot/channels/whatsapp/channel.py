"""WhatsApp as a channel: nothing there can be edited, and nothing protects a repeat.

So a card goes out as its first and its final version only, every part is noted before it leaves, and a part whose
answer got lost is not sent again: a status names it, or after a while its outcome is called unknown. The parts of a
card are its texts and then its files; a file is made and uploaded just before it is sent.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.channels.base import Files, Handed, NoFile, Outgoing
from bot.channels.markup import short
from bot.channels.plain import card_as_text
from bot.channels.whatsapp.render import attached, excuse, plain_texts, render
from bot.contracts.cards import Card, Chart, Table
from bot.contracts.clock import Clock
from bot.contracts.errors import AssistantError, UpstreamError, UpstreamRejected, UpstreamUnclear
from bot.contracts.feature import Words
from integrations.whatsapp.client import PLATFORM, WhatsAppClient
from integrations.whatsapp.contents import LONGEST_CAPTION, Content, Template, document, image, template
from integrations.whatsapp.errors import CONTENT_REFUSED, WINDOW_CLOSED
from storage.database import Database
from storage.inbox.store import last_heard_at
from storage.outbox.handovers import advance_handover, begin_handover, list_handovers, withdraw_handover
from storage.outbox.rows import Handover

WINDOW = timedelta(hours=24)
_MARGIN = timedelta(minutes=3)  # between our look at the window and the platform's
_LANGUAGE_CODES = {"zh": "zh_CN", "en": "en"}
_TEMPLATE_PART = "t"

_log = structlog.get_logger("whatsapp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """What goes out when the window is closed: ``name`` or ``name:language``; empty if there is none."""

    alert: str = ""
    notice: str = ""

    def for_card(self, card: Card) -> Template | None:
        """The template that announces the card; one for notices also announces alerts."""
        chosen = (card.tone in ("warning", "bad") and self.alert) or self.notice
        name, _, language = chosen.partition(":")
        return Template(name, language or _LANGUAGE_CODES[card.language]) if name else None


class WhatsAppChannel:
    """Hands messages over, part by part; their ids are joined by commas in ``platform_id``."""

    name = PLATFORM

    def __init__(
        self,
        client: WhatsAppClient,
        database: Database,
        words: Callable[[str], Words],
        clock: Clock,
        *,
        templates: Templates,
        files: Files,
    ) -> None:
        self._client = client
        self._database = database
        self._words = words
        self._clock = clock
        self._templates = templates
        self._files = files

    async def deliver(self, outgoing: Outgoing) -> Handed:
        """Send the card, or its announcement outside the window; as plain text if the platform refuses the card.

        Raises: UpstreamError; UpstreamRejected with code ``whatsapp_window`` if the window is closed and no
        template is set for it.
        """
        async with self._database.glance() as reader:
            earlier = await list_handovers(reader, outgoing.id)
            heard_at = await last_heard_at(reader, PLATFORM, outgoing.chat_id)
        if _said_enough(outgoing, earlier):
            return Handed(platform_id=outgoing.platform_id, is_followed=True)
        if _window_closed_for(outgoing, earlier) or not self._is_open(heard_at):
            return await self._announce(outgoing, earlier)
        try:
            return await self._send_card(outgoing, earlier)
        except UpstreamRejected as error:
            if error.platform_code != WINDOW_CLOSED:
                raise
        return await self._announce(outgoing, earlier)

    async def _send_card(self, outgoing: Outgoing, earlier: Sequence[Handover]) -> Handed:
        words = self._words(outgoing.card.language)
        refusal = ""
        try:
            await self._send_all(outgoing, _named(render(outgoing.card, words), ""), earlier, quoting=outgoing.reply_to)
        except UpstreamRejected as error:
            if error.platform_code not in CONTENT_REFUSED:
                raise
            refusal = error.detail
            texts = plain_texts(card_as_text(outgoing.card, words))
            await self._send_all(outgoing, _named(texts, "x"), earlier, quoting=outgoing.reply_to)
        await self._mark_read(outgoing)
        for number, block in enumerate(attached(outgoing.card)):
            await self._send_file(outgoing, f"f{number}", block, earlier)
        return Handed(platform_id="", state="pending", refusal=refusal, is_followed=True)

    async def _send_file(
        self, outgoing: Outgoing, name: str, block: Chart | Table, earlier: Sequence[Handover]
    ) -> None:
        """Send a chart or a table as a file, or say why there is none. What left or was explained before is done."""
        left = {each.id: each for each in earlier}
        sent = left.get(_part_id(outgoing, name))
        if sent is not None and not _refused_late(sent):
            return
        is_refused = sent is not None or _part_id(outgoing, f"{name}x0") in left
        missing = NoFile.NOT_ACCEPTED if is_refused else await self._try_file(outgoing, name, block)
        if missing is None or missing is NoFile.NOT_TO_BE_HAD:
            return
        told = excuse(block, outgoing.card, missing, self._words(outgoing.card.language))
        await self._send_all(outgoing, _named(told, f"{name}x"), earlier, quoting="")
        if sent is not None:
            async with self._database.begin() as tx:
                await withdraw_handover(tx, sent.id)  # the explanation's fate is now the message's

    async def _try_file(self, outgoing: Outgoing, name: str, block: Chart | Table) -> NoFile | None:
        """Make, upload and send it. An upload is harmless to repeat: what no message carries is never seen."""
        words = self._words(outgoing.card.language)
        if isinstance(block, Chart):
            made = await self._files.picture(outgoing, block, words)
        else:
            made = await self._files.sheet(PLATFORM, outgoing, block, words)
        if isinstance(made, NoFile):
            return made
        caption = short(block.title or outgoing.card.title, LONGEST_CAPTION)
        try:
            media_id = await self._client.upload(made)
            is_picture = isinstance(block, Chart)
            content = image(media_id, caption) if is_picture else document(media_id, made.name, caption)
            await self._send_part(outgoing, _part_id(outgoing, name), content, "")
        except UpstreamRejected as error:
            if error.platform_code not in CONTENT_REFUSED:
                raise
            _log.warning("file_refused", message=outgoing.id, part=name, detail=error.detail)
            return NoFile.NOT_ACCEPTED
        return None

    async def _announce(self, outgoing: Outgoing, earlier: Sequence[Handover]) -> Handed:
        """Outside the window only a template may say that there is something to read."""
        chosen = self._templates.for_card(outgoing.card)
        if chosen is None:
            raise UpstreamRejected(
                "24 hours since the person wrote, and no template is set",
                platform=PLATFORM,
                operation="send",
                platform_code=WINDOW_CLOSED,
                code="whatsapp_window",
            )
        announcement = {_TEMPLATE_PART: template(chosen, [outgoing.card.title])}
        await self._send_all(outgoing, announcement, earlier, quoting=outgoing.reply_to)
        async with self._database.begin() as tx:
            for each in earlier:
                if each.version == outgoing.version and each.id != _part_id(outgoing, _TEMPLATE_PART):
                    await withdraw_handover(tx, each.id)  # the announcement's fate is now the message's
        refusal = f"{WINDOW_CLOSED}: template {chosen.name} instead"
        return Handed(platform_id="", state="pending", refusal=refusal, is_followed=True)

    async def _send_all(
        self, outgoing: Outgoing, parts: Mapping[str, Content], earlier: Sequence[Handover], *, quoting: str
    ) -> None:
        """Each part that has not left yet, in order; only the first quotes the message ``quoting``."""
        left = {handover.id for handover in earlier}
        for name, content in parts.items():
            handover_id = _part_id(outgoing, name)
            if handover_id not in left:
                await self._send_part(outgoing, handover_id, content, quoting)
            quoting = ""

    async def _send_part(self, outgoing: Outgoing, handover_id: str, content: Content, quoting: str) -> None:
        async with self._client.turn(outgoing.chat_id):
            await self._begin(outgoing, handover_id)
            try:
                platform_id = await self._client.send(outgoing.chat_id, content, echo=handover_id, quoting=quoting)
            except UpstreamUnclear as error:
                _log.warning("outcome_open", handover=handover_id, detail=error.detail)
                return  # a status will tell, or nothing in time
            except UpstreamError:
                async with self._database.begin() as tx:
                    await withdraw_handover(tx, handover_id)
                raise
        async with self._database.begin() as tx:
            await advance_handover(tx, handover_id, state="accepted", platform_id=platform_id)

    async def _begin(self, outgoing: Outgoing, handover_id: str) -> None:
        handover = Handover(
            id=handover_id,
            message_id=outgoing.id,
            version=outgoing.version,
            is_final=outgoing.card.tone != "working",
            platform_id="",
            state="pending",
            error="",
            begun_at=self._clock.now(),
        )
        async with self._database.begin() as tx:
            await begin_handover(tx, handover)

    async def _mark_read(self, outgoing: Outgoing) -> None:
        if outgoing.reply_to:
            with suppress(AssistantError):  # a courtesy; the transport has logged why
                await self._client.mark_read(outgoing.reply_to)

    def _is_open(self, heard_at: datetime | None) -> bool:
        return heard_at is not None and self._clock.now() - heard_at < WINDOW - _MARGIN


def _part_id(outgoing: Outgoing, name: str) -> str:
    return f"{outgoing.id}-{outgoing.version}-{name}"


def _refused_late(sent: Handover) -> bool:
    """True if the platform said afterwards that it could not pass the part on as it is."""
    return sent.state == "failed" and sent.error.partition(" ")[0] in CONTENT_REFUSED


def _named(parts: Sequence[Content], mark: str) -> dict[str, Content]:
    return {f"{mark}{number}": content for number, content in enumerate(parts)}


def _said_enough(outgoing: Outgoing, earlier: Sequence[Handover]) -> bool:
    """True for what nobody needs twice: news of a card whose final version left, and a second "working"."""
    before = [each for each in earlier if each.version < outgoing.version]
    return any(each.is_final for each in before) or (bool(before) and outgoing.card.tone == "working")


def _window_closed_for(outgoing: Outgoing, earlier: Sequence[Handover]) -> bool:
    """True if the platform said so late about this very version."""
    mine = [each for each in earlier if each.version == outgoing.version]
    return any(each.state == "failed" and each.error.startswith(WINDOW_CLOSED) for each in mine)
