"""The command line as people run it: real processes, an empty folder, nothing set."""

import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest

PROGRAM = Path(sys.executable).with_name("zhanggui")
LIMIT_SECONDS = 40
KEY = urlsafe_b64encode(bytes(range(32))).decode()
Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


def _environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONUTF8": "1", "ZHANGGUI_DATA_DIR": str(folder / "data"), "COLUMNS": "80", **settings}


@pytest.fixture
def zhanggui(tmp_path: Path) -> Run:
    """Runs ``zhanggui`` with arguments to its end; ``typed`` is its input, other names are settings."""
    return partial(_run_to_its_end, (), tmp_path)


@pytest.fixture
def bound(tmp_path: Path) -> Run:
    """The same for a user whom the modes of files bind, which they do not root."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("no setpriv: root writes to everything")
    unable = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
    return partial(_run_to_its_end, unable if os.geteuid() == 0 else (), tmp_path)


def _run_to_its_end(
    before: tuple[str, ...], folder: Path, *arguments: str, typed: str = "", **settings: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*before, PROGRAM, *arguments],
        input=typed,
        env=_environment(folder, **settings),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """Starts ``zhanggui`` in the background; returns its lines up to the one that begins with ``until``."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str, until: str, **settings: str) -> list[str]:
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            env=_environment(tmp_path, **settings),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith(until):
                return lines
        raise AssertionError("\n".join(lines))

    yield start
    for process in processes:
        process.terminate()
        process.communicate(timeout=LIMIT_SECONDS)
    assert [process.returncode for process in processes] == [0] * len(processes)
