"""What goes along with a message as a file: made when it is sent, from what it shows or from its command; kept nowhere.

A list of which a card shows a part is read again through the card's own command, for the person whom it answers and
with the same check as if they had typed it. So a message that waits holds a command, never a file.
"""

from typing import Final

import structlog

from bot.channels.base import NoFile, Outgoing
from bot.channels.chart import chart_svg
from bot.channels.plain import rows_missing
from bot.contracts.cards import Card, Chart, Table
from bot.contracts.errors import AssistantError
from bot.contracts.feature import Person, Words
from bot.heavy.worker import HeavyWorker, HeavyWorkFailed
from bot.reading import Place, Reading
from integrations.http.multipart import PNG_TYPE, XLSX_TYPE, Media
from storage.database import Database
from storage.inbox.store import kind_of_chat, load_event
from storage.people.store import find_person, person_by_id

_LONGEST_NAME: Final = 60

_log = structlog.get_logger("attachments")


class Attachments:
    """``bot.channels.base.Files`` for every channel."""

    def __init__(self, database: Database, reading: Reading, heavy: HeavyWorker, *, zone: str) -> None:
        self._database = database
        self._reading = reading
        self._heavy = heavy
        self._zone = zone

    async def picture(self, outgoing: Outgoing, chart: Chart, words: Words) -> Media | NoFile:
        """The chart as PNG."""
        try:
            content = await self._heavy.png(chart_svg(chart, words, standalone=True))
        except HeavyWorkFailed as error:
            return _failed(outgoing, error)
        return Media(file_name(chart.title or outgoing.card.title, "png"), PNG_TYPE, content)

    async def sheet(self, channel: str, outgoing: Outgoing, table: Table, words: Words) -> Media | NoFile:
        """All rows of the table as they are now."""
        title = table.title or outgoing.card.title
        try:
            whole = await self._whole(channel, outgoing, table, words)
            if whole is None:
                return NoFile.NOT_TO_BE_HAD
            content = await self._heavy.xlsx(whole, title=title, zone=self._zone)
        except (HeavyWorkFailed, AssistantError) as error:
            return _failed(outgoing, error)
        return Media(file_name(title, "xlsx"), XLSX_TYPE, content)

    async def _whole(self, channel: str, outgoing: Outgoing, table: Table, words: Words) -> Table | None:
        """The table with all its rows; None if it belongs to nobody, or its command shows another list."""
        if not rows_missing(table, words):
            return table
        place = await self._place(channel, outgoing)
        if place is None or not table.more:
            return None
        reply = await self._reading.again(table.more, place, words)
        return whole_table(reply.cards, table, words)

    async def _place(self, channel: str, outgoing: Outgoing) -> Place | None:
        """Whom and where the message answers; one of our own belongs to its reader, else to whose chat it is."""
        async with self._database.read() as reader:
            event = await load_event(reader, outgoing.event_id) if outgoing.event_id else None
            sender_id = event.sender_id if event else outgoing.card.reader_id or outgoing.chat_id
            if outgoing.card.reader_id and event is None:
                person = await person_by_id(reader, outgoing.card.reader_id) or Person()
            else:
                person, _ = await find_person(reader, channel, sender_id)
            kind = await kind_of_chat(reader, channel, outgoing.chat_id)
        if not person.id:
            return None
        return Place(person=person, channel=channel, chat_id=outgoing.chat_id, chat_kind=kind, sender_id=sender_id)


def whole_table(cards: tuple[Card, ...], part: Table, words: Words) -> Table | None:
    """The table with the same columns as ``part`` and with all its rows, if one of the cards has it."""
    tables = (block for card in cards for block in card.blocks if isinstance(block, Table))
    return next((each for each in tables if each.columns == part.columns and not rows_missing(each, words)), None)


def file_name(title: str, ending: str) -> str:
    """A name for a file that any system can keep."""
    shown = "".join(" " if sign in '\\/:*?"<>|' or not sign.isprintable() else sign for sign in title)
    return f"{' '.join(shown.split())[:_LONGEST_NAME] or 'zhanggui'}.{ending}"


def _failed(outgoing: Outgoing, error: Exception) -> NoFile:
    _log.warning("file_not_made", message=outgoing.id, error=type(error).__name__)
    return NoFile.NOT_MADE
