"""Which engine serves, and what a process of each role does: by the database and by what is installed."""

from importlib.util import find_spec
from typing import Literal, get_args

from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import ConfigError, SettingProblem
from bot.jobs.embedded import EmbeddedEngine
from bot.jobs.engine import Engine, ObserveJob
from storage.database import Database

Role = Literal["all", "web", "worker"]
"""``web`` answers and stores, ``worker`` runs the jobs, ``all`` does both."""
ROLES: tuple[Role, ...] = get_args(Role)


def is_shared(database: Database) -> bool:
    """Many processes may work on this database: it is PostgreSQL, and the extra ``scale`` is installed."""
    return not database.is_sqlite and find_spec("pgqueuer") is not None


def check_role(database: Database, role: Role) -> None:
    """Raises: ConfigError if one process alone can work on this database, and the role wants several."""
    if role == "all" or is_shared(database):
        return
    if database.is_sqlite:
        problem = f"{role} needs several processes, and a SQLite file serves one: use all, or set DATABASE_URL"
        raise ConfigError([SettingProblem("--role", problem, "postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE")])
    problem = f"{role} needs the extra scale, which whoever installed this program can add; until then use all"
    raise ConfigError([SettingProblem("--role", problem, "pip install 'zhanggui[scale]'")])


def choose_engine(database: Database, clock: Clock, new_id: NewId, *, observe: ObserveJob, role: Role) -> Engine:
    """The engine of one process, not yet started."""
    if not is_shared(database):
        return EmbeddedEngine(database, clock, new_id, observe=observe)

    from bot.jobs.distributed import DistributedEngine  # PgQueuer takes a third of a second

    return DistributedEngine(database, clock, new_id, observe=observe, works=role != "web")
