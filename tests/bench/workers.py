"""Several processes over one PostgreSQL database: what a second worker brings, a death, and the schedule's ticks."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from aiohttp import web

from bot.contracts.clock import SystemClock, id_source
from bot.jobs.distributed import DistributedEngine
from storage.database import Database
from storage.migrate import migrate
from tests.bench.processes import Running, started
from tests.bench.report import Figure
from tests.bench.worker import MINUTE_SECONDS
from tests.bot.jobs.lives import traces_in
from tests.bot.jobs.process import Process
from tests.postgres import Copies, private_postgres
from tests.waiting import until, until_true

ANSWER_SECONDS = 0.1
JOBS = 1600
LANES = 40
KILLED_AFTER = 200
PROCESSES = 3
TICKS = 60


class SlowPlatform:
    """Answers after ``ANSWER_SECONDS`` and remembers when what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, str]] = []
        self.url = ""

    async def __aenter__(self) -> "SlowPlatform":
        app = web.Application()
        app.router.add_get("/", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append((perf_counter(), request.query["key"]))
        await asyncio.sleep(ANSWER_SECONDS)
        return web.json_response({})

    def per_second(self) -> float:
        """The rate between the first and the last request."""
        return (len(self.asked) - 1) / (self.asked[-1][0] - self.asked[0][0])


async def workers(_folder: Path) -> list[Figure]:
    """One worker against two; the time until a killed worker's work is done; ticks over three processes."""
    with private_postgres() as server:
        copies = await asyncio.to_thread(Copies, server)
        database = Database(copies.template)
        await migrate(database)
        await database.close()
        try:
            rates = [await _rate(copies, count) for count in (1, 2)]
            takeover, doubled = await _takeover(copies)
            ticks = await _ticks(copies)
        finally:
            await asyncio.to_thread(copies.drop_all)
    how = f"{rates[0]:.0f} and {rates[1]:.0f} jobs/s, each waiting {ANSWER_SECONDS * 1000:.0f} ms, 20 in flight"
    late = f"kill -9 of one of 2 workers, until all its work is done; {doubled} effects doubled or lost"
    ran = f"{len(ticks)} slots ran over {PROCESSES} processes, a minute in {MINUTE_SECONDS:.0f} s"
    return [
        Figure("workers_ratio", rates[1] / rates[0], ">=", 1.6, how),
        Figure("takeover_seconds", takeover, "<=", 30, late),
        Figure("takeover_wrong", doubled, "==", 0, "effects that a killed worker left undone or doubled"),
        Figure("cron_doubled", sum(times - 1 for times in ticks.values()), "==", 0, ran),
    ]


@asynccontextmanager
async def _working(copies: Copies, count: int, *more: str) -> AsyncIterator[tuple[str, SlowPlatform, list[Running]]]:
    """``count`` workers over a fresh database."""
    url = await asyncio.to_thread(copies.take)
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(SlowPlatform())
        arguments = ("tests.bench.worker", url, platform.url, *more)
        running = [await stack.enter_async_context(started(*arguments)) for _ in range(count)]
        yield url, platform, running


async def _ask(url: str, keys: list[tuple[str, str | None]]) -> None:
    """Submit jobs as a process does that does not work itself."""
    clock, database = SystemClock(), Database(url)
    engine = DistributedEngine(database, clock, id_source(clock), works=False)
    database.work = Process(engine, database)
    await engine.start()
    async with database.begin() as tx:
        for key, lane in keys:
            await tx.submit("ask", {}, key=key, lane=lane)
    await engine.stop(timedelta(seconds=1))
    await database.close()


async def _rate(copies: Copies, count: int) -> float:
    async with _working(copies, count) as (url, platform, _):
        await _ask(url, [(f"job {number}", None) for number in range(JOBS)])
        await until(lambda: len(platform.asked) >= JOBS, seconds=120)
        return platform.per_second()


async def _takeover(copies: Copies) -> tuple[float, int]:
    wanted = [f"job {number:04}" for number in range(JOBS // 2)]
    async with _working(copies, 2) as (url, platform, running):
        await _ask(url, [(key, f"lane {number % LANES}") for number, key in enumerate(wanted)])
        await until(lambda: len(platform.asked) >= KILLED_AFTER, seconds=60)
        running[0].process.kill()
        killed = perf_counter()
        await _traces(url, len(wanted), seconds=120)
        taken = perf_counter() - killed
        done = await traces_in(url)
        return taken, sum(abs(done[key] - 1) for key in wanted)


async def _ticks(copies: Copies) -> Counter[str]:
    """How often each slot of the schedule ran."""
    async with _working(copies, PROCESSES, datetime.now(UTC).isoformat()) as (url, _, _):
        with contextlib.suppress(TimeoutError):  # slots missed on a busy machine run together
            await _traces(url, TICKS, seconds=2 * TICKS * MINUTE_SECONDS)
        return await traces_in(url)


async def _traces(url: str, count: int, *, seconds: float) -> None:
    """Wait for ``count`` different effects. Raises: TimeoutError."""

    async def are_there() -> bool:
        return len(await traces_in(url)) >= count

    await until_true(are_there, seconds=seconds, pause=0.2)
