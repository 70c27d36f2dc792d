"""Attachments where nobody is known and no command exists."""

from datetime import timedelta

from bot.attachments import Attachments
from bot.commands import CommandBook
from bot.contracts.clock import Clock, id_source
from bot.heavy.worker import HeavyWorker
from bot.reading import Reading
from storage.database import Database


def files_of_nobody(clock: Clock) -> Attachments:
    """Makes no file: its worker is given no time, and its database is never opened."""
    database = Database("sqlite+aiosqlite:///nowhere/never.db")
    reading = Reading(database, CommandBook(()), clock, id_source(clock))
    return Attachments(database, reading, HeavyWorker(clock, longest=timedelta()), zone="UTC")
