"""The round trip of 测试: every leg measured where it really runs."""

from dataclasses import replace
from time import perf_counter

from bot.contracts.errors import AssistantError
from bot.contracts.feature import Effect, Job
from bot.contracts.messages import Message
from handlers.system.cards import trip_card
from handlers.system.ports import Platform, SystemDeps
from handlers.system.results import Leg
from storage.database import Transaction
from storage.jobs.store import backlog

ROUND_TRIP = "system.round_trip"


async def measure_round_trip(job: Job, *, deps: SystemDeps) -> Effect:
    """Time the channel, the queue, the database and every platform, and complete the card."""
    now = deps.clock.now()
    legs = [
        Leg("channel", float(str(job.payload["channel_seconds"]))),
        Leg("queue", max(0.0, now.timestamp() - float(str(job.payload["submitted_at"])))),
        await _database_leg(deps),
        *[await _platform_leg(platform) for platform in deps.platforms if platform.check is not None],
    ]
    words = deps.words(str(job.payload["language"]))
    card = replace(trip_card(legs, words), language=words.language)

    async def show(tx: Transaction) -> None:
        await tx.send(Message(key=str(job.payload["card"]), card=card))

    return show


async def _database_leg(deps: SystemDeps) -> Leg:
    started = perf_counter()
    async with deps.database.begin() as tx:
        await backlog(tx, now=deps.clock.now())
    return Leg("database", perf_counter() - started)


async def _platform_leg(platform: Platform) -> Leg:
    assert platform.check is not None
    started = perf_counter()
    try:
        await platform.check()
    except AssistantError as error:
        return Leg(platform.name, None, error.code)
    return Leg(platform.name, perf_counter() - started)
