"""What is measured: one function per group of figures."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import unquote

from aiohttp import ClientSession
from sqlalchemy import func, select

from storage.catalog.tables import daily_sales
from storage.database import Database
from storage.inbox.tables import inbox
from storage.jobs.tables import jobs
from tests.bench.load import Outcome, burst, prepare, steady
from tests.bench.processes import SENDER_ID, new_database, service_settings, started
from tests.bench.report import Figure
from tests.postgres import Copies, private_postgres

ROUNDS = 3
BURST_SECONDS = 5.0
DRAIN_SECONDS = 60.0
STEADY_RATE = 500.0
STEADY_SECONDS = 15
PREPARED_PER_SECOND = 6000


async def ingest(folder: Path) -> list[Figure]:
    """What a SQLite file takes in."""
    return [await _ingest("ingest_sqlite_ratio", folder)]


async def postgres(folder: Path) -> list[Figure]:
    """The same on PostgreSQL with the engine of many processes, and the time to a reply."""
    with private_postgres() as server:
        copies = await asyncio.to_thread(Copies, server)
        try:
            taken = await _ingest(
                "ingest_postgres_ratio", folder, *[await asyncio.to_thread(copies.take) for _ in "ab"]
            )
            runs = [
                await _quietly(folder / f"postgres{number}", await asyncio.to_thread(copies.take))
                for number in range(ROUNDS)
            ]
        finally:
            await asyncio.to_thread(copies.drop_all)
    replies = sorted(percentile(replies, 99) for replies, _ in runs)
    note = f"p50 {_ms(median(median(replies) for replies, _ in runs))}; each run's p99 {_several(replies)}"
    return [taken, Figure("reply_postgres_p99_ms", median(replies) * 1000, "<=", 100, note)]


async def _ingest(name: str, folder: Path, database_url: str = "", other_url: str = "") -> Figure:
    """Bursts of 5 s over 200 chats: the shipped route against the same route with an inbox that stores nothing."""
    ratios, notes = [], []
    shipped_folder, bare_folder = folder / name, folder / f"{name}-verify-only"
    url = await new_database(shipped_folder, database_url)
    await new_database(bare_folder, other_url)
    async with started("tests.bench.platform", "feishu", "unlimited") as feishu:
        shipped_settings = service_settings(shipped_folder, feishu_url=feishu.word, database_url=database_url)
        bare_settings = service_settings(bare_folder, feishu_url=feishu.word, database_url=other_url)
        async with (
            started("tests.bench.service", "unpaced", environment=shipped_settings) as shipped,
            started("tests.bench.service", "unpaced", "verify-only", environment=bare_settings) as bare,
        ):
            for process in (shipped, bare):
                await burst(int(process.word), prepare(200, f"warm{process.word}", SENDER_ID), seconds=2)
            for number in range(ROUNDS):
                count = int(PREPARED_PER_SECOND * BURST_SECONDS)
                bare_outcome = await burst(
                    int(bare.word), prepare(count, f"bare{number}", SENDER_ID), seconds=BURST_SECONDS
                )
                outcome = await burst(
                    int(shipped.word), prepare(count, f"full{number}", SENDER_ID), seconds=BURST_SECONDS
                )
                drained = await _drain(url, outcome)
                rates = (outcome.accepted / outcome.seconds, bare_outcome.accepted / bare_outcome.seconds)
                ratios.append(rates[0] / rates[1])
                notes.append(f"{rates[0]:.0f}/{rates[1]:.0f} per s, drained in {drained:.1f} s")
    return Figure(name, median(ratios), ">=", 0.8, "; ".join(notes))


async def _drain(url: str, outcome: Outcome) -> float:
    """Seconds until nothing waits. Raises: AssertionError if it takes too long or an accepted event is missing."""
    began = perf_counter()
    database = Database(url)
    while await _count(database, select(func.count()).where(jobs.c.state.in_((0, 1)))):
        assert perf_counter() - began < DRAIN_SECONDS, "not drained in time"
        await asyncio.sleep(0.2)
    accepted = {each.request.message_id for each in outcome.sent if each.status == 200 and each.request.message_id}
    answered = await _count(database, select(func.count()).where(inbox.c.outcome == "answered"))
    assert answered >= len(accepted), f"{len(accepted)} commands were accepted, {answered} answered"
    await database.close()
    return perf_counter() - began


async def _count(database: Database, statement: Any) -> int:
    async with database.read() as reader:
        return int((await reader.execute(statement)).scalar_one())


async def latency(folder: Path) -> list[Figure]:
    """500 events/s over 200 chats, 50/s of them commands; the same while a sync fills an empty database.

    Medians of ``ROUNDS`` runs: on a rented machine one hiccup of the host is most of a run's slowest hundredth.
    """
    quiet, busy = [], []
    for number in range(ROUNDS):
        quiet.append(await _quietly(folder / f"quiet{number}"))
        busy.append(await _while_syncing(folder / f"busy{number}"))
    replies = sorted(percentile(replies, 99) for replies, _ in quiet)
    acks = sorted(percentile(acks, 99) for _, acks in quiet)
    busy_acks = sorted(percentile(acks, 99) for acks, _ in busy)
    note = f"p50 {_ms(median(median(replies) for replies, _ in quiet))}; each run's p99 {_several(replies)}"
    ack_note = (
        f"quiet {_several(acks)}; while a sync writes {_several(busy_acks)} ({median(rows for _, rows in busy)} rows)"
    )
    return [
        Figure("reply_p99_ms", median(replies) * 1000, "<=", 100, note),
        Figure("ack_p99_ms", max(median(acks), median(busy_acks)) * 1000, "<=", 50, ack_note),
    ]


async def _quietly(folder: Path, database_url: str = "") -> tuple[list[float], list[float]]:
    """Seconds to the replies and to the acknowledgements, counted from the second second."""
    await new_database(folder, database_url)
    requests = prepare(int(STEADY_RATE * STEADY_SECONDS), "steady", SENDER_ID)
    async with started("tests.bench.platform", "feishu", "unlimited") as feishu:
        settings = service_settings(folder, feishu_url=feishu.word, database_url=database_url)
        async with started("tests.bench.service", "unpaced", environment=settings) as service:
            outcome = await steady(int(service.word), requests, per_second=STEADY_RATE)
            await asyncio.sleep(1)
        replies = await _reply_times(feishu.word, outcome, skip_seconds=1.0)
    return replies, [each.answered - each.began for each in _after(outcome, 1.0)]


async def _while_syncing(folder: Path) -> tuple[list[float], int]:
    """Acknowledgement times during the first pull of a large account, and how many rows it wrote."""
    url = await new_database(folder)
    requests = prepare(int(STEADY_RATE * STEADY_SECONDS), "busy", SENDER_ID)
    async with (
        started("tests.bench.platform", "feishu", "unlimited") as feishu,
        started("tests.bench.platform", "lingxing", "13") as lingxing,
    ):
        settings = service_settings(folder, feishu_url=feishu.word, lingxing_url=lingxing.word)
        async with started("tests.bench.service", "unpaced", environment=settings) as service:
            outcome = await steady(int(service.word), requests, per_second=STEADY_RATE)
            rows = await _sales_rows(url)
    return [each.answered - each.began for each in _after(outcome, 1.0)], rows


async def _sales_rows(url: str) -> int:
    database = Database(url)
    rows = await _count(database, select(func.count()).select_from(daily_sales))
    await database.close()
    return rows


def _after(outcome: Outcome, skip_seconds: float) -> list[Any]:
    first = min(each.began for each in outcome.sent)
    return [each for each in outcome.sent if each.began - first >= skip_seconds]


async def _reply_times(feishu_url: str, outcome: Outcome, *, skip_seconds: float) -> list[float]:
    """From the posting of each command to the platform's receipt of its answer. Raises: AssertionError if one lacks."""
    async with ClientSession() as client:
        answer = await client.get(f"{feishu_url}/_control/calls", params={"operation": "reply"})
        calls = (await answer.json())["calls"]
    arrived = {_replied_to(call["path"]): _seconds(call["at"]) for call in calls}
    commands = [each for each in _after(outcome, skip_seconds) if each.request.message_id]
    missing = [each for each in commands if each.request.message_id not in arrived]
    assert not missing, f"{len(missing)} of {len(commands)} commands were not answered"
    return [arrived[each.request.message_id] - each.began for each in commands]


def _replied_to(path: str) -> str:
    return unquote(path.split("/")[-2])


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that ``percent`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, -(-len(ordered) * percent // 100) - 1)]


def _several(seconds: Sequence[float]) -> str:
    return " · ".join(map(_ms, seconds))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
