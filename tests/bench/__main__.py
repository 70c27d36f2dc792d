"""``make bench``: measures, prints a table for people and a line per figure for scripts."""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from tests.bench import figures, files, orders, phones, startup, throughput, timers, workers
from tests.bench.report import Figure, show

GROUPS = {
    "startup": startup.startup,
    "latency": figures.latency,
    "ingest": figures.ingest,
    "outbox": throughput.outbox,
    "files": files.files,
    "phones": phones.phones,
    "postgres": figures.postgres,
    "workers": workers.workers,
    "timers": timers.timers,
    "orders": orders.orders,
    "order-ingest": orders.order_ingest,
}


async def measure(names: list[str]) -> list[Figure]:
    """The named groups of figures, all if none is named."""
    measured: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as folder:
        for name in names or list(GROUPS):
            print(f"measuring {name} …", file=sys.stderr, flush=True)  # noqa: T201
            measured += await GROUPS[name](Path(folder))
    return measured


def machine_ms() -> float:
    """What five million additions take here and now; figures of machines, and of hours, are compared by it."""
    began, total = perf_counter(), 0
    for number in range(5_000_000):
        total += number
    return (perf_counter() - began) * 1000


def processor_ticks() -> tuple[int, int]:
    """Since the machine started: what the host of a rented machine gave to others while we wanted it, and all."""
    stat = Path("/proc/stat")
    ticks = [int(each) for each in stat.read_text().split("\n", 1)[0].split()[1:9]] if stat.exists() else []
    return (ticks[7], sum(ticks)) if len(ticks) == 8 else (0, 0)


def machine(speeds: Sequence[float], since: tuple[int, int]) -> str:
    """What the figures were measured on, in one line."""
    taken, passed = (now - then for now, then in zip(processor_ticks(), since, strict=True))
    share = 100 * taken / max(1, passed)
    additions = f"five million additions in {speeds[0]:.0f} ms before and {speeds[1]:.0f} ms after"
    return f"machine: {additions}; {share:.0f} % of the processors' time went to others on its host"


if __name__ == "__main__":
    before, since = machine_ms(), processor_ticks()
    show(asyncio.run(measure(sys.argv[1:])))
    print(machine((before, machine_ms()), since))  # noqa: T201
