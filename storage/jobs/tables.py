"""Durable work and the last tick of each schedule."""

from sqlalchemy import Boolean, Column, Index, SmallInteger, String, Table, Text, text

from storage.schema import Json, Moment, metadata

WAITING, RUNNING, DONE, DEAD = 0, 1, 2, 3

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("task", Text, nullable=False),
    Column("lane", Text),
    Column("payload", Json, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("run_at", Moment, nullable=False),  # the place in the lane
    Column("due_at", Moment, nullable=False),  # not started earlier; later than run_at while a retry waits
    Column("holds_lane", Boolean, nullable=False),
    Column("attempt", SmallInteger, nullable=False),  # failed tries so far
    Column("starts", SmallInteger, nullable=False),  # starts since the last orderly end: a crash leaves it raised
    Column("first_started_at", Moment),
    Column("finished_at", Moment),
    Column("error", Text, nullable=False),
)
Index("ix_jobs_waiting", jobs.c.run_at, jobs.c.id, sqlite_where=text("state = 0"), postgresql_where=text("state = 0"))
Index("ix_jobs_due", jobs.c.due_at, sqlite_where=text("state = 0"), postgresql_where=text("state = 0"))
Index("ix_jobs_open", jobs.c.state, sqlite_where=text("state IN (1, 3)"), postgresql_where=text("state IN (1, 3)"))
_HELD = text("state = 0 AND holds_lane")
Index("ix_jobs_held", jobs.c.lane, sqlite_where=_HELD, postgresql_where=_HELD)
Index("ix_jobs_finished", jobs.c.finished_at, sqlite_where=text("state = 2"), postgresql_where=text("state = 2"))

schedule_ticks = Table(
    "schedule_ticks",
    metadata,
    Column("schedule", Text, primary_key=True),
    Column("slot", Moment, nullable=False),
)
