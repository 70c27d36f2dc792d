"""A person who asks, and the words to answer with."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from bot.contracts.feature import Asking, Grant, Person, Words
from bot.words import load_catalogue, machine_texts
from handlers.registry import text_folders

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@cache
def some_words(language: str = "zh") -> Words:
    """The real catalogues in one language."""
    return load_catalogue((machine_texts(), *text_folders()), timezone=ZoneInfo("Asia/Shanghai")).words(language)


def an_asking(*, language: str = "zh", now: datetime = NOW, event_id: str = "EVENT000000001") -> Asking:
    """An operator who asks in an enabled group."""
    return Asking(
        person=Person(id="P1", name="林", grants=(Grant("operator"),)),
        channel="web",
        chat_id="team",
        chat_kind="group",
        chat_enabled=True,
        sender_id="P1",
        sender_name="林",
        event_id=event_id,
        now=now,
        written_at=now,
        received_at=now,
        words=some_words(language),
        reply_key=f"reply:{event_id}:0",
    )
