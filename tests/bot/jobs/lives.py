"""Real processes over one database: run, killed or stopped for a while, and what they told."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from storage.database import Database
from storage.people.tables import audit

ROOT = Path(__file__).parents[3]


@dataclass(slots=True)
class Lives:
    """One process after the other over the same database, and all that they told."""

    arguments: list[str]
    told: list[str] = field(default_factory=list)

    def keys(self, word: str) -> list[str]:
        """The keys told with ``word``, in order."""
        return [line.partition(" ")[2] for line in self.told if line.startswith(f"{word} ")]

    async def live(self, story: str, until: str = "") -> int:
        """Run a process to its end, or kill it when it tells a line that matches ``until``; the exit code."""
        async with self._process(story) as process:
            await self._listen(process, until)
            if until:
                process.kill()
            await self._listen(process)
        return process.returncode or 0

    async def pause(
        self, story: str, until: str, meanwhile: Callable[[], Awaitable[None]], then: signal.Signals = signal.SIGCONT
    ) -> None:
        """Run a process, but stop it when it tells ``until``; after ``meanwhile`` let it go on, or kill it."""
        async with self._process(story) as process:
            await self._listen(process, until)
            process.send_signal(signal.SIGSTOP)
            try:
                await meanwhile()
            finally:
                process.send_signal(then)
            await self._listen(process)

    @asynccontextmanager
    async def _process(self, story: str) -> AsyncIterator[Process]:
        command = [sys.executable, "-m", "tests.bot.jobs.process", *self.arguments, story]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, cwd=ROOT, env={"PATH": os.environ["PATH"]}
        )
        try:
            async with asyncio.timeout(60):
                yield process
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _listen(self, process: Process, until: str = "") -> None:
        assert process.stdout is not None
        while line := (await process.stdout.readline()).decode().strip():
            self.told.append(line)
            if until and re.fullmatch(until, line):
                return


async def traces_in(database_url: str) -> Counter[str]:
    """How often everything was done."""
    database = Database(database_url)
    async with database.read() as reader:
        commands = (await reader.execute(audit.select())).all()
    await database.close()
    return Counter(row.command for row in commands)
