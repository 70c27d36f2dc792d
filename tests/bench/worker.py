"""One of several workers over a database: the shipped engine, a task that waits for a platform, and a schedule.

``python -m tests.bench.worker URL PLATFORM [EPOCH]``
"""

import asyncio
import logging
import sys
from datetime import UTC, datetime, timedelta

import structlog

from bot.cli.output import tell
from bot.cli.run import settle_memory, stop_told
from bot.contracts.clock import SystemClock, id_source
from bot.contracts.feature import Effect, Job, Schedule, Task
from bot.jobs.distributed import DistributedEngine
from bot.jobs.schedule import Ticker
from integrations.http.transport import Transport
from storage.database import Database, Transaction
from storage.people.acts import record_act
from storage.people.rows import Act
from tests.bot.jobs.process import Process

AT_ONCE = 20
MINUTE_SECONDS = 1.0
"""What a minute of the schedule takes."""
TICKS = Schedule(name="tick", task="tick", cron="* * * * *")


class FastClock:
    """Since ``epoch`` a minute passes in ``MINUTE_SECONDS``, in every process the same."""

    def __init__(self, epoch: datetime) -> None:
        self._epoch = epoch
        self._times = 60 / MINUTE_SECONDS

    def now(self) -> datetime:
        return self._epoch + (datetime.now(UTC) - self._epoch) * self._times

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)


async def main(url: str, platform: str, epoch: str = "") -> None:
    """Work until it is told to stop; each effect leaves a trace with the key of its job."""
    # standard output is for what is told; nobody reads more of it than the first lines
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    clock = SystemClock()
    new_id = id_source(clock)
    database = Database(url)
    transport = Transport("slow", platform, clock=clock)
    engine = DistributedEngine(database, clock, new_id)
    database.work = Process(engine, database)

    def traced(job: Job) -> Effect:
        async def effect(tx: Transaction) -> None:
            empty = dict.fromkeys(("person_id", "channel", "chat_id", "sender_id", "event_id", "arguments"), "")
            await record_act(tx, Act(id=new_id(), at=clock.now(), command=job.key, outcome="done", **empty))

        return effect

    async def ask(job: Job) -> Effect:
        await transport.call("wait", "GET", "/", idempotent=True, query={"key": job.key})
        return traced(job)

    async def tick(job: Job) -> Effect:
        return traced(job)

    engine.register([Task(name="ask", run=ask, at_once=AT_ONCE), Task(name="tick", run=tick)])
    schedules = [TICKS] if epoch else []
    ticker = Ticker(schedules, database, FastClock(datetime.fromisoformat(epoch) if epoch else clock.now()), UTC)
    await engine.start()
    ticker.start()
    tell("port 0")
    settle_memory()
    await stop_told().wait()
    await ticker.stop()
    await engine.stop(timedelta(seconds=5))
    await transport.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
