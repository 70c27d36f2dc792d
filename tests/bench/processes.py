"""Starting and stopping the processes of a benchmark, and looking into them from outside."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.administration import Administration
from bot.contracts.clock import SystemClock, id_source
from integrations.feishu.simulator import DEMO_APP_ID, DEMO_APP_SECRET, DEMO_ENCRYPT_KEY, DEMO_VERIFICATION_TOKEN
from storage.database import Database
from storage.migrate import migrate

SENDER_ID = "ou_bench_admin"


@dataclass(frozen=True, slots=True)
class Running:
    """A started process; ``word`` is what it said when it was ready (its port or address)."""

    process: asyncio.subprocess.Process
    word: str

    @property
    def resident_mib(self) -> float:
        """Physical memory in use, in MiB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@asynccontextmanager
async def started(
    module: str, *arguments: str, environment: dict[str, str] | None = None, wait: bool = True
) -> AsyncIterator[Running]:
    """Run ``python -m module`` until the context ends. Raises: RuntimeError if it does not become ready.

    Without ``wait`` the caller finds out itself when it is ready.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        env=inherited | (environment or {}),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        word = await _ready(process.stdout, module) if wait else ""
        yield Running(process, word)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _ready(output: asyncio.StreamReader, module: str) -> str:
    async with asyncio.timeout(60):
        while line := (await output.readline()).decode():
            if line.startswith(("port ", "address ")):
                return line.split()[1]
    raise RuntimeError(f"{module} ended before it was ready")


def service_settings(
    folder: Path, *, feishu_url: str, lingxing_url: str = "", database_url: str = ""
) -> dict[str, str]:
    """The environment of a service with its data in ``folder``, in a SQLite file there unless a database is named."""
    own = {
        "ZHANGGUI_DATA_DIR": str(folder),
        "ZHANGGUI_PORT": "0",
        "LOG_LEVEL": "ERROR",
        "FEISHU_APP_ID": DEMO_APP_ID,
        "FEISHU_APP_SECRET": DEMO_APP_SECRET,
        "FEISHU_ENCRYPT_KEY": DEMO_ENCRYPT_KEY,
        "FEISHU_VERIFICATION_TOKEN": DEMO_VERIFICATION_TOKEN,
        "FEISHU_BASE_URL": feishu_url,
        "FEISHU_MODE": "webhook",
    }
    if database_url:
        own["DATABASE_URL"] = database_url
    if lingxing_url:
        own |= {
            "LINGXING_APP_ID": "ak_simulated0000",
            "LINGXING_APP_SECRET": "simulated-secret",
            "LINGXING_BASE_URL": lingxing_url,
        }
    return own


async def new_database(folder: Path, database_url: str = "") -> str:
    """A migrated database with one administrator known as ``SENDER_ID``; its URL."""
    await asyncio.to_thread(folder.mkdir)
    url = database_url or f"sqlite+aiosqlite:///{folder}/zhanggui.db"
    database, clock = Database(url), SystemClock()
    await migrate(database)
    administration = Administration(database=database, clock=clock, new_id=id_source(clock), random_below=lambda n: 0)
    await administration.add_user("bench", ["admin"], [f"feishu:{SENDER_ID}"])
    await database.close()
    return url
