"""How late timers fire while 100,000 of them wait."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from sqlalchemy import func, select

from bot.contracts.clock import SystemClock, id_source
from bot.jobs.choice import choose_engine
from storage.database import Database, Transaction
from storage.jobs.tables import jobs
from storage.matters.ladder import add_steps, submit_step
from storage.matters.rows import STEP_TASK, NewMatter, Step
from storage.matters.store import open_matter
from storage.matters.tables import ladder_steps
from tests.bench.figures import percentile
from tests.bench.processes import new_database, service_settings, started
from tests.bench.report import Figure
from tests.bot.jobs.process import Process
from tests.postgres import Copies, private_postgres
from tests.waiting import until_true

MATTERS = 500
STEPS_EACH = 201
"""Of each matter's steps only the first is due while it is measured."""
WINDOW = timedelta(seconds=20)
LEAD = timedelta(seconds=30)
"""For the service to start in before the first is due."""
PATIENCE_SECONDS = 60
_LATER = timedelta(hours=6)
_DETAILS = {"name": "仓库断网", "summary": "打不了单", "labels": ""}


async def timers(folder: Path) -> list[Figure]:
    """Steps of ladders over the next months, 500 of them due within 20 s, on either database."""
    figures = [await _lateness("timer_late_p99_s", folder)]
    with private_postgres() as server:
        copies = await asyncio.to_thread(Copies, server)
        try:
            url = await asyncio.to_thread(copies.take)
            figures.append(await _lateness("timer_late_postgres_p99_s", folder, url))
        finally:
            await asyncio.to_thread(copies.drop_all)
    return figures


async def _lateness(name: str, folder: Path, database_url: str = "") -> Figure:
    """From the time of each step to the simulated Feishu's receipt of its card."""
    own = folder / name
    database = Database(await new_database(own, database_url))
    await _fill(database)
    due = await _add_due_soon(database)
    async with started("tests.bench.platform", "feishu", "unlimited") as feishu:
        settings = service_settings(own, feishu_url=feishu.word, database_url=database_url)
        async with started("tests.bench.service", "unpaced", environment=settings):
            assert SystemClock().now() < min(due.values()), "the service was not ready before the first was due"
            pending = await _count_pending(database)
            arrived = await _arrived(feishu.word, due)
    await database.close()
    late = [(arrived[chat] - at).total_seconds() for chat, at in due.items()]
    note = (
        f"{len(due)} of {pending} pending in {WINDOW.seconds} s; p50 {percentile(late, 50):.3f}, last {max(late):.3f}"
    )
    return Figure(name, percentile(late, 99), "<=", 2, note)


async def _fill(database: Database) -> None:
    """The matters and the steps that are due later, as the service stores them."""
    clock = SystemClock()
    engine = choose_engine(database, clock, id_source(clock), observe=lambda task, outcome, s: None, role="web")
    database.work = Process(engine, database)
    first = clock.now() + _LATER
    for number in range(1, MATTERS + 1):
        async with database.begin() as tx:
            await open_matter(tx, NewMatter(kind="alertmanager", fingerprint=f"{number}", details=_DETAILS), now=first)
            spread = timedelta(minutes=number)
            steps = [_step(number, each, first + each * _LATER + spread) for each in range(1, STEPS_EACH)]
            await _add_at_once(tx, steps)


async def _add_at_once(tx: Transaction, steps: Sequence[Step]) -> None:
    """What ``add_steps`` does, which asks for one after the other and would take minutes."""
    rows = [astuple(step) for step in steps]
    await tx.insert_many(ladder_steps, tuple(each.name for each in fields(Step)), rows)
    for step in steps:
        await submit_step(tx, step, step.due_at)


async def _add_due_soon(database: Database) -> dict[str, datetime]:
    """Each matter's first step; when it is due, by the chat that it tells."""
    begin = SystemClock().now() + LEAD
    steps = [_step(number, 0, begin + WINDOW * number / MATTERS) for number in range(1, MATTERS + 1)]
    async with database.begin() as tx:
        await add_steps(tx, steps)
    return {_chat(step.matter): step.due_at for step in steps}


def _step(matter: int, position: int, due_at: datetime) -> Step:
    return Step(
        matter=matter,
        position=position,
        how="card",
        target=f"chat:feishu:{_chat(matter)}",
        channel="",
        needs="acknowledged",
        due_at=due_at,
    )


def _chat(matter: int) -> str:
    return f"oc_timer_{matter}"


async def _count_pending(database: Database) -> int:
    waiting = select(func.count()).where(jobs.c.state == 0, jobs.c.task == STEP_TASK)
    async with database.read() as reader:
        return int((await reader.execute(waiting)).scalar_one())


async def _arrived(feishu_url: str, due: dict[str, datetime]) -> dict[str, datetime]:
    """When each chat was told; what was not told in time counts as told when nobody waits any more."""
    arrived: dict[str, datetime] = {}
    async with ClientSession() as client:

        async def have_all() -> bool:
            messages = await _messages(client, feishu_url)
            arrived.update({each["chat_id"]: datetime.fromisoformat(each["at"]) for each in messages})
            return due.keys() <= arrived.keys()

        await asyncio.sleep((max(due.values()) - SystemClock().now()).total_seconds())
        with suppress(TimeoutError):
            await until_true(have_all, seconds=PATIENCE_SECONDS, pause=0.5)
    return dict.fromkeys(due, SystemClock().now()) | arrived


async def _messages(client: ClientSession, feishu_url: str) -> list[dict[str, Any]]:
    async with client.get(f"{feishu_url}/_control/messages") as answer:
        messages: list[dict[str, Any]] = (await answer.json())["messages"]
        return messages
