"""A PostgreSQL server for tests: the one that is named, else a private one from installed binaries."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.engine import make_url

POSTGRES_URL = "ZHANGGUI_TEST_POSTGRES_URL"

_SHAPE = """
SELECT array_agg(table_name || '.' || column_name ORDER BY 1)
FROM information_schema.columns WHERE table_schema = 'public'
"""
_EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
SET lock_timeout = '5s';
SET session_replication_role = replica;  -- foreign keys do not order the deletions
DO $$ DECLARE each record; BEGIN
  FOR each IN SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('public', 'pgqueuer') AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I.%I', each.schemaname, each.tablename);
  END LOOP;
  FOR each IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', each.sequencename);
  END LOOP;
END $$
"""


class Copies:
    """Databases for one test each: copies of ``template``; what a test gives back is emptied for the next one."""

    def __init__(self, server_url: str) -> None:
        self._server = make_url(server_url)
        self._name = f"zhanggui_{uuid4().hex[:12]}"
        self._shape: object = None
        self._spare: list[str] = []
        self._made = 0
        self.template = self._url(self._name)
        self._run(f'CREATE DATABASE "{self._name}"')

    def take(self) -> str:
        """The URL of an empty database of the template's schema."""
        if self._spare:
            return self._spare.pop()
        self._made += 1
        name = f"{self._name}_{self._made}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self._name}"')
        return self._url(name)

    def give_back(self, url: str) -> None:
        """End every use of a database; one whose schema the test changed is dropped."""
        self._shape = self._shape or self._run(_SHAPE, self.template)
        if self._run(_SHAPE, url) == self._shape:
            self._run(_EMPTY, url)
            self._spare.append(url)
        else:
            self._drop(make_url(url).database)

    def drop_all(self) -> None:
        """Leave nothing on the server."""
        for url in [*self._spare, self.template]:
            self._drop(make_url(url).database)

    def _drop(self, name: str | None) -> None:
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str, url: str | None = None) -> object:
        plain = (make_url(url) if url else self._server).set(drivername="postgresql")
        return asyncio.run(_fetch(plain.render_as_string(hide_password=False), statement))


async def _fetch(url: str, statement: str) -> object:
    """The first value of a question; None for statements."""
    connection = await asyncpg.connect(url)
    try:
        if statement is _SHAPE:
            return await connection.fetchval(statement)
        return await connection.execute(statement)
    finally:
        await connection.close()


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
