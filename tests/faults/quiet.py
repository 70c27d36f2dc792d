"""When a service has nothing left to do."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from storage.database import Reader
from storage.jobs.store import backlog
from storage.jobs.tables import WAITING, jobs
from storage.matters.rows import STEP_TASK

_HORIZON = timedelta(minutes=30)


async def is_quiet(reader: Reader, now: datetime) -> bool:
    """Nothing runs and nothing is to be done, now or in the next minutes, but for ladders whose time has not come."""
    left = await backlog(reader, now=now + _HORIZON)
    soon = jobs.c.due_at.between(now, now + _HORIZON)
    climbing = select(func.count()).where(jobs.c.state == WAITING, jobs.c.task == STEP_TASK, soon)
    return left.waiting == (await reader.execute(climbing)).scalar_one() and not left.running
