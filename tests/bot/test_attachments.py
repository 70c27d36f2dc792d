"""Files that go along with a message."""

from datetime import timedelta

import pytest

from bot.attachments import Attachments, file_name, whole_table
from bot.channels.base import NoFile, Outgoing
from bot.commands import CommandBook
from bot.contracts.cards import Card, Chart, Column, Note, Series, Table
from bot.contracts.clock import SystemClock, id_source
from bot.heavy.worker import HeavyWorker
from bot.reading import Reading
from storage.database import Database
from tests.bot.channels.made_cards import WORDS

CLOCK = SystemClock()
CHART = Chart("日销量", "line", ("10-01",), (Series("US", (1.0,)),))
PART = Table((Column("SKU"),), (("A-1",),), total=2, more="补货 #2")
WHOLE = Table((Column("SKU"),), (("A-1",), ("A-2",)), total=2)
OTHER = Table((Column("店铺"),), (("A",), ("B",)), total=2)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("补货：全部", "补货：全部.xlsx"),
        ("a/b\\c:d\n*", "a b c d.xlsx"),
        ("", "zhanggui.xlsx"),
        ("长" * 99, "长" * 60 + ".xlsx"),
    ],
)
def test_any_title_makes_a_name_that_can_be_kept(title: str, name: str) -> None:
    assert file_name(title, "xlsx") == name


def test_the_same_list_with_all_its_rows_is_found() -> None:
    cards = (Card("x", blocks=(Note("n"), OTHER)), Card("y", blocks=(WHOLE,)))
    assert whole_table(cards, PART, WORDS) is WHOLE


@pytest.mark.parametrize("found", [OTHER, PART])
def test_another_list_or_a_part_of_it_is_not_the_list(found: Table) -> None:
    assert whole_table((Card("x", blocks=(found,)),), PART, WORDS) is None


async def test_what_cannot_be_made_is_said(sqlite_url: str) -> None:
    database, worker = Database(sqlite_url), HeavyWorker(CLOCK, longest=timedelta())
    reading = Reading(database, CommandBook(()), CLOCK, id_source(CLOCK))
    files = Attachments(database, reading, worker, zone="UTC")
    outgoing = Outgoing(id="M1", version=1, chat_id="44", card=Card("库存"), created_at=CLOCK.now())
    assert await files.picture(outgoing, CHART, WORDS) is NoFile.NOT_MADE
    assert await files.sheet("whatsapp", outgoing, WHOLE, WORDS) is NoFile.NOT_MADE
    assert await files.sheet("whatsapp", outgoing, PART, WORDS) is NoFile.NOT_TO_BE_HAD
    await worker.close()
    await database.close()
