"""Feishu's long connection as the service sees it: a child process, watched, ended and started again.

The child alone loads the platform's library. It passes events on and acknowledges them when it is told that they are
stored, so whatever happens to it, Feishu sends again what was not acknowledged.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from bot.channels.feishu.long_connection_door import Door
from bot.channels.feishu.long_connection_pipe import LONGEST_MESSAGE, packed, unpacked
from bot.channels.feishu.long_connection_state import Change, Ending, LineState, ended, heard, wait_after
from bot.channels.json_body import Body, Unreadable, text
from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from bot.heavy.frames import LENGTH
from bot.metrics import Metrics

_DYING_SECONDS = 0.2
_CHILD = (sys.executable, "-m", "bot.channels.feishu.long_connection_child")

_log = structlog.get_logger("long_connection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds of this machine's time, and how many events are stored at once."""

    start: float = 120.0
    """Until the first word: the library takes seconds to load, on a busy machine many."""
    silence: float = 20.0
    """Between two words, signs of life included."""
    offline: float = 600.0
    """Without a connection: long enough for the library's own tries."""
    stop: float = 1.0
    at_once: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LongConnectionApp:
    """The app whose events come. ``base_url`` has no path."""

    app_id: str
    app_secret: Secret
    base_url: str


class LongConnection:
    """Keeps one connection open from ``start`` to ``stop``."""

    def __init__(
        self,
        app: LongConnectionApp,
        door: Door,
        *,
        clock: Clock,
        metrics: Metrics,
        program: Sequence[str] = _CHILD,
        limits: Limits | None = None,
    ) -> None:
        self.door = door
        self.state = LineState(since=clock.now())
        self._app = app
        self._clock = clock
        self._metrics = metrics
        self._program = program
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(self._limits.at_once)
        self._answering: set[asyncio.Task[None]] = set()
        self._process: Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._detail = ""

    @property
    def process_id(self) -> int | None:
        """The child's, while there is one."""
        return self._process.pid if self._process else None

    @property
    def trouble(self) -> str:
        """Empty, or while people should know of it ``refused`` or ``disconnected``."""
        if not self.state.is_told_down:
            return ""
        return "refused" if self.state.ending == "refused" else "disconnected"

    def name_bot(self, open_id: str) -> None:
        """From now on, mentions of ``open_id`` address the bot."""
        self.door.bot_open_id = open_id

    def start(self) -> None:
        """Begin to connect."""
        self.state = LineState(since=self._clock.now())
        self._keeping = asyncio.create_task(self._keep(), name="long connection")

    async def stop(self) -> None:
        """Take nothing more, tell what is stored, end the child; within three seconds."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            ending = await self._one_life()
            self._metrics.long_connection_ends.labels(ending).inc()
            state, change = ended(self.state, ending, self._clock.now())
            self._move(state, change)
            await self._clock.sleep(wait_after(self.state).total_seconds())

    async def _one_life(self) -> Ending:
        """Start a child and serve it until it ends or has to be ended."""
        try:
            async with self._child() as process:
                return await self._serve(process)
        except TimeoutError:
            return "hung"
        except Unreadable:
            return "nonsense"
        except (OSError, EOFError):
            return "died"

    async def _serve(self, process: Process) -> Ending:
        assert process.stdin is not None and process.stdout is not None
        secret = self._app.app_secret.reveal()
        credentials = {"app_id": self._app.app_id, "app_secret": secret, "base_url": self._app.base_url}
        process.stdin.write(packed(credentials))
        longest, loop = self._limits.start, asyncio.get_running_loop()
        last_online = loop.time()
        while True:
            async with asyncio.timeout(longest):
                head, content = unpacked(await _frame(process.stdout))
            longest = self._limits.silence
            match head.get("what"):
                case "event":
                    await self._take(process.stdin, head, content)
                case "state":
                    self._hear(bool(head.get("connected")))
                case "refused":
                    self._detail = f"{head.get('code')}: {text(head, 'reason')}"[:200]
                    return "refused"
                case _:
                    raise Unreadable
            if self.state.is_connected:
                last_online = loop.time()
            elif loop.time() - last_online > self._limits.offline:
                return "offline"

    async def _take(self, answers: asyncio.StreamWriter, head: Body, payload: bytes) -> None:
        """Store an event beside the next ones. While too many are being stored, the child is not read."""
        await self._slots.acquire()
        task = asyncio.create_task(self._answer(answers, head.get("number"), payload))
        self._answering.add(task)
        task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        self._slots.release()

    async def _answer(self, answers: asyncio.StreamWriter, number: object, payload: bytes) -> None:
        code, answer = await self.door.take(payload)
        with suppress(ConnectionError):  # the child is gone: Feishu sends the event again, and it is known then
            answers.write(packed({"number": number, "code": code}, answer))
            await answers.drain()

    def _hear(self, is_connected: bool) -> None:
        if is_connected and not (self.state.is_connected or self.state.failures):
            _log.info("long_connection_open")
        state, change = heard(self.state, is_connected=is_connected, now=self._clock.now())
        self._move(state, change)

    def _move(self, state: LineState, change: Change | None) -> None:
        self.state = state
        self._metrics.long_connection_up.set(state.is_connected)
        if change == "down":
            _log.error("long_connection_down", reason=state.ending or "offline", detail=self._detail)
        elif change == "up":
            self._detail = ""
            _log.warning("long_connection_up")

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[Process]:
        """A fresh interpreter, which is gone in the end."""
        process = self._process = await self._spawned()
        try:
            yield process
        except asyncio.CancelledError:
            await self._leave(process)
            raise
        finally:
            self._process = None
            await _end(process)

    async def _spawned(self) -> Process:
        """A started child. One that is not wanted any more as it starts is ended, not forgotten."""
        starting = asyncio.create_task(
            asyncio.create_subprocess_exec(
                *self._program,
                stdin=PIPE,
                stdout=PIPE,
                env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                start_new_session=True,  # Ctrl-C in a terminal is told to the service, which then ends the child
            )
        )
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await _end(await starting)
            raise

    async def _leave(self, process: Process) -> None:
        """Tell what is stored, and let the child pass that on and end by itself."""
        assert process.stdin is not None
        if self._answering:
            await asyncio.wait(self._answering, timeout=self._limits.stop)
        process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.stop):
                await process.wait()


async def _end(process: Process) -> None:
    """Returns once the process is gone and its pipes are closed, even if cancelled meanwhile."""
    closing = asyncio.create_task(_closed(process))
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise


async def _closed(process: Process) -> None:
    """The kill waits a moment: of a child that has just died it would take the end from the loop that watches it."""
    assert process.stdin is not None
    process.stdin.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(_DYING_SECONDS):
            await process.wait()
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()


async def _frame(stream: asyncio.StreamReader) -> bytes:
    length = int.from_bytes(await stream.readexactly(LENGTH), "big")
    if length > LONGEST_MESSAGE:
        raise Unreadable
    return await stream.readexactly(length)
