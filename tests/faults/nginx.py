"""A real nginx with the configuration that is shipped, before processes of this machine."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.faults.service import ROOT, free_port

SHIPPED = ROOT / "deploy" / "nginx.conf"
_START_SECONDS, _STOP_SECONDS = 10, 10
_RESOLVER = "  resolver 127.0.0.11 valid=10s;  # Docker's own: replicas come and go\n"
_PEER = "    server web:8080 resolve "
_DOOR = "listen 8080;"


def configuration(port: int, peers: Sequence[str], folder: Path) -> str:
    """The shipped configuration with this machine's addresses instead of Docker's names, and files in ``folder``."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert [text.count(part) for part in (_RESOLVER, _PEER, _DOOR)] == [1, 1, 1]
    parameters = text.partition(_PEER)[2].partition("\n")[0]
    servers = "\n".join(f"    server {peer} {parameters}" for peer in peers)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    files = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in kinds) + f"  access_log {folder}/access.log;\n"
    text = text.replace(_RESOLVER, files).replace(f"{_PEER}{parameters}", servers)
    text = text.replace(_DOOR, f"listen 127.0.0.1:{port};")
    return f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n{text}"


@contextmanager
def nginx(doors: Sequence[str]) -> Iterator[str]:
    """The address of an nginx that passes on to ``doors``. Skips the test if nginx is not installed."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("no nginx: install the package nginx-light")
    port = free_port()
    # Not below pytest's folder, which is closed to the user that nginx's workers take when root starts it.
    with tempfile.TemporaryDirectory(prefix="zhanggui-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        chosen = folder / "nginx.conf"
        chosen.write_text(configuration(port, [door.removeprefix("http://") for door in doors], folder))
        command = [program, "-c", str(chosen), "-e", str(folder / "error.log")]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            _wait_until_it_listens(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def _wait_until_it_listens(port: int, process: "subprocess.Popen[bytes]") -> None:
    ends = monotonic() + _START_SECONDS
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)) and process.poll() is None and monotonic() < ends:
            sleep(0.01)
        probe.getpeername()  # raises OSError if it does not listen
