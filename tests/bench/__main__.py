"""``make bench``: measures, prints a table for people and a line per figure for scripts."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench import figures, files, phones, startup, throughput
from tests.bench.report import Figure, show

GROUPS = {
    "startup": startup.startup,
    "latency": figures.latency,
    "ingest": figures.ingest,
    "outbox": throughput.outbox,
    "files": files.files,
    "phones": phones.phones,
}


async def measure(names: list[str]) -> list[Figure]:
    """The named groups of figures, all if none is named."""
    measured: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as folder:
        for name in names or list(GROUPS):
            print(f"measuring {name} …", file=sys.stderr, flush=True)  # noqa: T201
            measured += await GROUPS[name](Path(folder))
    return measured


if __name__ == "__main__":
    show(asyncio.run(measure(sys.argv[1:])))
