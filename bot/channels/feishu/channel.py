"""Feishu as a channel: cards are sent, quoted and edited in place; what the platform refuses goes out as text.

A list of which the card shows a part follows once as a file. Its message's id stands behind those of the card's pages
in ``platform_id``, marked, so that a newer version of the card neither edits nor repeats it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import orjson
import structlog

from bot.channels.base import Files, Handed, NoFile, Outgoing
from bot.channels.feishu.render import render
from bot.channels.markup import sendable
from bot.channels.plain import card_as_text, file_missing
from bot.contracts.cards import Card, Table
from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamAuthError, UpstreamRejected, UpstreamUnclear
from bot.contracts.feature import Words
from integrations.feishu.client import PLATFORM, Content, FeishuClient, MessageType
from integrations.feishu.errors import CARD_REFUSED, NOT_EDITABLE, PARENT_GONE
from integrations.http.multipart import Media

_UUID_PROTECTS = timedelta(minutes=55)
_EDITABLE_FOR = timedelta(days=13, hours=23)
_LONGEST_TEXT = 20_000  # characters; a text message may have 150 KB
_BETWEEN_IDS = ","
_FILE_MARK = "file:"

_log = structlog.get_logger("feishu")


class FeishuChannel:
    """Hands messages over. A card on several pages has its message ids joined by commas in ``platform_id``."""

    name = PLATFORM

    def __init__(self, client: FeishuClient, words: Callable[[str], Words], clock: Clock, *, files: Files) -> None:
        self._client = client
        self._words = words
        self._clock = clock
        self._files = files

    async def deliver(self, outgoing: Outgoing) -> Handed:
        """Send the card or edit its earlier version; as plain text if the platform refuses the card.

        Raises: UpstreamError; UpstreamUnclear with code ``outcome_unknown`` if the first try is so long ago
        that the platform would no longer notice a repeat.
        """
        known = outgoing.platform_id.split(_BETWEEN_IDS) if outgoing.platform_id else []
        files = [each for each in known if each.startswith(_FILE_MARK)]
        pages = [each for each in known if not each.startswith(_FILE_MARK)]
        handed = await self._deliver_card(replace(outgoing, platform_id=_BETWEEN_IDS.join(pages)))
        files = files or await self._send_files(replace(outgoing, platform_id=handed.platform_id))
        return replace(handed, platform_id=_BETWEEN_IDS.join((handed.platform_id, *files)))

    async def _deliver_card(self, outgoing: Outgoing) -> Handed:
        words = self._words(outgoing.card.language)
        pages = render(outgoing.card, words)
        try:
            return Handed(platform_id=await self._edit_or_send(outgoing, pages, words))
        except UpstreamRejected as error:
            if error.platform_code not in CARD_REFUSED:
                raise
            refusal = error.detail
        texts = tuple(_text_bodies(card_as_text(outgoing.card, words, by_number=False)))
        return Handed(platform_id=await self._send(outgoing, "text", texts), refusal=refusal)

    async def _send_files(self, outgoing: Outgoing) -> list[str]:
        """The marked ids of the messages that carry the card's long lists, or say why there is no file."""
        if outgoing.card.tone == "working":
            return []
        tables = [each for each in outgoing.card.blocks if isinstance(each, Table) and each.total > len(each.rows)]
        sent = [await self._send_file(outgoing, number, table) for number, table in enumerate(tables)]
        return [f"{_FILE_MARK}{message_id}" for message_id in sent if message_id]

    async def _send_file(self, outgoing: Outgoing, number: int, table: Table) -> str:
        """The id of the message; empty if there is nothing to send. A file that was refused is told of instead."""
        words = self._words(outgoing.card.language)
        made = await self._files.sheet(PLATFORM, outgoing, table, words)
        if isinstance(made, Media):
            try:
                body = orjson.dumps({"file_key": await self._client.upload(made)}).decode()
                return await self._put(outgoing, Content(kind="file", body=body, uuid=f"{outgoing.id}-f{number}"))
            except (UpstreamRejected, UpstreamAuthError) as error:
                _log.warning("file_refused", message=outgoing.id, detail=error.detail)
                made = NoFile.NOT_ACCEPTED
        if made is NoFile.NOT_TO_BE_HAD:
            return ""
        told = file_missing(table, outgoing.card, made, words("platform.feishu"), words)
        (body,) = _text_bodies(told)
        return await self._put(outgoing, Content(kind="text", body=body, uuid=f"{outgoing.id}-e{number}"))

    async def _edit_or_send(self, outgoing: Outgoing, pages: Sequence[str], words: Words) -> str:
        if outgoing.platform_id and self._is_editable(outgoing):
            try:
                return await self._edit(outgoing, pages, words)
            except UpstreamRejected as error:
                if error.platform_code not in NOT_EDITABLE:
                    raise
        sent = await self._send(outgoing, "interactive", pages)
        if outgoing.version == 1 or outgoing.platform_id:
            return sent
        # An earlier version may be there unnoticed: then sending only brought back its id.
        return await self._edit(replace(outgoing, platform_id=sent), pages, words)

    async def _edit(self, outgoing: Outgoing, pages: Sequence[str], words: Words) -> str:
        """Replace page by page; pages too many are emptied, pages too few are sent."""
        ids = outgoing.platform_id.split(_BETWEEN_IDS)
        emptied = render(Card(outgoing.card.title, outgoing.card.tone), words)
        filled = [*pages, *emptied * (len(ids) - len(pages))]
        for message_id, page in zip(ids, filled, strict=False):
            await self._client.update(message_id, page)
        if len(pages) <= len(ids):
            return outgoing.platform_id
        return _BETWEEN_IDS.join((*ids, await self._send(outgoing, "interactive", pages, start=len(ids))))

    async def _send(self, outgoing: Outgoing, kind: MessageType, bodies: Sequence[str], start: int = 0) -> str:
        first = outgoing.first_tried_at
        if first is not None and self._clock.now() - first > _UUID_PROTECTS:
            raise UpstreamUnclear(
                f"first tried at {first:%H:%M}", platform=PLATFORM, operation="send", code="outcome_unknown"
            )
        ids = []
        version = outgoing.version if outgoing.platform_id else 1  # all first tries are tries of one message
        for number, body in enumerate(bodies[start:], start=start):
            uuid = f"{outgoing.id}-{version}-{kind[0]}{number}"
            ids.append(await self._put(outgoing, Content(kind=kind, body=body, uuid=uuid)))
        return _BETWEEN_IDS.join(ids)

    async def _put(self, outgoing: Outgoing, content: Content) -> str:
        """One message, in the thread of or else quoting what it answers, or the version that it replaces."""
        parent_id = outgoing.reply_to or outgoing.platform_id.partition(_BETWEEN_IDS)[0]
        if not parent_id:
            return await self._client.send(outgoing.chat_id, content)
        try:
            return await self._reply(outgoing, parent_id, content)
        except UpstreamRejected as error:
            if error.platform_code not in PARENT_GONE:
                raise
        return await self._client.send(outgoing.chat_id, content)

    async def _reply(self, outgoing: Outgoing, parent_id: str, content: Content) -> str:
        if _stands_in_thread(outgoing):
            try:
                return await self._client.reply(parent_id, outgoing.chat_id, content, in_thread=True)
            except UpstreamRejected as error:  # a chat without threads gets the word all the same
                if error.platform_code in PARENT_GONE:
                    raise
        return await self._client.reply(parent_id, outgoing.chat_id, content)

    def _is_editable(self, outgoing: Outgoing) -> bool:
        sent_at = outgoing.platform_sent_at
        return sent_at is None or self._clock.now() - sent_at < _EDITABLE_FOR


def _stands_in_thread(outgoing: Outgoing) -> bool:
    """True for a word about a matter in a group, said to nobody's message, under the matter's card."""
    return bool(outgoing.card.matter) and not outgoing.event_id and not outgoing.chat_id.startswith("ou_")


def _text_bodies(text: str) -> Iterator[str]:
    """The text as message bodies. A "<" could mention everybody, so it is written as its full-width form."""
    harmless = sendable(text).replace("<", "＜")
    for start in range(0, max(1, len(harmless)), _LONGEST_TEXT):
        yield orjson.dumps({"text": harmless[start : start + _LONGEST_TEXT]}).decode()
