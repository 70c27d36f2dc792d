"""The suites of ``make faults``: each prepares its databases, brings a bad day about many times, and counts.

With the extra ``scale`` installed, as here, PostgreSQL means the engine of many processes, also for one of them.
"""

import asyncio
import logging
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from time import monotonic
from types import MappingProxyType
from typing import TypeAlias

import structlog

from bot.jobs.choice import Role
from integrations.marketplace.simulator import DayPlan
from storage.database import Database
from storage.migrate import migrate
from tests.bench.report import Figure
from tests.faults.behind_nginx import ROLES, Story, open_town_behind_nginx
from tests.faults.ladder_siege import LadderSiege, open_ladder_town
from tests.faults.mutations import Forger, assault, open_fortress
from tests.faults.night import Night, open_night
from tests.faults.order_siege import open_order_town
from tests.faults.phone_siege import PhoneSiege, phones_for
from tests.faults.phone_town import open_phone_town
from tests.faults.report import Outcome, Row, progress, tell, tell_wrong
from tests.faults.restart import Restarts
from tests.faults.siege import Losses, Siege
from tests.faults.town import open_town
from tests.handlers.matters.test_races import all_races
from tests.handlers.matters.world import PRIVATE, a_desk, open_with_step
from tests.postgres import own_server, private_postgres

ROUNDS = 100
ALONE_ROUNDS = 30
PHONE_ROUNDS = 50
LADDER_ROUNDS = 25  # on each database
RACES = 500
CAUSES = 200
RESTARTS = 10
NGINX_MESSAGES = 400
ORDERS, ORDER_KILLS, ORDERS_SECONDS = 20_000, 20, 300
TAMPERED, ABSURD = 90_000, 10_000
ONE: Sequence[Role] = ("all",)
WORKERS: Sequence[Role] = ("web", "worker", "worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Where, how many times and by which seed a suite runs."""

    folder: Path
    rounds: int
    seed: int

    @property
    def file_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder}/zhanggui.db"


Suite: TypeAlias = Callable[[Order], Coroutine[None, None, Outcome]]


async def kill9(order: Order) -> Outcome:
    """One process over SQLite, killed again and again."""
    return await _besiege("kill9", order, order.file_url, ONE)


