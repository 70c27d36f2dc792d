"""The engines that keep the contract: one more factory here, and every test of it runs against one more engine."""

from collections.abc import Callable

from bot.contracts.clock import Clock, id_source
from bot.jobs.embedded import EmbeddedEngine
from bot.jobs.engine import Engine
from storage.database import Database

MOST_STARTS = 4
"""Of a job that kills its process."""

EngineFactory = Callable[[Database, Clock], Engine]


def embedded(database: Database, clock: Clock) -> Engine:
    """The engine inside one process."""
    return EmbeddedEngine(database, clock, id_source(clock), most_starts=MOST_STARTS)


ENGINES: dict[str, EngineFactory] = {"embedded": embedded}
