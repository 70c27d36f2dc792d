"""A PostgreSQL server for tests: the one that is named, else a private one from installed binaries."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

POSTGRES_URL = "ZHANGGUI_TEST_POSTGRES_URL"


@contextmanager
def private_postgres() -> Iterator[str]:
    """The URL of a database on a server that may be used freely. Skips the test if there is no server."""
    named = os.environ.get(POSTGRES_URL)
    if named:
        yield named
        return
    binaries = _binaries()
    if binaries is None:
        pytest.skip(f"no PostgreSQL: set {POSTGRES_URL} or install its server binaries")
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip(f"PostgreSQL does not start as root: set {POSTGRES_URL}")
    # Not below pytest's folder: a second session on the machine takes the server's right to reach it.
    with tempfile.TemporaryDirectory(prefix="zhanggui-postgres-") as folder:
        yield from _started(binaries, Path(folder))


def _binaries() -> Path | None:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = next((folder for folder in candidates if (folder / "initdb").exists()), None)
    on_path = shutil.which("initdb")
    return found or (Path(on_path).parent if on_path else None)


def _started(binaries: Path, folder: Path) -> Iterator[str]:
    data = folder / "data"
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    port = _free_port()
    run = [*as_user, str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres"]
    subprocess.run(run, check=True, capture_output=True)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    control = [*as_user, str(binaries / "pg_ctl"), "-D", str(data)]
    log = str(folder / "log")
    subprocess.run([*control, "-o", options, "-l", log, "-w", "start"], check=True, capture_output=True)
    try:
        yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
