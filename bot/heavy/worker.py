"""The service's end of the child process: started at first use, one request at a time, ended when idle or too slow."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import orjson
import structlog

from bot.channels.markup import sendable
from bot.contracts.card_json import cell_to_json
from bot.contracts.cards import Cell, Table
from bot.contracts.clock import Clock
from bot.heavy.frames import LENGTH, framed

_LONGEST_WORK: Final = timedelta(seconds=60)
_IDLE: Final = timedelta(seconds=60)
_BATCH: Final = 500
_EXACT: Final = 10**15  # beyond it a spreadsheet loses digits
_ZOOM: Final = 2

_log = structlog.get_logger("heavy")


class HeavyWorkFailed(Exception):
    """The file could not be made; the child process is gone and the next request starts a new one."""


class HeavyWorker:
    """Makes pictures and spreadsheets without their libraries, memory or time in this process."""

    def __init__(self, clock: Clock, *, longest: timedelta = _LONGEST_WORK, idle: timedelta = _IDLE) -> None:
        self._clock = clock
        self._longest = longest.total_seconds()
        self._idle_seconds = idle.total_seconds()
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def process_id(self) -> int | None:
        """The child's, while there is one."""
        return self._process.pid if self._process else None

    async def png(self, svg: str) -> bytes:
        """The picture of an SVG, twice its size. Raises: HeavyWorkFailed."""
        return await self._do({"do": "png", "zoom": _ZOOM}, [svg.encode()])

    async def xlsx(self, table: Table, *, title: str, zone: str) -> bytes:
        """The table's rows as a spreadsheet; times are shown in the time zone ``zone``. Raises: HeavyWorkFailed."""
        columns = [
            {"title": sendable(each.title), "kind": each.kind, "precision": max(0, each.precision)}
            for each in table.columns
        ]
        request = {"do": "xlsx", "title": sendable(table.title or title), "columns": columns, "zone": zone}
        return await self._do(request, _batches(table.rows))

    async def close(self) -> None:
        """End the child process, if there is one."""
        if self._ending is not None:
            self._ending.cancel()
        await self._end()

    async def _do(self, request: dict[str, Any], contents: Iterable[bytes]) -> bytes:
        async with self._lock, self._running() as process:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(framed(orjson.dumps(request)))
            for content in contents:
                process.stdin.write(framed(content))
                await process.stdin.drain()
            process.stdin.write(framed(b""))
            await process.stdin.drain()
            told, file = await _frame(process.stdout), await _frame(process.stdout)
            if told != b"ok":
                raise HeavyWorkFailed(told.decode())
            return file

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[Process]:
        """The child process for one request. Whatever goes wrong meanwhile ends it."""
        if self._ending is not None:
            self._ending.cancel()
        is_done = False
        try:
            async with asyncio.timeout(self._longest):
                if self._process is None or self._process.returncode is not None:
                    self._process = await _start()
                yield self._process
            is_done = True
        except (OSError, EOFError) as error:  # also the timeout
            _log.warning("heavy_work_failed", error=type(error).__name__)
            raise HeavyWorkFailed(type(error).__name__) from error
        finally:
            if not is_done:
                await self._end()
        self._ending = asyncio.create_task(self._end_when_idle(), name="heavy idle")

    async def _end_when_idle(self) -> None:
        await self._clock.sleep(self._idle_seconds)
        async with self._lock:
            await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _start() -> Process:
    """A fresh interpreter that knows nothing of this process but where the code is."""
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.heavy.child", stdin=PIPE, stdout=PIPE, env=environment
    )


async def _frame(stream: asyncio.StreamReader) -> bytes:
    length = await stream.readexactly(LENGTH)
    return await stream.readexactly(int.from_bytes(length, "big"))


def _batches(rows: Iterable[tuple[Cell, ...]]) -> Iterator[bytes]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield orjson.dumps([[_cell(cell) for cell in row] for row in batch])


def _cell(cell: Cell) -> Any:
    """A cell for the child: plain text, a number that a spreadsheet keeps exactly, or a tagged value."""
    if isinstance(cell, str):
        return sendable(cell)
    if isinstance(cell, int):
        return cell if abs(cell) < _EXACT else str(cell)
    if isinstance(cell, Decimal):
        return float(cell) if cell.is_finite() and abs(cell) < _EXACT else str(cell)
    if isinstance(cell, datetime | date) or cell is None:
        return cell_to_json(cell)
    return {"level": sendable(cell.label), "tone": cell.tone}
