"""What a card in the chat can be taken along as: its tables as spreadsheets with all rows, its charts as pictures."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from bot.channels.chart import chart_svg
from bot.channels.plain import rows_missing
from bot.channels.web import TEAM_CHAT
from bot.console.chat import chats_of
from bot.console.deps import ConsoleDeps
from bot.console.gate import Refusal, Visitor
from bot.contracts.cards import Card, Chart, Table
from bot.contracts.errors import AssistantError
from bot.contracts.events import ChatKind
from bot.contracts.feature import Words
from bot.heavy.worker import HeavyWorkFailed
from storage.outbox.rows import StoredMessage
from storage.outbox.store import load_message

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Files:
    """Files made when somebody asks for them; none is kept."""

    def __init__(self, deps: ConsoleDeps) -> None:
        self._deps = deps

    async def serve(self, request: web.Request, visitor: Visitor) -> web.Response:
        """One block of one card that stands in a chat of the visitor, as ``.xlsx`` or ``.png``."""
        message = await self._message(request, visitor)
        number = request.match_info["block"]
        block = message.card.blocks[int(number)] if int(number) < len(message.card.blocks) else None
        words = self._deps.words(message.card.language)
        try:
            match block, request.match_info["kind"]:
                case Table(), "xlsx":
                    return await self._sheet(block, message, visitor, words)
                case Chart(), "png":
                    picture = await self._deps.heavy.png(chart_svg(block, words, standalone=True))
                    return file_response(picture, "image/png", block.title or message.card.title, "png")
                case _:
                    raise Refusal(404, "no_page")
        except (HeavyWorkFailed, AssistantError) as error:
            raise Refusal(503, "no_file") from error

    async def _message(self, request: web.Request, visitor: Visitor) -> StoredMessage:
        async with self._deps.database.read() as reader:
            message = await load_message(reader, request.match_info["message"])
        if message is None or message.channel != "web" or message.chat_id not in chats_of(visitor).values():
            raise Refusal(404, "no_page")
        return message

    async def _sheet(self, table: Table, message: StoredMessage, visitor: Visitor, words: Words) -> web.Response:
        """The rows as they stood on the card; where some are missing there, all of them as they are now."""
        if table.more and table.total > len(table.rows):
            kind: ChatKind = "group" if message.chat_id == TEAM_CHAT else "private"
            reply = await self._deps.whole(table.more, visitor.person, message.chat_id, kind, words)
            table = _first_table(reply.cards) or table
        if missing := rows_missing(table, words):
            raise AssistantError(detail=missing[0])
        title = table.title or message.card.title
        made = await self._deps.heavy.xlsx(table, title=title, zone=self._deps.zone)
        return file_response(made, XLSX, title, "xlsx")


def _first_table(cards: tuple[Card, ...]) -> Table | None:
    return next((block for card in cards for block in card.blocks if isinstance(block, Table)), None)


def file_response(content: bytes, content_type: str, title: str, ending: str) -> web.Response:
    """A file to be saved under its title."""
    name = quote(f"{title[:60]}.{ending}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return web.Response(body=content, content_type=content_type, headers=headers)
