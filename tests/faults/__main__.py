"""Many rounds of kills on both databases; a table, then a line per figure.

python -m tests.faults [ROUNDS] [SEED]
"""

import asyncio
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from random import Random

from storage.database import Database
from storage.migrate import migrate
from tests.bench.report import Figure, show
from tests.faults.siege import Losses, Siege
from tests.faults.town import open_town
from tests.postgres import private_postgres

ROUNDS = 100


async def besiege(database_url: str, rounds: int, seed: int) -> Losses:
    """Rounds on an empty database. Everything that went wrong is told on standard error as well."""
    database = Database(database_url)
    await migrate(database)
    await database.close()
    with tempfile.TemporaryDirectory(prefix="zhanggui-faults-") as folder:
        async with open_town(Path(folder), database_url, prefix=f"s{seed}") as town:
            losses = await Siege(town, Random(seed)).lay(rounds)
    print(database_url.partition("+")[0], asdict(losses), file=sys.stderr, flush=True)  # noqa: T201
    return losses


def figures(kind: str, losses: Losses) -> list[Figure]:
    """``kill9_lost`` and ``kill9_doubled``; ``kind`` is part of the name."""
    asked = f"of {losses.asked} messages, counted by the simulated Feishu"
    return [
        Figure(f"kill9{kind}_lost", len(losses.lost) + len(losses.unfinished), "==", 0, asked),
        Figure(f"kill9{kind}_doubled", len(losses.doubled) + len(losses.effects_doubled), "==", 0, asked),
    ]


def main(rounds: int = ROUNDS, seed: int = 1) -> None:
    with tempfile.TemporaryDirectory(prefix="zhanggui-faults-") as folder:
        on_sqlite = asyncio.run(besiege(f"sqlite+aiosqlite:///{folder}/zhanggui.db", rounds, seed))
    with private_postgres() as url:
        on_postgres = asyncio.run(besiege(url, rounds, seed))
    counted = Figure("kill9_rounds", rounds, ">=", ROUNDS, "lives ended by SIGKILL, on each database")
    show([counted, *figures("", on_sqlite), *figures("_postgres", on_postgres)])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
