"""Many rounds of kills on both databases; a table, then a line per figure.

python -m tests.faults [ROUNDS] [SEED] [all | feishu | whatsapp]
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
from tests.faults.phone_siege import PhoneLosses, PhoneSiege, phones_for
from tests.faults.phone_town import open_phone_town
from tests.faults.siege import Losses, Siege
from tests.faults.town import open_town
from tests.postgres import private_postgres

ROUNDS = 100
PHONE_ROUNDS = 50


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


async def besiege_phones(folder: Path, rounds: int, seed: int) -> PhoneLosses:
    """The same on SQLite for WhatsApp, where a repeat is not noticed by the platform."""
    url, phones = f"sqlite+aiosqlite:///{folder}/zhanggui.db", phones_for(rounds)
    database = Database(url)
    await migrate(database)
    await database.close()
    async with open_phone_town(folder, url, phones) as town:
        losses = await PhoneSiege(town, Random(seed), phones).lay(rounds)
    print("whatsapp", asdict(losses), file=sys.stderr, flush=True)  # noqa: T201
    return losses


def phone_figures(rounds: int, losses: PhoneLosses) -> list[Figure]:
    """``whatsapp_kill_rounds``, ``_doubled`` and ``_forgotten``."""
    asked = f"of {losses.asked} messages, {losses.sent} parts sent, counted by the simulated WhatsApp"
    listed = f"{losses.listed} of unknown outcome are listed to be sent again"
    return [
        Figure("whatsapp_kill_rounds", rounds, ">=", PHONE_ROUNDS, "lives ended by SIGKILL while they send"),
        Figure("whatsapp_doubled", len(losses.doubled), "==", 0, asked),
        Figure("whatsapp_forgotten", len(losses.forgotten), "==", 0, listed),
    ]


def main(rounds: int = ROUNDS, seed: int = 1, kind: str = "all") -> None:
    shown: list[Figure] = []
    if kind != "whatsapp":
        with tempfile.TemporaryDirectory(prefix="zhanggui-faults-") as folder:
            on_sqlite = asyncio.run(besiege(f"sqlite+aiosqlite:///{folder}/zhanggui.db", rounds, seed))
        with private_postgres() as url:
            on_postgres = asyncio.run(besiege(url, rounds, seed))
        counted = Figure("kill9_rounds", rounds, ">=", ROUNDS, "lives ended by SIGKILL, on each database")
        shown += [counted, *figures("", on_sqlite), *figures("_postgres", on_postgres)]
    if kind != "feishu":
        phone_rounds = min(rounds, PHONE_ROUNDS)
        with tempfile.TemporaryDirectory(prefix="zhanggui-faults-") as folder:
            losses = asyncio.run(besiege_phones(Path(folder), phone_rounds, seed))
        shown += phone_figures(phone_rounds, losses)
    show(shown)


if __name__ == "__main__":
    given = [*sys.argv[1:], *(f"{ROUNDS}", "1", "all")[len(sys.argv) - 1 :]]
    main(int(given[0]), int(given[1]), given[2])
