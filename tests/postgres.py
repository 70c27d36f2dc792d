"""A PostgreSQL server for tests: the one that is named, else a private one from installed binaries."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    with own_server() as server:
        yield server.url


class Server:
    """A private server that can be stopped and started again, always on the same port."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        as_root = os.geteuid() == 0
        self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if as_root else []
        if as_root:
            shutil.chown(folder, "postgres")
        self._binaries, self._folder, self._port = binaries, folder, _free_port()
        self._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres")

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Returns once it answers."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        self._control("-o", options, "-l", str(self._folder / "log"), "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """``fast`` ends every session in order, ``immediate`` is a crash."""
        self._control("-m", mode, "-w", "stop")

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._binaries / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def own_server() -> Iterator[Server]:
    """A started server of one's own, also where one is named. Skips the test if there are no binaries."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip(f"no PostgreSQL: set {POSTGRES_URL} or install its server binaries")
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip(f"PostgreSQL does not start as root: set {POSTGRES_URL}")
    # Not below pytest's folder: a second session on the machine takes the server's right to reach it.
    with tempfile.TemporaryDirectory(prefix="zhanggui-postgres-") as folder:
        server = Server(binaries, Path(folder))
        server.start()
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):  # a test may have stopped it
                server.stop()


def _binaries() -> Path | None:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = next((folder for folder in candidates if (folder / "initdb").exists()), None)
    on_path = shutil.which("initdb")
    return found or (Path(on_path).parent if on_path else None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
