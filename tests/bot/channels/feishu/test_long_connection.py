"""The child that holds the long connection is watched, and nothing is acknowledged that is not stored."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.feishu.long_connection import Limits, LongConnection, LongConnectionApp
from bot.channels.feishu.long_connection_door import Door
from bot.channels.feishu.long_connection_pipe import packed
from bot.contracts.clock import Clock
from bot.contracts.events import Event
from bot.contracts.secret import Secret
from bot.inbox import Receipt
from bot.metrics import Metrics
from bot.refusals import Refusals
from tests.bot.channels.feishu.acting_child import APP_ID
from tests.bot.channels.made_cards import WORDS
from tests.integrations.http.fakes import HurriedClock, SteppingClock
from tests.tree.source import ROOT
from tests.waiting import meanwhile, until

SECRET = "hush"
APP = LongConnectionApp(app_id=APP_ID, app_secret=Secret(SECRET), base_url="http://127.0.0.1:1")


@dataclass
class Disk:
    """Stores events once it may."""

    is_full: bool = False
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    begun: Counter[str] = field(default_factory=Counter)
    stored: Counter[str] = field(default_factory=Counter)

    async def store(self, event: Event) -> Receipt:
        self.begun[event.keys[0]] += 1
        await self.is_open.wait()
        if self.is_full:
            raise OSError("disk full")
        self.stored[event.keys[0]] += 1
        return Receipt(event.id)


def a_door(disk: Disk, clock: Clock, metrics: Metrics) -> Door:
    return Door(
        app_id=APP_ID,
        accept=disk.store,
        clock=clock,
        new_id=partial(next, map(str, count())),
        words=WORDS,
        metrics=metrics,
        refusals=Refusals(clock),
    )


@dataclass
class Line:
    """A connection whose child acts a part."""

    connection: LongConnection
    disk: Disk
    metrics: Metrics
    notes: Path

    def noted(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def starts(self) -> int:
        return self.noted().count("started")

    def answers(self) -> list[str]:
        return [line for line in self.noted() if line != "started"]

    def endings(self) -> dict[str, float]:
        """How often children ended, by reason."""
        samples = (s for metric in self.metrics.long_connection_ends.collect() for s in metric.samples)
        return {each.labels["reason"]: each.value for each in samples if each.name.endswith("_total")}


Begin = Callable[..., Line]


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """Starts a connection whose child acts ``parts``."""
    begun: list[LongConnection] = []

    def begin_(*parts: str, clock: Clock | None = None, is_open: bool = True, **limits: Any) -> Line:
        notes, disk, metrics, own_clock = tmp_path / "notes", Disk(), Metrics(), clock or SteppingClock()
        if is_open:
            disk.is_open.set()
        connection = LongConnection(
            APP,
            a_door(disk, own_clock, metrics),
            clock=own_clock,
            metrics=metrics,
            program=(sys.executable, "-m", "tests.bot.channels.feishu.acting_child", str(notes), *parts),
            limits=Limits(**limits),
        )
        connection.start()
        begun.append(connection)
        return Line(connection, disk, metrics, notes)

    yield begin_
    for each in begun:
        await each.stop()


async def test_an_event_is_acknowledged_only_after_it_is_stored(begin: Begin) -> None:
    line = begin("connected", "1", "live", is_open=False)
    await until(lambda: bool(line.disk.begun))
    await meanwhile()
    assert line.answers() == []
    line.disk.is_open.set()
    await until(lambda: bool(line.answers()))
    assert line.answers() == ["1 200"]


async def test_what_is_not_stored_is_told_as_such(begin: Begin) -> None:
    line = begin("1", "live", is_open=False)
    line.disk.is_full = True
    line.disk.is_open.set()
    await until(lambda: bool(line.answers()))
    assert line.answers() == ["1 500"]


async def test_a_flood_waits_outside_and_is_stored_once_each(begin: Begin) -> None:
    line = begin("connected", "500", "answered", "live", is_open=False, at_once=8, silence=2.0)
    await until(lambda: line.disk.begun.total() == 8)
    await meanwhile(seconds=2.2)
    assert (line.disk.begun.total(), line.answers()) == (8, [])
    line.disk.is_open.set()
    await until(lambda: len(line.answers()) == 500)
    assert (len(line.disk.stored), set(line.disk.stored.values()), line.starts()) == (500, {1}, 1)


async def test_a_crash_loop_is_said_once_and_waits_grow_to_five_minutes(begin: Begin) -> None:
    clock = SteppingClock()
    with capture_logs() as said:
        line = begin("connected", "die", clock=clock)
        await until(lambda: len(clock.slept) >= 11, seconds=30)
    assert clock.slept[:11] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert [each["event"] for each in said if each["log_level"] == "error"] == ["long_connection_down"]
    assert line.connection.trouble == "disconnected"
    assert set(line.endings()) == {"died"}


async def test_recovery_is_said_once_when_the_connection_holds(begin: Begin) -> None:
    with capture_logs() as said:
        line = begin("thrice", "live", clock=HurriedClock())
        await until(lambda: line.starts() == 4 and not line.connection.trouble)
        await meanwhile()
    assert [each["event"] for each in said if each["log_level"] in ("error", "warning")] == [
        "long_connection_down",
        "long_connection_up",
    ]
    assert line.connection.state.failures == 0


@pytest.mark.parametrize(
    ("parts", "ending"),
    [(("connected", "nonsense"), "nonsense"), (("too-long",), "nonsense"), (("die",), "died")],
)
async def test_a_child_that_is_of_no_use_is_ended_and_another_started(
    begin: Begin, parts: tuple[str, ...], ending: str
) -> None:
    line = begin(*parts)
    await until(lambda: line.starts() >= 2)
    assert set(line.endings()) == {ending}


@pytest.mark.parametrize("parts", [("connected", "hang"), ("hang",)])
async def test_a_child_that_says_nothing_is_ended_and_another_started(begin: Begin, parts: tuple[str, ...]) -> None:
    line = begin(*parts, start=1.0, silence=0.1)
    await until(lambda: line.starts() >= 2)
    assert set(line.endings()) == {"hung"}


async def test_a_refusal_is_said_once_in_the_platforms_words_and_tried_again_much_later(begin: Begin) -> None:
    clock = SteppingClock()
    with capture_logs() as said:
        line = begin("refused", clock=clock)
        await until(lambda: len(clock.slept) >= 2)
    assert line.connection.trouble == "refused"
    assert clock.slept[:2] == [600, 600]
    (told,) = [each for each in said if each["log_level"] == "error"]
    assert (told["reason"], told["detail"]) == ("refused", "514: app secret invalid")
    assert SECRET not in str(said)


async def test_a_stop_tells_what_is_stored_before_the_child_ends(begin: Begin) -> None:
    line = begin("connected", "1", "live", is_open=False)
    await until(lambda: bool(line.disk.begun))
    stopping = asyncio.create_task(line.connection.stop())
    await meanwhile()
    line.disk.is_open.set()
    async with asyncio.timeout(20):
        await stopping
    assert line.answers() == ["1 200"]
    assert line.connection.process_id is None


async def test_a_stop_does_not_wait_for_a_child_that_hangs(begin: Begin) -> None:
    line = begin("connected", "1", "hang", is_open=False, stop=0.1)
    await until(lambda: bool(line.disk.begun))
    async with asyncio.timeout(20):
        await line.connection.stop()
    assert line.connection.process_id is None


def test_the_child_ends_with_the_service_even_while_it_loads_the_library() -> None:
    credentials = packed({"app_id": "cli_a1", "app_secret": SECRET, "base_url": "http://127.0.0.1:1"})
    program = [sys.executable, "-m", "bot.channels.feishu.long_connection_child"]
    done = subprocess.run(program, input=credentials, cwd=ROOT, capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_child_that_is_told_nothing_ends() -> None:
    program = [sys.executable, "-m", "bot.channels.feishu.long_connection_child"]
    done = subprocess.run(program, input=b"", cwd=ROOT, capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (0, b"")
