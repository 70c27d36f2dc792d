"""Every bad day, many times over; a table, then a line per figure.

python -m tests.faults [--rounds N] [--seed N] [kill9 whatsapp mutations ...]
"""

import asyncio
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import TypeAlias

from bot.contracts.clock import SystemClock
from integrations.whatsapp.simulator import WhatsAppSimulator
from storage.database import Database
from storage.migrate import migrate
from tests.bench.report import Figure, show
from tests.faults.mutations import Forger, assault
from tests.faults.phone_siege import PhoneSiege, phones_for
from tests.faults.phone_town import open_phone_town
from tests.faults.siege import Losses, Siege
from tests.faults.town import open_town
from tests.postgres import private_postgres

ROUNDS = 100
PHONE_ROUNDS = 50
TAMPERED, ABSURD = 90_000, 10_000

Suite: TypeAlias = Callable[[Path, int, int], Awaitable[list[Figure]]]
"""A folder, rounds and a seed → figures."""


async def kill9(folder: Path, rounds: int, seed: int) -> list[Figure]:
    """``kill9_rounds``, and what was lost and doubled on each database."""
    on_sqlite = await _besiege(folder, _file_in(folder), rounds, seed)
    with private_postgres() as url:
        on_postgres = await _besiege(folder, url, rounds, seed)
    counted = Figure("kill9_rounds", rounds, ">=", ROUNDS, "lives ended by SIGKILL, on each database")
    return [counted, *_losses("", on_sqlite), *_losses("_postgres", on_postgres)]


async def _besiege(folder: Path, database_url: str, rounds: int, seed: int) -> Losses:
    await _prepared(database_url)
    async with open_town(folder, database_url, prefix=f"s{seed}") as town:
        losses = await Siege(town, Random(seed)).lay(rounds)
    _tell(database_url.partition("+")[0], asdict(losses))
    return losses


def _losses(kind: str, losses: Losses) -> list[Figure]:
    asked = f"of {losses.asked} messages, counted by the simulated Feishu"
    return [
        Figure(f"kill9{kind}_lost", len(losses.lost) + len(losses.unfinished), "==", 0, asked),
        Figure(f"kill9{kind}_doubled", len(losses.doubled) + len(losses.effects_doubled), "==", 0, asked),
    ]


async def whatsapp(folder: Path, rounds: int, seed: int) -> list[Figure]:
    """The same on SQLite for WhatsApp, where the platform does not notice a repeat."""
    rounds = min(rounds, PHONE_ROUNDS)
    url, phones = await _prepared(_file_in(folder)), phones_for(rounds)
    async with open_phone_town(folder, url, phones) as town:
        losses = await PhoneSiege(town, Random(seed), phones).lay(rounds)
    _tell("whatsapp", asdict(losses))
    asked = f"of {losses.asked} messages, {losses.sent} parts sent, counted by the simulated WhatsApp"
    listed = f"{losses.listed} of unknown outcome are listed to be sent again"
    return [
        Figure("whatsapp_kill_rounds", rounds, ">=", PHONE_ROUNDS, "lives ended by SIGKILL while they send"),
        Figure("whatsapp_doubled", len(losses.doubled), "==", 0, asked),
        Figure("whatsapp_forgotten", len(losses.forgotten), "==", 0, listed),
    ]


async def mutations(folder: Path, rounds: int, seed: int) -> list[Figure]:
    """Webhooks that were tampered with or make no sense, ``rounds`` thousand of them."""
    share = rounds / ROUNDS
    tampered, absurd = round(TAMPERED * share), round(ABSURD * share)
    url = await _prepared(_file_in(folder))
    async with (
        WhatsAppSimulator(SystemClock()) as whatsapp,
        open_town(folder, url, also={"whatsapp": whatsapp}) as town,
    ):
        await town.service.start()
        answers = await assault(town.service.url, Forger(Random(seed)), tampered=tampered, absurd=absurd)
    _tell("mutations", answers.broken)
    how = f"{tampered} changed after they were signed"
    broken = f"of these and {absurd} genuinely signed ones that make no sense"
    return [
        Figure("mutated_accepted", answers.accepted, "==", 0, how),
        Figure("mutated_5xx", answers.failed, "==", 0, broken),
    ]


SUITES: dict[str, Suite] = {"kill9": kill9, "whatsapp": whatsapp, "mutations": mutations}


def _file_in(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/zhanggui.db"


async def _prepared(database_url: str) -> str:
    database = Database(database_url)
    await migrate(database)
    await database.close()
    return database_url


def _tell(name: str, found: object) -> None:
    """Everything that went wrong, for who looks into it."""
    print(name, found, file=sys.stderr, flush=True)  # noqa: T201


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=", ".join(SUITES))
    given = parser.parse_args()
    shown: list[Figure] = []
    for name in given.suites or SUITES:
        with tempfile.TemporaryDirectory(prefix="zhanggui-faults-") as folder:
            shown += asyncio.run(SUITES[name](Path(folder), given.rounds, given.seed))  # type: ignore[arg-type]
    show(shown)


if __name__ == "__main__":
    main()
