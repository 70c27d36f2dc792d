"""The engines that keep the contract: one more factory here, and every test of it runs against one more engine."""

from collections.abc import Callable
from datetime import timedelta

from bot.contracts.clock import Clock, id_source
from bot.jobs.embedded import EmbeddedEngine
from bot.jobs.engine import Engine
from storage.database import Database

MOST_STARTS = 4
"""Of a job that kills its process."""

LEASE = timedelta(seconds=1)
POLL = timedelta(milliseconds=100)
"""How soon processes that share a database notice each other's death, and each other's offers at the latest."""

EngineFactory = Callable[[Database, Clock], Engine]


def embedded(database: Database, clock: Clock) -> Engine:
    """The engine inside one process."""
    return EmbeddedEngine(database, clock, id_source(clock), most_starts=MOST_STARTS)


def distributed(database: Database, clock: Clock) -> Engine:
    """One of many processes over PostgreSQL."""
    from bot.jobs.distributed import DistributedEngine, Pace  # takes a while, and not every process needs it

    pace = Pace(lease=LEASE, poll=POLL)
    return DistributedEngine(database, clock, id_source(clock), most_starts=MOST_STARTS, pace=pace)


ENGINES: dict[str, EngineFactory] = {"embedded": embedded, "distributed": distributed}