async def kill9_postgres(order: Order) -> Outcome:
    """One process over PostgreSQL."""
    fewer = replace(order, rounds=max(1, order.rounds * ALONE_ROUNDS // ROUNDS))
    with private_postgres() as url:
        return await _besiege("kill9_postgres", fewer, url, ONE, at_least=ALONE_ROUNDS)


async def kill9_workers(order: Order) -> Outcome:
    """A process that listens and two that work over PostgreSQL, of which one is killed, sometimes all."""
    with private_postgres() as url:
        return await _besiege("kill9_workers", order, url, WORKERS)


async def _besiege(
    name: str, order: Order, database_url: str, roles: Sequence[Role], *, at_least: int = ROUNDS
) -> Outcome:
    rounds = order.rounds
    await _prepared(database_url)
    async with open_town(order.folder, database_url, prefix=f"s{order.seed}", roles=roles) as town:
        losses = await Siege(town, Random(order.seed), told=progress(name, rounds)).lay(rounds)
    who = f"{', '.join(roles)} over {database_url.partition('+')[0]}"
    counted = Figure(f"{name}_rounds", rounds, ">=", at_least, f"rounds of SIGKILL; {who}")
    return _counted(name, rounds, losses, who) + Outcome(figures=[counted])


def _counted(name: str, rounds: int, losses: Losses, note: str) -> Outcome:
    """A card that still says "working" is as bad as none."""
    wrong = asdict(losses)
    del wrong["asked"]
    tell_wrong(name, **wrong)
    lost = len(losses.lost) + len(losses.unfinished)
    doubled = len(losses.doubled) + len(losses.effects_doubled)
    asked = f"of {losses.asked} messages, counted by the simulated Feishu"
    return Outcome(
        [Row(name=name, rounds=rounds, events=losses.asked, lost=lost, doubled=doubled, note=note)],
        [Figure(f"{name}_lost", lost, "==", 0, asked), Figure(f"{name}_doubled", doubled, "==", 0, asked)],
    )


async def whatsapp(order: Order) -> Outcome:
    """The same on SQLite for WhatsApp, where the platform does not notice a repeat."""
    rounds = max(1, order.rounds * PHONE_ROUNDS // ROUNDS)
    url, phones = await _prepared(order.file_url), phones_for(rounds)
    async with open_phone_town(order.folder, url, phones) as town:
        losses = await PhoneSiege(town, Random(order.seed), phones, told=progress("whatsapp", rounds)).lay(rounds)
    tell_wrong("whatsapp", doubled=losses.doubled, forgotten=losses.forgotten)
    lost, doubled = len(losses.forgotten), len(losses.doubled)
    note = f"{losses.sent} parts sent; {losses.listed} of unknown outcome are listed"
    return Outcome(
        [Row(name="whatsapp", rounds=rounds, events=losses.asked, lost=lost, doubled=doubled, note=note)],
        [
            Figure("whatsapp_kill_rounds", rounds, ">=", PHONE_ROUNDS, "lives ended by SIGKILL while they send"),
            Figure("whatsapp_doubled", doubled, "==", 0, f"of {losses.asked} messages"),
            Figure("whatsapp_forgotten", lost, "==", 0, note),
        ],
    )


async def ladders(order: Order) -> Outcome:
    """Alerts and answers while one process over SQLite is killed."""
    return await _climb("", order, order.file_url, ONE)


async def ladders_workers(order: Order) -> Outcome:
    """The same over PostgreSQL with a process that listens and two that work."""
    with private_postgres() as url:
        return await _climb("_workers", order, url, WORKERS)


async def _climb(ending: str, order: Order, database_url: str, roles: Sequence[Role]) -> Outcome:
    name, rounds = f"ladders{ending}", max(1, order.rounds * LADDER_ROUNDS // ROUNDS)
    await _prepared(database_url)
    async with open_ladder_town(order.folder, database_url, roles) as town:
        siege = LadderSiege(town.town, Random(order.seed), ladders=town, told=progress(name, rounds))
        losses = await siege.suffer(rounds)
    tell_wrong(name, lost=losses.lost, doubled=losses.doubled, late=losses.late)
    lost, doubled, late = len(losses.lost), len(losses.doubled), len(losses.late)
    note = f"{losses.matters} matters, {losses.answered} answered; {losses.listed} steps of unknown outcome are listed"
    told = f"of {losses.told} steps told in Feishu and WeCom, by SMS and mail"
    return Outcome(
        [Row(name=name, rounds=rounds, events=losses.told, lost=lost, doubled=doubled + late, note=note)],
        [
            Figure(f"{name}_rounds", rounds, ">=", LADDER_ROUNDS, f"rounds of SIGKILL; {', '.join(roles)}"),
            Figure(f"reminders{ending}_lost", lost, "==", 0, told),
            Figure(f"reminders{ending}_doubled", doubled, "==", 0, told),
            Figure(f"reminders{ending}_after_answer", late, "==", 0, told),
        ],
    )


async def races(order: Order) -> Outcome:
    """Somebody takes a matter in the moment in which a step of its ladder fires."""
    number = max(1, RACES * order.rounds // ROUNDS)
    with private_postgres() as url:
        told, late, sent = map(sum, zip(*[await _raced(each, number) for each in (order.file_url, url)], strict=True))
    note = f"on SQLite and PostgreSQL; doubled: the step came after the answer; it came before it {told} times"
    lost = abs(told - sent)
    return Outcome(
        [Row(name="races", rounds=number, events=2 * number, lost=lost, doubled=late, note=note)],
        [
            Figure("races_step_after_answer", late, "==", 0, f"of {2 * number} races"),
            Figure("races_lost", lost, "==", 0, f"of {told} steps that came first"),
        ],
    )


async def _raced(database_url: str, number: int) -> tuple[int, int, int]:
    """How often the step came first and how often, wrongly, second; and how much was sent."""
    database = Database(await _prepared(database_url))
    async with a_desk(database) as desk:
        async with database.begin() as tx:
            matters = [await open_with_step(tx, f"race:{each}", PRIVATE) for each in range(number)]
        outcomes = await all_races(desk, matters)
    await database.close()
    return outcomes["told"], outcomes["broken"], len(desk.work.messages)


async def night(order: Order) -> Outcome:
    """Causes that flap through a simulated night, told by one service in a clock that is moved on."""
    # standard output is for the table
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    causes = max(1, CAUSES * order.rounds // ROUNDS)
    async with open_night(order.folder, await _prepared(order.file_url)) as stage:
        passing = Night(stage, Random(order.seed), causes)
        losses = await passing.pass_by()
    tell_wrong("night", lost=losses.lost, doubled=losses.doubled, late=losses.late)
    lost, doubled, late = len(losses.lost), len(losses.doubled), len(losses.late)
    note = f"{causes} causes, {len(passing.answered)} answered, {losses.reminders} reminders four hours apart"
    return Outcome(
        [Row(name="night", rounds=1, events=losses.told, lost=lost, doubled=doubled + late, note=note)],
        [
            Figure("night_lost", lost, "==", 0, "openings, reminders and closings, counted by the simulated Feishu"),
            Figure("night_doubled", doubled, "==", 0, f"of {losses.told} messages"),
            Figure("night_after_answer", late, "==", 0, f"of {losses.told} messages"),
        ],
    )


async def restart(order: Order) -> Outcome:
    """PostgreSQL stopped, in order and by a crash in turn, and started again while messages come in."""
    restarts = max(2, order.rounds * RESTARTS // ROUNDS)
    with own_server() as server:
        async with open_town(order.folder, await _prepared(server.url), prefix=f"s{order.seed}") as town:
            await town.service.start()
            restarting = Restarts(town, server, told=progress("restart", restarts))
            losses = await restarting.suffer(["fast", "immediate"] * (restarts // 2))
    return _counted("restart", restarts, losses, "PostgreSQL stopped and crashed in turn under load")


async def behind_nginx(order: Order) -> Outcome:
    """Two web and two worker processes behind nginx, one of each killed half-way and not started again."""
    with private_postgres() as url:
        await _prepared(url)
        async with open_town_behind_nginx(order.folder, url) as town:
            story = Story(town, NGINX_MESSAGES)
            losses = await story.told()
    refused = len(story.refused)
    note = f"{', '.join(ROLES)}; one of each killed half-way, {refused} deliveries not taken at once"
    unnoticed = Figure("behind_nginx_refused", refused, "==", 0, f"of {losses.asked} deliveries, at the first try")
    return _counted("behind_nginx", 1, losses, note) + Outcome(figures=[unnoticed])


async def mutations(order: Order) -> Outcome:
    """Webhooks that were tampered with or make no sense, ``rounds`` thousand of them."""
    tampered, absurd = TAMPERED * order.rounds // ROUNDS, ABSURD * order.rounds // ROUNDS
    url = await _prepared(order.file_url)
    async with open_fortress(order.folder, url) as town:
        answers = await assault(town.service.url, Forger(Random(order.seed)), tampered=tampered, absurd=absurd)
    tell_wrong("mutations", broken=answers.broken)
    note = f"lost: {answers.failed} answered 5xx or not at all; doubled: {answers.accepted} taken though changed"
    events = tampered + absurd
    return Outcome(
        [Row(name="mutations", rounds=1, events=events, lost=answers.failed, doubled=answers.accepted, note=note)],
        [
            Figure("mutated_accepted", answers.accepted, "==", 0, f"{tampered} changed after they were signed"),
            Figure("mutated_5xx", answers.failed, "==", 0, f"of {events} deliveries"),
        ],
    )


async def orders(order: Order) -> Outcome:
    """A marketplace's busy day in five minutes, delivered twice, late and out of order, with errors and kills."""
    number, kills = ORDERS * order.rounds // ROUNDS, max(1, ORDER_KILLS * order.rounds // ROUNDS)
    plan = DayPlan(orders=number, seconds=ORDERS_SECONDS * order.rounds / ROUNDS, seed=order.seed)
    url = await _prepared(order.file_url)
    async with open_order_town(order.folder, url, ONE, orders=number) as town:
        losses = await town.suffer(plan, kills, Random(order.seed), progress("orders", kills))
    tell_wrong("orders", **{name: value for name, value in asdict(losses).items() if isinstance(value, list)})
    lost, doubled = len(losses.forgotten) + len(losses.untrue), len(losses.twice) + len(losses.keys_twice)
    note = f"{losses.shipped} shipped, {len(losses.unsettled)} wait for somebody; {kills} kills"
    told = f"of {losses.orders} orders, {losses.shipped} shipped, by the record of the simulated marketplace"
    unsettled = 100 * len(losses.unsettled) / max(1, losses.sound)
    return Outcome(
        [Row(name="orders", rounds=kills, events=losses.orders, lost=lost, doubled=doubled, note=note)],
        [
            Figure("orders_in_the_siege", losses.orders, ">=", ORDERS, f"with {kills} kills"),
            Figure("orders_unsettled_percent", unsettled, "<=", 1, f"of {losses.sound} without a lasting fault"),
            Figure("orders_lost", lost, "==", 0, told),
            Figure("orders_shipped_twice", len(losses.twice), "==", 0, told),
            Figure("keys_delivered_twice", len(losses.keys_twice), "==", 0, f"of {losses.keys} keys"),
        ],
    )


SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        "orders": orders,
        "kill9-workers": kill9_workers,
        "kill9-postgres": kill9_postgres,
        "kill9": kill9,
        "ladders-workers": ladders_workers,
        "ladders": ladders,
        "whatsapp": whatsapp,
        "mutations": mutations,
        "restart": restart,
        "night": night,
        "races": races,
        "behind-nginx": behind_nginx,
    }
)
"""Those that take longest first, so that two at a time end together."""


def run_suite(name: str, *, rounds: int, seed: int) -> Outcome:
    """Run one suite in a folder and a loop of its own."""
    began = monotonic()
    tell(f"{name}: begins")
    with tempfile.TemporaryDirectory(prefix="zhanggui-faults-") as folder:
        outcome = asyncio.run(SUITES[name](Order(folder=Path(folder), rounds=rounds, seed=seed)))
    seconds = monotonic() - began
    tell(f"{name}: took {seconds:.0f} s")
    return Outcome([replace(row, seconds=seconds) for row in outcome.rows], outcome.figures)


async def _prepared(database_url: str) -> str:
    database = Database(database_url)
    await migrate(database)
    await database.close()
    return database_url
