"""The round trip of 测试: every leg measured where it really runs."""

from dataclasses import replace
from time import perf_counter

from bot.contracts.errors import AssistantError
from bot.contracts.feature import Effect, Job
from bot.contracts.messages import Message
from handlers.system.cards import trip_card
from handlers.system.ports import FeishuApp, Platform, SystemDeps
from handlers.system.results import FeishuAccess, Heard, Lack, Leg
from integrations.feishu import scopes
from storage.database import Transaction
from storage.inbox.store import last_received
from storage.jobs.store import backlog

ROUND_TRIP = "system.round_trip"


async def measure_round_trip(job: Job, *, deps: SystemDeps) -> Effect:
    """Time the channel, the queue, the database and every platform, see what Feishu's app lacks, complete the card."""
    now = deps.clock.now()
    legs = [
        Leg("channel", float(str(job.payload["channel_seconds"]))),
        Leg("queue", max(0.0, now.timestamp() - float(str(job.payload["submitted_at"])))),
        await _database_leg(deps),
        *[await _platform_leg(platform) for platform in deps.platforms if platform.check is not None],
    ]
    access = None if deps.feishu is None else await _feishu_access(deps, deps.feishu)
    words = deps.words(str(job.payload["language"]))
    card = replace(trip_card(legs, words, access), language=words.language)

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
        return Leg(platform.name, None, error.code, error.values.get("platform_code", ""))
    return Leg(platform.name, perf_counter() - started)


async def _feishu_access(deps: SystemDeps, app: FeishuApp) -> FeishuAccess:
    async with deps.database.read() as reader:
        received = await last_received(reader, "feishu")
    heard = (
        Heard(name=each.name, at=received.get(each.kind), necessary=each.necessary) for each in scopes.SUBSCRIPTIONS
    )
    try:
        lacks = lacks_of(await app.scopes(), app.base_url, app.app_id)
    except AssistantError:
        lacks = None  # the leg to Feishu says why
    return FeishuAccess(lacks=lacks, heard=tuple(heard), page=scopes.event_page(app.base_url, app.app_id))


def lacks_of(granted: frozenset[str], base_url: str, app_id: str) -> tuple[Lack, ...]:
    """What an app with the ``granted`` permissions still needs."""
    return tuple(
        Lack(
            use=need.use,
            scope=need.scopes[0],
            code=need.code,
            necessary=need.necessary,
            page=scopes.permission_page(base_url, app_id, need.scopes[0]),
        )
        for need in scopes.missing(granted)
    )
