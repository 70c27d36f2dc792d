"""A real ``zhanggui run`` that can be killed and started again."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aiohttp import ClientError, ClientSession

from bot.control import SOCKET_NAME
from bot.jobs.choice import Role
from tests.waiting import until_true

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 12


@dataclass(slots=True)
class Service:
    """One process with its data in ``folder``; at most one life of it at a time. What it logs is in ``folder/log``."""

    folder: Path
    port: int
    settings: Mapping[str, str]
    role: Role = "all"
    _process: Process | None = None

    @property
    def is_listening(self) -> bool:
        """Whether it opens its port once it runs."""
        return self.role != "worker"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, *, until_ready: bool = True) -> None:
        """Start a process unless one runs. Raises: TimeoutError if it does not become ready."""
        if not self.is_running:
            self._process = await self._begun()
        if until_ready:
            async with ClientSession() as session:
                await until_true(partial(self._is_ready, session), seconds=START_SECONDS, pause=0.01)

    async def _begun(self) -> Process:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"ZHANGGUI_DATA_DIR": str(self.folder), "ZHANGGUI_PORT": str(self.port)}
        with (self.folder / "log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--role", self.role),
                cwd=self.folder,
                env={**kept, "PYTHONPATH": str(ROOT), **self.settings, **own},
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def kill(self) -> None:
        """SIGKILL: no goodbye of any kind."""
        if self._process is not None and self.is_running:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            return await self._process.wait()

    async def _is_ready(self, session: ClientSession) -> bool:
        assert self._process is not None
        if self._process.returncode is not None:
            raise RuntimeError(f"the service ended: {(self.folder / 'log').read_text(encoding='utf-8')[-2000:]}")
        return await (self._answers(session) if self.is_listening else self._is_reached())

    async def _answers(self, session: ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/healthz") as answer:
                return answer.status == 200
        except ClientError:
            return False

    async def _is_reached(self) -> bool:
        """A worker opens its socket last. After a kill the file is there, but nobody behind it."""
        try:
            _, writer = await asyncio.open_unix_connection(self.folder / SOCKET_NAME)
        except OSError:
            return False
        writer.close()
        return True


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
