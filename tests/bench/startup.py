"""How soon the service answers, and what it needs while nothing happens."""

import asyncio
import socket
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.bench.processes import Running, new_database, service_settings, started
from tests.bench.report import Figure

ROUNDS = 5
IDLE_SECONDS = 3


async def startup(folder: Path) -> list[Figure]:
    """``zhanggui run`` on a migrated SQLite database: first answered request, resident memory when idle."""
    times, memory = [], []
    async with started("tests.bench.platform", "feishu") as feishu:
        for number in range(ROUNDS):
            own = folder / f"startup{number}"
            await new_database(own)
            port = _free_port()
            settings = service_settings(own, feishu_url=feishu.word) | {"ZHANGGUI_PORT": str(port)}
            began = perf_counter()
            async with started("bot", "run", environment=settings, wait=False) as service:
                await _first_answer(port)
                times.append(perf_counter() - began)
                memory.append(await _idle_memory(service))
    return [
        Figure("startup_seconds", median(times), "<=", 1.0, f"median of {ROUNDS}, worst {max(times):.2f}"),
        Figure("idle_memory_mib", median(memory), "<=", 120, f"after {IDLE_SECONDS} s idle, worst {max(memory):.0f}"),
    ]


async def _idle_memory(service: Running) -> float:
    await asyncio.sleep(IDLE_SECONDS)
    return service.resident_mib


async def _first_answer(port: int) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
            continue
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        status = await reader.readline()
        writer.close()
        assert b"200" in status, status
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
