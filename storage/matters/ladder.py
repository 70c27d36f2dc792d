"""The ladder: its rungs as the team wants them, its steps per matter, who is on duty, and where alarms go."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from storage.database import Reader, Transaction
from storage.matters.rows import STEP_TASK, Rung, Step, StepState
from storage.matters.tables import alarm_chats, ladder_rungs, ladder_steps, roster
from storage.upsert import insert_into


async def add_steps(tx: Transaction, steps: Iterable[Step]) -> None:
    """Store steps, each with the job that fires it; those that are there already stay as they are."""
    for step in steps:
        statement = insert_into(ladder_steps, tx).values(asdict(step)).on_conflict_do_nothing()
        if (await tx.execute(statement)).rowcount == 1:
            await submit_step(tx, step, step.due_at)


async def submit_step(tx: Transaction, step: Step, run_at: datetime) -> None:
    """Let the step be looked at then; firing it twice is prevented by its row."""
    payload = {"matter": step.matter, "position": step.position}
    key = f"matter:{step.matter}:step:{step.position}:{run_at.isoformat()}"
    await tx.submit(STEP_TASK, payload, key=key, run_at=run_at)


async def load_step(reader: Reader, matter: int, position: int) -> Step | None:
    """One step, or None. Note: whoever changes it has locked its matter."""
    same = (ladder_steps.c.matter == matter, ladder_steps.c.position == position)
    row = (await reader.execute(select(ladder_steps).where(*same))).one_or_none()
    return None if row is None else _step(row)


async def list_steps(reader: Reader, matter: int) -> tuple[Step, ...]:
    """The matter's steps, in order."""
    mine = select(ladder_steps).where(ladder_steps.c.matter == matter).order_by(ladder_steps.c.position)
    return tuple(_step(row) for row in await reader.execute(mine))


async def next_pending(reader: Reader, matter: int) -> Step | None:
    """The first step that may still fire."""
    pending = select(ladder_steps).where(ladder_steps.c.matter == matter, ladder_steps.c.state == "pending")
    row = (await reader.execute(pending.order_by(ladder_steps.c.position).limit(1))).one_or_none()
    return None if row is None else _step(row)


async def is_climbing(reader: Reader, matter: int) -> bool:
    """True while the matter will call somebody: the last step of every round is a reminder."""
    mine = (ladder_steps.c.matter == matter, ladder_steps.c.state == "pending", ladder_steps.c.how == "remind")
    return (await reader.execute(select(ladder_steps.c.position).where(*mine).limit(1))).first() is not None


async def last_position(reader: Reader, matter: int) -> int:
    """The position of the matter's last step, -1 if it has none."""
    newest = select(func.max(ladder_steps.c.position)).where(ladder_steps.c.matter == matter)
    found = (await reader.execute(newest)).scalar_one()
    return -1 if found is None else int(found)


async def end_step(tx: Transaction, step: Step, state: StepState, *, reason: str = "", now: datetime) -> None:
    """The step has fired, was held, or never will fire."""
    same = (ladder_steps.c.matter == step.matter, ladder_steps.c.position == step.position)
    values = {"state": state, "reason": reason, "done_at": now}
    await tx.execute(update(ladder_steps).where(*same).values(values))


async def list_rungs(reader: Reader) -> tuple[Rung, ...]:
    """The team's own ladder; empty if it wants the usual one."""
    rows = await reader.execute(select(ladder_rungs).order_by(ladder_rungs.c.position))
    return tuple(Rung(**row._mapping) for row in rows)


async def replace_rungs(tx: Transaction, rungs: Iterable[Rung]) -> None:
    """From now on new matters climb these rungs."""
    await tx.execute(delete(ladder_rungs))
    if rows := [asdict(rung) for rung in rungs]:
        await tx.execute(insert(ladder_rungs), rows)


async def list_alarm_chats(reader: Reader) -> tuple[tuple[str, str], ...]:
    """(channel, chat id) of the chats that get the cards of matters."""
    rows = await reader.execute(select(alarm_chats.c.channel, alarm_chats.c.chat_id).order_by(*alarm_chats.c[:2]))
    return tuple((channel, chat_id) for channel, chat_id in rows.all())


async def set_alarm_chat(tx: Transaction, channel: str, chat_id: str, *, wanted: bool, by: str, now: datetime) -> None:
    """Let a chat get the cards of matters, or not."""
    same = (alarm_chats.c.channel == channel, alarm_chats.c.chat_id == chat_id)
    await tx.execute(delete(alarm_chats).where(*same))
    if wanted:
        await tx.execute(insert(alarm_chats), {"channel": channel, "chat_id": chat_id, "set_by": by, "set_at": now})


async def list_roster(reader: Reader) -> dict[int, tuple[str, ...]]:
    """Person ids by weekday (0 is Monday); days with nobody are left out."""
    rows = await reader.execute(select(roster).order_by(roster.c.weekday, roster.c.person_id))
    found: dict[int, tuple[str, ...]] = {}
    for weekday, person_id in rows.all():
        found[weekday] = (*found.get(weekday, ()), person_id)
    return found


async def set_roster(tx: Transaction, weekdays: Collection[int], person_ids: Collection[str]) -> None:
    """From now on these people, and nobody else, are on duty on these days."""
    await tx.execute(delete(roster).where(roster.c.weekday.in_(weekdays)))
    rows = [{"weekday": day, "person_id": person_id} for day in weekdays for person_id in person_ids]
    if rows:
        await tx.execute(insert(roster), rows)


def _step(row: Row[*tuple[Any, ...]]) -> Step:
    return Step(**row._mapping)
